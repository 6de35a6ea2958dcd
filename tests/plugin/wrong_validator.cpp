// A validator of JWTs that is wrong in one way, which its settings name: what `plugin check` must find.
#include <atomic>
#include <thread>

#include <openssl/hmac.h>

#include <gatehouse/base64.hpp>
#include <gatehouse/jose/access_token.hpp>
#include <gatehouse/jose/strict_json.hpp>
#include <gatehouse/plugin.hpp>

namespace {

using namespace gatehouse;
using Reason = Rejected::Reason;

struct Parts {
    Json header, claims;
    std::string_view input;
    std::string signature;
};

// A token taken apart with nothing looked at.
std::optional<Parts> partsOf(std::string_view token) {
    const std::size_t first = token.find('.'), last = token.rfind('.');
    if (first == std::string_view::npos || last == first) return std::nullopt;
    const auto header = fromBase64Url(token.substr(0, first));
    const auto claims = fromBase64Url(token.substr(first + 1, last - first - 1));
    const auto signature = fromBase64Url(token.substr(last + 1));
    if (!header || !claims || !signature) return std::nullopt;
    auto read = jose::strictJsonObject(*header, 8), said = jose::strictJsonObject(*claims, 8);
    if (!read || !said) return std::nullopt;
    return Parts{*read, *said, token.substr(0, last), *signature};
}

class WrongValidator final : public TokenValidator {
public:
    WrongValidator(const Settings& settings, const Host& host)
        : host_(host), way_(settings.string("way")), publicKey_(settings.string("public_key", "")) {
        rules_.algorithms = {jose::Algorithm::RS256};
        rules_.claims.issuers = {settings.string("issuer")};
        rules_.claims.audiences = {host.resourceUrl()};
        if (is("no_expiry")) rules_.claims.requiresExpiry = false;
        if (is("no_audience")) rules_.claims.audiences.clear();
        const std::string url = settings.string("jwks");
        keys_ = std::make_unique<jose::RemoteKeySet>([this, url] { return load(url); }, jose::RemoteKeyTimes{},
                                                     &std::chrono::steady_clock::now, [](bool, const std::string&) {});
        keys_->start();
        keys_->awaitFirstLoad(std::chrono::seconds(10)); // so that each is wrong in one way only
    }

    ValidatorTraits traits() const override {
        ValidatorTraits traits;
        traits.runsInline = is("blocks");
        return traits;
    }

    Verdict validate(const TokenRequest& request) override {
        const auto source = [this](const std::string& id) { return keys_->lookFor(id); };
        Verdict verdict = jose::judgeAccessToken(request.token, source, rules_, host_.now());
        spoilOnTheWay(request);
        if (auto* yes = std::get_if<Accepted>(&verdict)) spoil(*yes);
        if (auto other = instead(request, verdict)) return *other;
        return verdict;
    }

private:
    bool is(const char* way) const { return way_ == way; }

    std::variant<jose::KeySet, jose::KeyFault> load(const std::string& url) const {
        FetchRequest request;
        request.url = url;
        return jose::KeySet::fromFetched(host_.fetch(request));
    }
    void spoilOnTheWay(const TokenRequest& request) {
        if (is("leaks")) lost_ = new std::string(std::string(request.token) + std::string(100, 'x'));
        if (is("blocks")) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (is("slow_reading")) readSlowly(request.token);
        if (is("crashes") && request.token.find('\0') != std::string_view::npos) std::abort();
        if (is("tells")) host_.log(LogLevel::info, "asked about " + std::string(request.token));
    }
    // The work grows with the square of the token's length.
    void readSlowly(std::string_view token) {
        std::size_t same = 0;
        for (std::size_t i = 0; i < token.size(); ++i)
            for (std::size_t j = i % 2048; j < i; j += 2048) same += token[i] == token[j];
        now_ = static_cast<int>(same % 2);
    }
    void spoil(Accepted& yes) {
        if (is("lasts_too_long")) yes.identity.expiresAt = never;
        if (is("one_identity")) yes.identity.isolationKey = "everybody";
        if (!is("races")) return;
        const int number = yes.identity.subject.empty() ? 0 : yes.identity.subject.back(); // of whom it asks now
        now_ = number;
        std::this_thread::yield();
        if (now_ != number) yes.identity.subject = "somebody else";
    }
    // What it says where the right verdict is another one.
    std::optional<Verdict> instead(const TokenRequest& request, const Verdict& right) const {
        const bool isDown = std::holds_alternative<Unavailable>(right);
        if (isDown && is("refuses_when_down")) return Rejected{Reason::unknown, "no keys", {}, {}};
        const auto parts = partsOf(request.token);
        if (!parts || std::holds_alternative<Accepted>(right)) return std::nullopt;
        const bool takes = (isDown && is("accepts_when_down")) || (is("takes_none") && isUnsigned(*parts)) ||
                           (is("algorithm_mix") && isMixed(*parts)) || (is("embedded_key") && bringsItsKey(*parts));
        if (!takes || jose::judgeClaims(Json::object(), parts->claims, rules_.claims, host_.now())) return std::nullopt;
        Accepted yes;
        yes.identity = jose::identityFrom(parts->claims, rules_.mapping, rules_.claims.leeway);
        return yes;
    }
    static bool isUnsigned(const Parts& parts) {
        return parts.header.value("alg", Json()) == "none" && parts.signature.empty();
    }
    bool isMixed(const Parts& parts) const {
        const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
        unsigned char mac[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        HMAC(EVP_sha256(), publicKey_.data(), static_cast<int>(publicKey_.size()), bytes(parts.input),
             parts.input.size(), mac, &size);
        return parts.header.value("alg", Json()) == "HS256" &&
               parts.signature == std::string(reinterpret_cast<const char*>(mac), size);
    }
    static bool bringsItsKey(const Parts& parts) {
        const auto key = jose::Key::fromJwk(parts.header.value("jwk", Json()));
        return std::holds_alternative<jose::Key>(key) &&
               std::get<jose::Key>(key).verifies(jose::Algorithm::RS256, parts.input, parts.signature);
    }

    const Host& host_;
    const std::string way_;
    const std::string publicKey_;
    jose::AccessTokenRules rules_;
    std::atomic<int> now_{0};
    std::atomic<std::string*> lost_{nullptr};
    std::unique_ptr<jose::RemoteKeySet> keys_; // last: its thread uses the others
};

} // namespace

GATEHOUSE_TOKEN_VALIDATOR(WrongValidator, "wrong_validator", "1.0.0")
