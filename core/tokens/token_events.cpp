#include "tokens/token_events.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "base/random.hpp"
#include "base/time_text.hpp"
#include "tokens/token_fields.hpp"
#include "tokens/token_tables.hpp"
#include "tokens/token_view.hpp"

namespace gatehouse {

namespace {

constexpr const char* eventTables = R"(
CREATE TABLE IF NOT EXISTS noticed (token TEXT PRIMARY KEY, generation BIGINT NOT NULL, suspended BIGINT NOT NULL) {flat};
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) {flat};
CREATE TABLE IF NOT EXISTS reminders (
  token TEXT NOT NULL, ends BIGINT NOT NULL, days BIGINT NOT NULL, PRIMARY KEY (token, ends, days)
) {flat};
CREATE TABLE IF NOT EXISTS networks (token TEXT NOT NULL, network TEXT NOT NULL, PRIMARY KEY (token, network)) {flat};
CREATE TABLE IF NOT EXISTS deliveries (
  number {key}, url TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL, tries BIGINT NOT NULL, due BIGINT NOT NULL
);
)";

constexpr std::array kindNames{std::pair(TokenEventKind::created, "token.created"),
                               std::pair(TokenEventKind::rotated, "token.rotated"),
                               std::pair(TokenEventKind::revoked, "token.revoked"),
                               std::pair(TokenEventKind::leaked, "token.leaked"),
                               std::pair(TokenEventKind::suspended, "token.suspended"),
                               std::pair(TokenEventKind::expiring, "token.expiring"),
                               std::pair(TokenEventKind::firstUseFromNewNetwork, "token.first_use_from_new_network")};

constexpr std::string_view namesPrefix = "token.";
constexpr std::chrono::hours rememberedFor{31 * 24}; // a day longer than the store does

void defineEvents(SqlDatabase& database) {
    database.transaction([&] { database.define(eventTables); });
}

bool isLeak(const std::string& because) { return because.rfind("leaked", 0) == 0; }

} // namespace

std::string_view eventName(TokenEventKind kind) {
    const auto* const found =
        std::find_if(kindNames.begin(), kindNames.end(), [&](const auto& one) { return one.first == kind; });
    return found->second;
}

std::optional<TokenEventKind> tokenEventFrom(std::string_view name) {
    for (const auto& [kind, whole] : kindNames)
        if (name == whole || name == std::string_view(whole).substr(namesPrefix.size())) return kind;
    return std::nullopt;
}

std::string networkOf(std::string_view address) {
    const std::string text(address);
    std::array<char, INET6_ADDRSTRLEN> out{};
    in_addr four{};
    if (::inet_pton(AF_INET, text.c_str(), &four) == 1) {
        four.s_addr &= htonl(0xFFFFFF00);
        return std::string(::inet_ntop(AF_INET, &four, out.data(), out.size())) + "/24";
    }
    in6_addr six{};
    if (::inet_pton(AF_INET6, text.c_str(), &six) != 1) return {};
    std::fill(std::begin(six.s6_addr) + 6, std::end(six.s6_addr), std::uint8_t{0});
    return std::string(::inet_ntop(AF_INET6, &six, out.data(), out.size())) + "/48";
}

// What one look writes, within one transaction.
class TokenEvents::Writer {
public:
    Writer(SqlDatabase& database, const TokenEvents& events)
        : database_(database), events_(events), room_(maxDeliveries - count("SELECT count(*) FROM deliveries")) {}

