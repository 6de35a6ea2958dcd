// The issuer's public keys as files, for validators that read files. The folder is gone with this.
// Threads: one.
#pragma once

#include <filesystem>
#include <string>

#include "kit/kit_issuer.hpp"

namespace gatehouse::kit {

class ScratchFiles {
public:
    ScratchFiles();
    ~ScratchFiles();
    ScratchFiles(const ScratchFiles&) = delete;
    ScratchFiles& operator=(const ScratchFiles&) = delete;

    // Throws std::runtime_error when they cannot be written.
    void write(const KitIssuer& issuer) const;
    std::string keySet() const { return (folder_ / "jwks.json").string(); }
    std::string publicKey() const { return (folder_ / "public.pem").string(); }

private:
    std::filesystem::path folder_;
};

} // namespace gatehouse::kit
