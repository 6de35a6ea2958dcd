// Certificates for one test, made by the openssl command.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "support/scratch_folder.hpp"

namespace gatehouse::test {

struct OwnCertificate {
    OwnCertificate(const ScratchFolder& folder, const std::string& name)
        : certificate(folder.file(name + ".pem")), key(folder.file(name + ".key")) {
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
            "-subj /CN=localhost -keyout " +
            key + " -out " + certificate + " 2>/dev/null";
        if (std::system(command.c_str()) != 0) throw std::runtime_error("the openssl command failed");
    }
    const std::string certificate, key;
};

} // namespace gatehouse::test
