#include "server/token_store_choice.hpp"

#include <gatehouse/settings.hpp>

#include "server/server.hpp"
#include "tokens/file_token_store.hpp"
#include "tokens/postgres_database.hpp"
#include "tokens/sql_token_store.hpp"
#include "tokens/sqlite_database.hpp"

namespace gatehouse {

namespace {

using Kind = TokenStoreChoice::Kind;

std::unique_ptr<const SqlSource> sourceOf(const TokenStoreChoice& choice) {
    if (choice.kind == Kind::postgres) return std::make_unique<PostgresSource>(choice.place);
    return std::make_unique<SqliteSource>(choice.place);
}

// No password in what is said of it.
std::string kindIn(const std::string& text) { return text.substr(0, text.find(':')); }

} // namespace

TokenStoreChoice tokenStoreChoice(const Config& config, const std::filesystem::path& executableFolder) {
    const std::string& text = config.auth.tokenStore;
    if (text.empty()) {
        const std::string file = tokenFileOf(config, executableFolder);
        return {Kind::file, file, file};
    }
    const std::size_t colon = text.find(':');
    const std::string kind = kindIn(text), path = colon == std::string::npos ? "" : text.substr(colon + 1);
    if (!path.empty() && kind == "file") return {Kind::file, path, path};
    if (!path.empty() && kind == "sqlite") return {Kind::sqlite, path, path};
    if (kind == "postgresql" || kind == "postgres") return {Kind::postgres, text, PostgresSource(text).name()};
    throw SettingsError("auth.tokens.store: expected file:PATH, sqlite:PATH or postgresql://..., got \"" + kind +
                        (colon == std::string::npos ? "\"" : ":...\""));
}

std::unique_ptr<TokenStore> tokenStoreOf(const Config& config, const std::filesystem::path& executableFolder,
                                         const Clock& clock, Log& log, Telemetry& telemetry) {
    TokenStoreChoice choice = tokenStoreChoice(config, executableFolder);
    if (choice.kind == Kind::file)
        return std::make_unique<FileTokenStore>(std::move(choice.place), clock, log, telemetry);
    const auto grace = std::chrono::milliseconds(static_cast<std::int64_t>(config.auth.storeGraceSeconds * 1000));
    return std::make_unique<SqlTokenStore>(
        sourceOf(choice), SqlStoreDeps{.clock = clock, .log = log, .telemetry = telemetry, .grace = grace});
}

std::unique_ptr<const SqlSource> usageSourceOf(const Config& config, const std::filesystem::path& executableFolder) {
    const TokenStoreChoice choice = tokenStoreChoice(config, executableFolder);
    if (choice.kind == Kind::postgres) return sourceOf(choice);
    return std::make_unique<SqliteSource>(choice.place + ".usage", SqliteDatabase::Sync::normal);
}

} // namespace gatehouse
