// Knows the tokens of the host's file, as static_file does, but is asked on a worker and answers late: after a random
// time, so that callers have gone, stopped or sent more before the verdict comes. About half of its verdicts are kept.
#include <random>
#include <thread>

#include <gatehouse/plugin.hpp>

namespace {

using namespace gatehouse;
using std::chrono::milliseconds;

class LateValidator final : public TokenValidator {
public:
    LateValidator(const Settings& settings, const Host& host)
        : host_(host), longest_(settings.integer("longest_milliseconds", 200, 0, 60'000)),
          kept_(settings.integer("kept_milliseconds", 500, 0, 60'000)) {
        settings.allowOnly({"longest_milliseconds", "kept_milliseconds", "plugin"});
    }

    Verdict validate(const TokenRequest& request) override {
        const TokenLookup before = host_.findToken(request.tokenSha256); // what it says is old when it is told
        std::this_thread::sleep_for(milliseconds(upTo(longest_)));
        const CachePolicy cache = upTo(1) == 0 ? CachePolicy::never() : CachePolicy::forToken(milliseconds(kept_));
        if (std::holds_alternative<TokenStoreDown>(before)) return Unavailable{"the token store cannot answer"};
        const auto* record = std::get_if<TokenRecord>(&before);
        if (!record) return Rejected{Rejected::Reason::unknown, "", cache};
        if (record->expiresAt <= host_.now()) return Rejected{Rejected::Reason::expired, record->id, cache};
        Identity identity;
        identity.issuer = "gatehouse";
        identity.subject = identity.tokenId = identity.isolationKey = record->id;
        identity.expiresAt = record->expiresAt;
        return Accepted{identity, cache};
    }

private:
    static std::int64_t upTo(std::int64_t most) {
        thread_local std::minstd_rand engine{std::random_device{}()};
        return std::uniform_int_distribution<std::int64_t>(0, most)(engine);
    }

    const Host& host_;
    const std::int64_t longest_, kept_;
};

} // namespace

GATEHOUSE_TOKEN_VALIDATOR(LateValidator, "late_validator", "1.0.0")
