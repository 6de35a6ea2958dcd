#include "kit/opaque_cases.hpp"

#include "base/digest.hpp"
#include "base/random.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::size_t tokenBytes = 32;

class Introspected {
public:
    Introspected(const KitIssuer& issuer, KitProvider& provider) : issuer_(issuer), provider_(provider) {}

    void add(Wanted wanted, const char* what, std::string answer, std::string subject = "kit-user") {
        std::string token = randomBase64Url(tokenBytes, false);
        provider_.know(token, std::move(answer));
        made_.cases.push_back({what, std::move(token), wanted, std::move(subject)});
    }
    // What is good, but for these members.
    void refuse(const char* what, const Json& more) { add(Wanted::refused, what, with(more).dump()); }
    void refuseWithout(const char* member) {
        Json answer = with(Json::object());
        answer.erase(member);
        add(Wanted::refused, "a token of which the server does not say all that is needed", answer.dump());
    }
    Json with(const Json& more) const {
        Json answer = issuer_.claims();
        answer["active"] = true;
        answer.update(more);
        return answer;
    }
    TokenClass done() { return std::move(made_); }

private:
    const KitIssuer& issuer_;
    KitProvider& provider_;
    TokenClass made_{"introspection", "RFC 7662 section 2.2", {}};
};

} // namespace

TokenClass introspectedTokens(const KitIssuer& issuer, KitProvider& provider) {
    Introspected make(issuer, provider);
    const std::int64_t now = issuer.claims().at("iat");
    for (const char* subject : {"kit-user", "alice", "bob"})
        make.add(Wanted::accepted, "a token that the server says is active", make.with({{"sub", subject}}).dump(),
                 subject);
    for (const Json& odd : {Json("true"), Json(1), Json(nullptr), Json::array({true}), Json(false), Json::object()})
        make.refuse("a token whose active is not the value true", {{"active", odd}});
    make.refuseWithout("active");
    make.refuseWithout("exp");
    make.refuseWithout("aud");
    for (const std::int64_t ago : {std::int64_t{400}, std::int64_t{86400}})
        make.refuse("a token that has expired", {{"exp", now - ago}});
    make.refuse("a token whose exp is a text", {{"exp", "9999999999"}});
    make.refuse("a token that is not valid yet", {{"nbf", now + 400}});
    make.refuse("a token for another audience", {{"aud", "https://other.example"}});
    make.refuse("a token for other audiences", {{"aud", {"https://other.example", issuer.audience() + "/"}}});
    make.refuse("a token whose sub is no text", {{"sub", 5}});
    make.refuse("a token whose iss is no text", {{"iss", 1}});
    for (const char* text : {"", "[]", "true", "<html>", "{\"active\":true", "{\"active\":false,\"active\":true}"})
        make.add(Wanted::notAccepted, "a token of which the server says what is no answer", text);
    return make.done();
}

TokenClass listedTokens(const std::vector<std::string>& good, const std::vector<std::string>& bad) {
    TokenClass made{"listed", "", {}};
    const auto add = [&](const char* what, const std::vector<std::string>& tokens, Wanted wanted) {
        for (std::size_t i = 0; i < tokens.size(); ++i)
            made.cases.push_back({what + std::to_string(i + 1), tokens[i], wanted, ""});
    };
    add("good token ", good, Wanted::accepted);
    add("bad token ", bad, Wanted::refused);
    return made;
}

TokenClass storedTokens(TokenTable& table) {
    TokenClass made{"stored", "", {}};
    const auto add = [&](Wanted wanted, const char* what, const TokenLookup& found) {
        std::string token = randomBase64Url(tokenBytes, true);
        table[sha256(token)] = found;
        made.cases.push_back({what, std::move(token), wanted, ""});
    };
    const WallTime now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    TokenRecord record{.id = "kit-1", .note = "Kit", .createdAt = now - std::chrono::hours(1)};
    add(Wanted::accepted, "a token of the store", record);
    record.id = "kit-2";
    add(Wanted::accepted, "another token of the store", record);
    record.id = "kit-3";
    record.expiresAt = now - std::chrono::seconds(5);
    add(Wanted::refused, "a token of the store that has expired", record);
    add(Wanted::refused, "a token that the store does not know", TokenUnknown{});
    add(Wanted::notAccepted, "a token while the store cannot answer", TokenStoreDown{});
    return made;
}

} // namespace gatehouse::kit
