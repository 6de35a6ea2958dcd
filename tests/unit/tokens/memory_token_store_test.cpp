// A second kind of token store, in memory, so that the contract is held by more than the file that it was written
// beside.
#include <algorithm>
#include <mutex>
#include <set>

#include <catch2/catch.hpp>

#include "unit/tokens/token_store_contract.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

class MemoryTokenStore;

// What several stores share, as several processes share a file.
struct Source {
    std::mutex mutex; // guards the members
    std::vector<TokenEntry> tokens;
    std::vector<GoneToken> gone;
    std::set<MemoryTokenStore*> watching;
};

class MemoryTokenStore final : public TokenStore {
public:
    MemoryTokenStore(std::shared_ptr<Source> source, const Clock& clock) : source_(std::move(source)), clock_(clock) {}
    ~MemoryTokenStore() override {
        const std::lock_guard lock(source_->mutex);
        source_->watching.erase(this);
    }

    std::vector<std::string> check() const override { return {}; }
    void load(Access access) override {
        const std::lock_guard lock(source_->mutex);
        isLoaded_ = true;
        if (access == Access::write) retireExpired(source_->tokens, source_->gone);
        takeOver();
    }
    void whenChanged(Changed changed) override { changed_ = std::move(changed); }
    void watch() override {
        const std::lock_guard lock(source_->mutex);
        source_->watching.insert(this);
    }
    void lookNow() override {
        const std::lock_guard lock(source_->mutex);
        takeOver();
    }

    TokenLookup find(const Sha256& digest) const override {
        const std::lock_guard lock(mutex_);
        const auto found = tokens_.find(digest);
        return found == tokens_.end() ? TokenLookup(TokenUnknown{}) : found->second.record;
    }
    std::optional<GoneToken> findGone(const Sha256& digest) const override {
        const std::lock_guard lock(mutex_);
        const auto found = gone_.find(digest);
        return found == gone_.end() || tokens_.count(digest) != 0 ? std::nullopt : std::optional(found->second);
    }
    std::uint64_t generation() const override {
        const std::lock_guard lock(mutex_);
        return changes_.size();
    }
    TokenChanges changesSince(std::uint64_t generation) const override {
        const std::lock_guard lock(mutex_);
        TokenChanges out;
        for (std::size_t i = generation; i < changes_.size(); ++i)
            out.gone.insert(out.gone.end(), changes_[i].begin(), changes_[i].end());
        return out;
    }
    bool healthy() const override { return true; }
    const std::string& name() const override { return name_; }

    std::vector<TokenEntry> list() const override {
        const std::lock_guard lock(source_->mutex);
        return source_->tokens;
    }
    void add(const TokenEntry& entry) override {
        write([&](std::vector<TokenEntry>& tokens, std::vector<GoneToken>&) {
            for (const TokenEntry& other : tokens)
                if (other.record.id == entry.record.id || other.digest == entry.digest)
                    throw TokenStoreError("memory: is there already");
            tokens.push_back(entry);
            return true;
        });
    }
    bool change(const std::string& id, const std::function<void(TokenRecord&)>& change) override {
        return write([&](std::vector<TokenEntry>& tokens, std::vector<GoneToken>&) {
            const auto at = entryOf(tokens, id);
            if (at != tokens.end()) change(at->record);
            return at != tokens.end();
        });
    }
    bool rotate(const std::string& id, const Sha256& fresh) override {
        return write([&](std::vector<TokenEntry>& tokens, std::vector<GoneToken>& gone) {
            const auto at = entryOf(tokens, id);
            if (at == tokens.end()) return false;
            for (const TokenEntry& other : tokens)
                if (other.digest == fresh) throw TokenStoreError("memory: the text is there already");
            gone.push_back(goneFrom(*at, GoneToken::Why::removed, clock_.wall()));
            at->digest = fresh;
            return true;
        });
    }
    bool revoke(const std::string& id) override { return takeOut(id, true); }
    bool withdraw(const std::string& id) override { return takeOut(id, false); }

private:
    using Tokens = std::vector<TokenEntry>;
    static Tokens::iterator entryOf(Tokens& tokens, const std::string& id) {
        return std::find_if(tokens.begin(), tokens.end(), [&](const TokenEntry& one) { return one.record.id == id; });
    }
    bool takeOut(const std::string& id, bool isRemembered) {
        return write([&](Tokens& tokens, std::vector<GoneToken>& gone) {
            const auto at = entryOf(tokens, id);
            if (at == tokens.end()) return false;
            if (isRemembered) gone.push_back(goneFrom(*at, GoneToken::Why::removed, clock_.wall()));
            tokens.erase(at);
            return true;
        });
    }
    // Whoever watches takes the change over; so does this store.
    template <class Work>
    bool write(const Work& work) {
        const std::lock_guard lock(source_->mutex);
        if (!work(source_->tokens, source_->gone)) return false;
        if (isLoaded_) takeOver();
        for (MemoryTokenStore* other : source_->watching)
            if (other != this) other->takeOver();
        return true;
    }
    void retireExpired(Tokens& tokens, std::vector<GoneToken>& gone) const {
        for (const TokenEntry& one : tokens)
            if (isExpired(one.record, clock_.wall()))
                gone.push_back(goneFrom(one, GoneToken::Why::expired, clock_.wall()));
        std::erase_if(tokens, [&](const TokenEntry& one) { return isExpired(one.record, clock_.wall()); });
    }
    // With the source's lock held.
    void takeOver() {
        Tokens tokens = source_->tokens;
        std::vector<GoneToken> gone = source_->gone;
        if (!hasTokens_) retireExpired(tokens, gone);
        std::vector<std::string> ids;
        {
            const std::lock_guard lock(mutex_);
            TokenMap fresh;
            for (const TokenEntry& one : tokens) fresh.emplace(one.digest, one);
            for (const auto& [digest, entry] : tokens_)
                if (const auto still = fresh.find(digest);
                    still == fresh.end() || still->second.record.expiresAt != entry.record.expiresAt)
                    ids.push_back(entry.record.id);
            tokens_ = std::move(fresh);
            for (const GoneToken& one : gone) gone_.insert_or_assign(one.digest, one);
            changes_.push_back(ids);
            hasTokens_ = true;
        }
        if (changed_) changed_(ids);
    }

    const std::shared_ptr<Source> source_;
    const Clock& clock_;
    const std::string name_ = "memory";
    Changed changed_;
    bool isLoaded_ = false;
    bool hasTokens_ = false;
    mutable std::mutex mutex_; // guards what is in force
    TokenMap tokens_;
    GoneMap gone_;
    std::vector<std::vector<std::string>> changes_;
};

struct MemorySite final : TokenStoreSite {
    std::unique_ptr<TokenStore> open() override { return std::make_unique<MemoryTokenStore>(source, clock); }
    const std::shared_ptr<Source> source = std::make_shared<Source>();
};

} // namespace

TEST_CASE("a store in memory passes the contract of every token store") {
    tokenStoreContract([] { return std::make_unique<MemorySite>(); });
}