    std::optional<std::string> mark() {
        SqlStatement found(database_, "SELECT value FROM marks WHERE name='tokens'");
        return found.next() ? std::optional(std::string(found.text(0))) : std::nullopt;
    }
    void setMark(const std::string& mark) {
        put("tokens", mark);
        put("looked", rfc3339(events_.clock_.wall()));
    }
    // One that was made before the look before this one is not news.
    bool isNews(WallTime createdAt) {
        SqlStatement found(database_, "SELECT value FROM marks WHERE name='looked'");
        const auto looked = found.next() ? parseRfc3339(std::string(found.text(0))) : std::nullopt;
        return looked && createdAt >= std::chrono::floor<std::chrono::seconds>(*looked);
    }
    NoticedMap all() {
        NoticedMap out;
        SqlStatement rows(database_, "SELECT token, generation, suspended FROM noticed");
        while (rows.next())
            out[std::string(rows.text(0))] = {static_cast<std::uint64_t>(rows.number(1)), rows.number(2) != 0};
        return out;
    }
    std::optional<Noticed> noticed(const std::string& id) {
        SqlStatement row(database_, "SELECT generation, suspended FROM noticed WHERE token=?1");
        if (!row.text(1, id).next()) return std::nullopt;
        return Noticed{static_cast<std::uint64_t>(row.number(0)), row.number(1) != 0};
    }
    void notice(const TokenEntry& entry) {
        SqlStatement(database_,
                     "INSERT INTO noticed VALUES (?1, ?2, ?3) ON CONFLICT (token) DO UPDATE SET "
                     "generation=?2, suspended=?3")
            .text(1, entry.record.id)
            .number(2, static_cast<std::int64_t>(entry.generation))
            .number(3, entry.suspendedAt ? 1 : 0)
            .run();
    }
    // That it is gone is known for as long as the store remembers it: its end is told once.
    void markGone(const std::string& id) {
        for (const char* statement : {"DELETE FROM networks WHERE token=?1", "DELETE FROM reminders WHERE token=?1"})
            SqlStatement(database_, statement).text(1, id).run();
        SqlStatement(database_,
                     "INSERT INTO noticed VALUES (?1, 0, ?2) ON CONFLICT (token) DO UPDATE SET generation=0, "
                     "suspended=?2")
            .text(1, id)
            .number(2, secondsOf(events_.clock_.wall()))
            .run();
    }
    void forgetGone() {
        SqlStatement(database_, "DELETE FROM noticed WHERE generation=0 AND suspended<?1")
            .number(1, secondsOf(events_.clock_.wall() - rememberedFor))
            .run();
    }
    // True for the first who says it.
    bool remind(const TokenEntry& entry, int days) {
        SqlStatement put(database_, "INSERT INTO reminders VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING 1");
        return put.text(1, entry.record.id).number(2, secondsOf(entry.record.expiresAt)).number(3, days).next();
    }
    std::int64_t networksOf(const std::string& id) {
        SqlStatement known(database_, "SELECT count(*) FROM networks WHERE token=?1");
        known.text(1, id).next();
        return known.number(0);
    }
    bool isNewNetwork(const std::string& id, const std::string& network) {
        SqlStatement put(database_, "INSERT INTO networks VALUES (?1, ?2) ON CONFLICT DO NOTHING RETURNING 1");
        return put.text(1, id).text(2, network).next();
    }
    void put(TokenEventKind kind, Json token) {
        const std::string body =
            events_.bodyOf(kind, std::move(token)).dump(-1, ' ', false, Json::error_handler_t::replace);
        const std::string name(eventName(kind));
        for (const EventReceiver& receiver : events_.receivers_) {
            const bool isWanted = receiver.events.empty() || receiver.events.count(kind) != 0;
            if (!isWanted || room_ <= 0) continue;
            --room_;
            SqlStatement(database_, "INSERT INTO deliveries (url, event, body, tries, due) VALUES (?1, ?2, ?3, 0, ?4)")
                .text(1, receiver.url)
                .text(2, name)
                .text(3, body)
                .number(4, secondsOf(events_.clock_.wall()))
                .run();
        }
    }

private:
    void put(const char* name, const std::string& value) {
        SqlStatement(database_, "INSERT INTO marks VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value=?2")
            .text(1, name)
            .text(2, value)
            .run();
    }
    std::int64_t count(const char* query) {
        SqlStatement rows(database_, query);
        rows.next();
        return rows.number(0);
    }
    SqlDatabase& database_;
    const TokenEvents& events_;
    std::int64_t room_;
};

