#include "tokens/sqlite_token_store.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "unit/tokens/token_store_contract.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct SqliteSite final : TokenStoreSite {
    std::unique_ptr<TokenStore> open() override {
        return std::make_unique<SqliteTokenStore>((folder.path() / "tokens.db").string(), clock, log.log, telemetry);
    }
    ScratchFolder folder;
};

} // namespace

TEST_CASE("an SQLite store passes the contract of every token store") {
    tokenStoreContract([] { return std::make_unique<SqliteSite>(); });
}
