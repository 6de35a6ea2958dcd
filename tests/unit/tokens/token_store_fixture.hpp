// Where a test of a store works: a source of its own, stores over it, and what is asked of them again and again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "support/counting_telemetry.hpp"
#include "support/kept_log.hpp"
#include "support/turnable_clock.hpp"
#include "tokens/token_rotation.hpp"

namespace gatehouse::test {

// A source of its own, and stores over it.
struct TokenStoreSite {
    virtual ~TokenStoreSite() = default;
    // Another store over the same source, as another process has.
    virtual std::unique_ptr<TokenStore> open() = 0;

    TurnableClock clock;
    KeptLog log;
    CountingTelemetry telemetry;
};

class TokenStoreFixture {
protected:
    using hours = std::chrono::hours;

public:
    explicit TokenStoreFixture(std::unique_ptr<TokenStoreSite> site)
        : site_(std::move(site)), store_(site_->open()),
          start_(std::chrono::floor<std::chrono::seconds>(site_->clock.wall())) {
        store_->add(entry("first", "one")); // the first makes the source
        store_->whenChanged(
            [this](const std::vector<std::string>& ids) { told_.insert(told_.end(), ids.begin(), ids.end()); });
        store_->load();
    }

protected:
    TokenEntry entry(const std::string& id, const std::string& text, WallTime expiresAt = never) const {
        TokenEntry entry;
        entry.record.id = id;
        entry.record.note = "note of " + id;
        entry.record.createdAt = start_;
        entry.record.expiresAt = expiresAt;
        entry.digest = sha256(text);
        return entry;
    }
    std::optional<std::string> noteOf(const std::string& text) const {
        const auto found = store_->find(sha256(text));
        const auto* record = std::get_if<TokenRecord>(&found);
        return record ? std::optional(record->note) : std::nullopt;
    }
    std::optional<GoneToken::Why> goneOf(const std::string& text) const {
        const auto gone = store_->findGone(sha256(text));
        return gone ? std::optional(gone->why) : std::nullopt;
    }
    bool rotate(const std::string& id, const std::string& text, std::chrono::seconds overlap = {}) {
        return rotateToken(*store_, id, {.fresh = sha256(text), .overlap = overlap}, site_->clock.wall());
    }
    bool revoke(const std::string& id, const std::string& because = "") {
        return store_->revoke({id}, because) == std::vector<std::string>{id};
    }
    std::vector<std::string> ids() const {
        std::vector<std::string> out;
        for (const TokenEntry& one : store_->list()) out.push_back(one.record.id);
        return out;
    }
    std::vector<std::string> visited(const std::string& owner) const {
        std::vector<std::string> out;
        store_->visit(owner, [&](TokenEntry& one) { out.push_back(one.record.id); });
        return out;
    }
    TokenMatch matchOf(const std::string& text) const {
        const auto found = store_->match(sha256(text));
        REQUIRE(std::holds_alternative<TokenMatch>(found));
        return std::get<TokenMatch>(found);
    }
    static bool comes(const std::function<bool()>& seen) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!seen() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        return seen();
    }

    std::vector<std::string> told_; // outlives the store, which tells from a thread of its own
    const std::unique_ptr<TokenStoreSite> site_;
    const std::unique_ptr<TokenStore> store_;
    const WallTime start_;
};

} // namespace gatehouse::test