TokenEvents::TokenEvents(TokenStore& store, const SqlSource& source, std::vector<EventReceiver> receivers,
                         const Clock& clock)
    : store_(store), receivers_(std::move(receivers)), clock_(clock), database_(source, defineEvents) {}

Json TokenEvents::bodyOf(TokenEventKind kind, Json token) const {
    return {{"id", "evt_" + randomBase64Url(12, false)},
            {"type", eventName(kind)},
            {"created_at", rfc3339(std::chrono::floor<std::chrono::seconds>(clock_.wall()))},
            {"token", std::move(token)}};
}

// --- noticing

std::optional<GoneToken> TokenEvents::goneOf(const std::string& id) const {
    auto gone = allGone();
    const auto last = std::find_if(gone.rbegin(), gone.rend(), [&](const GoneToken& one) {
        return one.id == id && one.why != GoneToken::Why::replaced;
    });
    return last == gone.rend() ? std::nullopt : std::optional(*last);
}

void TokenEvents::compare(Writer& writer, const std::string& id, const std::optional<TokenEntry>& entry,
                          const std::optional<Noticed>& before) {
    if (entry) {
        const Json token = viewOf(*entry, clock_.wall());
        if (!before) writer.put(TokenEventKind::created, token);
        if (before && entry->generation > before->generation) writer.put(TokenEventKind::rotated, token);
        if (before && entry->suspendedAt && !before->isSuspended) writer.put(TokenEventKind::suspended, token);
        return writer.notice(*entry);
    }
    if (before && before->isGone()) return;
    const auto gone = goneOf(id);
    const bool isRemoved = gone && gone->why == GoneToken::Why::removed;
    if (!before && !(isRemoved && isNews(writer, *gone))) return;
    writer.markGone(id);
    if (!before) writer.put(TokenEventKind::created, viewOf(*gone));
    if (isRemoved) writer.put(isLeak(gone->because) ? TokenEventKind::leaked : TokenEventKind::revoked, viewOf(*gone));
}

// It came and went between two looks.
bool TokenEvents::isNews(Writer& writer, const GoneToken& gone) {
    const TokenEntry entry = entryFrom(gone);
    return entry.purpose != TokenPurpose::signIn && writer.isNews(entry.record.createdAt);
}

std::vector<TokenEntry> TokenEvents::all() const {
    try {
        return store_.list();
    } catch (const TokenStoreMissing&) { // none yet
        return {};
    }
}

std::vector<GoneToken> TokenEvents::allGone() const {
    try {
        return store_.listGone();
    } catch (const TokenStoreMissing&) { // none yet
        return {};
    }
}

// Where it is not known which tokens have changed; for the first time of all, nothing has happened yet.
void TokenEvents::lookAtAll(Writer& writer) {
    const bool isFirst = !writer.mark();
    NoticedMap before = writer.all();
    for (const TokenEntry& entry : all()) {
        if (entry.purpose == TokenPurpose::signIn) continue;
        const auto known = before.extract(entry.record.id);
        if (isFirst) writer.notice(entry);
        else compare(writer, entry.record.id, entry, known ? std::optional(known.mapped()) : std::nullopt);
    }
    for (const auto& [id, noticed] : before) compare(writer, id, std::nullopt, noticed);
    for (const GoneToken& gone : allGone())
        if (!isFirst && !writer.noticed(gone.id)) compare(writer, gone.id, std::nullopt, std::nullopt);
}

void TokenEvents::compareNetworks(Writer& writer, const Used& used) {
    for (const auto& [id, network] : used) {
        const std::int64_t known = writer.networksOf(id);
        if (known >= maxNetworks || !writer.isNewNetwork(id, network) || known == 0) continue;
        const auto entry = store_.get(id);
        if (!entry) continue;
        Json token = viewOf(*entry, clock_.wall());
        token["network"] = network;
        writer.put(TokenEventKind::firstUseFromNewNetwork, std::move(token));
    }
}

void TokenEvents::used(std::string_view tokenId, std::string_view peer) {
    std::string network = networkOf(peer);
    if (network.empty()) return;
    const std::lock_guard lock(mutex_);
    if (used_.size() < maxPending) used_.emplace(std::string(tokenId), std::move(network));
}

