// Validators that misbehave once they run, one for each way.
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include <gatehouse/plugin.hpp>

namespace {

using namespace gatehouse;

class BadValidator final : public TokenValidator {
public:
    BadValidator(const Settings& settings, const Host&) : way_(settings.string("way", "throws")) {
        if (way_ == "refuses") throw SettingsError("way: told to refuse");
        if (way_ == "throws_int_at_start") throw 42;
    }
    Verdict validate(const TokenRequest& request) override {
        if (way_ == "throws") throw std::runtime_error("secret inside");
        if (way_ == "throws_int") throw 42;
        if (way_ == "no_key") return Accepted{Identity{}, {}};
        if (way_ == "slow" && request.token == "slow-token-slow-token") wait();
        Identity identity;
        identity.subject = std::string(request.token);
        identity.isolationKey = "bad:" + identity.subject;
        return Accepted{identity, {}};
    }

private:
    static void wait() {
        std::mutex mutex;
        std::condition_variable never;
        std::unique_lock lock(mutex);
        never.wait_for(lock, std::chrono::seconds(10), [] { return false; });
    }
    const std::string way_;
};

} // namespace

GATEHOUSE_TOKEN_VALIDATOR(BadValidator, "bad_validator", "1.0.0")
