// Which token store the settings choose. Threads: any; nothing is kept.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "config/config.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

struct TokenStoreChoice {
    enum class Kind { file, sqlite };
    Kind kind = Kind::file;
    std::string path;
};

// Throws SettingsError for a store that is none.
TokenStoreChoice tokenStoreChoice(const Config& config, const std::filesystem::path& executableFolder);
// The store that they name; nothing is read yet. Here a further kind is chosen.
std::unique_ptr<TokenStore> tokenStoreOf(const Config& config, const std::filesystem::path& executableFolder,
                                         const Clock& clock, Log& log, Telemetry& telemetry);

} // namespace gatehouse
