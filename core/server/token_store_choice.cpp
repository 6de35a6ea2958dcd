#include "server/token_store_choice.hpp"

#include <gatehouse/settings.hpp>

#include "server/server.hpp"
#include "tokens/file_token_store.hpp"
#include "tokens/sqlite_token_store.hpp"

namespace gatehouse {

TokenStoreChoice tokenStoreChoice(const Config& config, const std::filesystem::path& executableFolder) {
    const std::string& text = config.auth.tokenStore;
    if (text.empty()) return {TokenStoreChoice::Kind::file, tokenFileOf(config, executableFolder)};
    const std::size_t colon = text.find(':');
    const std::string kind = text.substr(0, colon), path = colon == std::string::npos ? "" : text.substr(colon + 1);
    if (!path.empty() && kind == "file") return {TokenStoreChoice::Kind::file, path};
    if (!path.empty() && kind == "sqlite") return {TokenStoreChoice::Kind::sqlite, path};
    throw SettingsError("auth.tokens.store: expected file:PATH or sqlite:PATH, got \"" + text + "\"");
}

std::unique_ptr<TokenStore> tokenStoreOf(const Config& config, const std::filesystem::path& executableFolder,
                                         const Clock& clock, Log& log, Telemetry& telemetry) {
    TokenStoreChoice choice = tokenStoreChoice(config, executableFolder);
    if (choice.kind == TokenStoreChoice::Kind::sqlite)
        return std::make_unique<SqliteTokenStore>(std::move(choice.path), clock, log, telemetry);
    return std::make_unique<FileTokenStore>(std::move(choice.path), clock, log, telemetry);
}

} // namespace gatehouse