void TokenEvents::look() {
    const std::uint64_t generation = store_.generation();
    Used used;
    {
        const std::lock_guard lock(mutex_);
        used.swap(used_);
    }
    if (seen_ == generation && used.empty()) return;
    database_.use([&](SqlDatabase& database) {
        database.transaction([&] {
            Writer writer(database, *this);
            const TokensTouched touched = store_.touchedSince(writer.mark().value_or(""));
            if (touched.all) lookAtAll(writer);
            for (const std::string& id : touched.ids) {
                const auto entry = store_.get(id);
                if (!entry || entry->purpose != TokenPurpose::signIn) compare(writer, id, entry, writer.noticed(id));
            }
            compareNetworks(writer, used);
            writer.setMark(touched.mark);
        });
    });
    seen_ = generation;
}

std::map<int, std::int64_t> TokenEvents::remind() {
    std::map<int, std::int64_t> out;
    const WallTime now = clock_.wall();
    for (const int days : reminderDays) out[days] = 0;
    std::vector<TokenEntry> ending;
    try {
        ending = store_.listEnding(now + std::chrono::hours(24) * reminderDays.back());
    } catch (const TokenStoreMissing&) { // none yet
        return out;
    }
    database_.use([&](SqlDatabase& database) {
        database.transaction([&] {
            Writer writer(database, *this);
            writer.forgetGone();
            for (const TokenEntry& entry : ending) {
                if (entry.purpose != TokenPurpose::mcp || statusOf(entry, now) != TokenStatus::active) continue;
                bool isReminded = false; // once, of the nearest
                for (const int days : reminderDays) {
                    if (entry.record.expiresAt > now + std::chrono::hours(24) * days) continue;
                    ++out[days];
                    if (!writer.remind(entry, days) || isReminded) continue;
                    isReminded = true;
                    Json token = viewOf(entry, now);
                    token["days_left"] =
                        (secondsOf(entry.record.expiresAt) - secondsOf(now) + 86399) / 86400; // begun ones count
                    writer.put(TokenEventKind::expiring, std::move(token));
                }
            }
        });
    });
    return out;
}

// --- delivering

std::vector<EventDelivery> TokenEvents::claim() {
    constexpr std::int64_t atOnce = 20;
    std::vector<EventDelivery> out;
    const std::int64_t now = secondsOf(clock_.wall());
    database_.use([&](SqlDatabase& database) {
        SqlStatement due(database, "SELECT count(*) FROM deliveries WHERE due<=?1");
        if (!due.number(1, now).next() || due.number(0) == 0) return;
        database.transaction([&] {
            SqlStatement rows(database,
                              "SELECT number, url, event, body, tries FROM deliveries WHERE due<=?1 ORDER BY "
                              "number LIMIT ?2");
            for (rows.number(1, now).number(2, atOnce); rows.next();)
                out.push_back({rows.number(0), std::string(rows.text(1)), std::string(rows.text(2)),
                               std::string(rows.text(3)), rows.number(4)});
            for (const EventDelivery& one : out)
                SqlStatement(database, "UPDATE deliveries SET due=?2 WHERE number=?1")
                    .number(1, one.number)
                    .number(2, now + claimed.count())
                    .run();
        });
    });
    return out;
}

void TokenEvents::delivered(const EventDelivery& delivery) { failed(delivery, std::nullopt); }

void TokenEvents::failed(const EventDelivery& delivery, std::optional<std::chrono::seconds> wait) {
    database_.use([&](SqlDatabase& database) {
        if (!wait)
            return SqlStatement(database, "DELETE FROM deliveries WHERE number=?1").number(1, delivery.number).run();
        SqlStatement(database, "UPDATE deliveries SET tries=tries+1, due=?2 WHERE number=?1")
            .number(1, delivery.number)
            .number(2, secondsOf(clock_.wall()) + wait->count())
            .run();
    });
}

} // namespace gatehouse
