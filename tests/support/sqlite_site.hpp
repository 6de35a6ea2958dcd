// An SQLite token store in a folder of its own, loaded, under a clock that tests turn.
#pragma once

#include <memory>
#include <string>

#include "support/counting_telemetry.hpp"
#include "support/kept_log.hpp"
#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"
#include "tokens/sql_token_store.hpp"
#include "tokens/sqlite_database.hpp"
#include "tokens/token_refusals.hpp"

namespace gatehouse::test {

struct SqliteSite {
    SqliteSite() { store.load(); }
    // A token that was made now, with its text.
    TokenEntry add(const std::string& id, const std::string& text, WallTime expiresAt = never) {
        TokenEntry entry = sampleEntry(id, text, expiresAt);
        entry.record.createdAt = now();
        store.add(entry);
        return entry;
    }
    WallTime now() const { return std::chrono::floor<std::chrono::seconds>(clock.wall()); }

    ScratchFolder folder;
    TurnableClock clock;
    KeptLog log;
    CountingTelemetry telemetry;
    SqlTokenStore store{std::make_unique<SqliteSource>(folder.file("tokens.db")),
                        SqlStoreDeps{.clock = clock, .log = log.log, .telemetry = telemetry}};
    SqliteSource useSource{folder.file("use.db"), SqliteDatabase::Sync::normal};
    TokenRefusals refusals{useSource, clock, [](const TokenRefusals::RefusedText&) { return std::nullopt; }};
};

} // namespace gatehouse::test
