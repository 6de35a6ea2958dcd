// Which token store the settings choose, and where what is kept beside it lies. Threads: any; nothing is kept.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "config/config.hpp"
#include "tokens/sql_database.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

struct TokenStoreChoice {
    enum class Kind { file, sqlite, postgres };
    Kind kind = Kind::file;
    std::string place; // a path, or a URL, which may hold a password
    std::string name;  // for people
};

// Throws SettingsError for a store that is none.
TokenStoreChoice tokenStoreChoice(const Config& config, const std::filesystem::path& executableFolder);
// The store that they name; nothing is read yet. Here a further kind is chosen.
std::unique_ptr<TokenStore> tokenStoreOf(const Config& config, const std::filesystem::path& executableFolder,
                                         const Clock& clock, Log& log, Telemetry& telemetry);
// Where use, refusals and limits are counted: beside a file, as NAME.usage; else where the tokens are.
std::unique_ptr<const SqlSource> usageSourceOf(const Config& config, const std::filesystem::path& executableFolder);

} // namespace gatehouse
