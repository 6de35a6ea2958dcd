// address_allow_list: accepts one shared secret, from listed addresses only. A sample of a validator of your own.
//
// It looks at the caller's address, so its verdicts are for one request only: the default CachePolicy.
#include <algorithm>

#include <gatehouse/bearer_check.hpp>
#include <gatehouse/plugin.hpp>

class AddressValidator final : public gatehouse::TokenValidator {
public:
    AddressValidator(const gatehouse::Settings& settings, const gatehouse::Host& host)
        : host_(host), secret_(settings.string("secret")), allowed_(settings.strings("allowed")) {
        if (secret_.size() < 16) throw gatehouse::SettingsError("secret: expected at least 16 characters");
    }

    gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override {
        using Reason = gatehouse::Rejected::Reason;
        host_.log(gatehouse::LogLevel::info, "asked for " + std::string(request.peer));
        if (!gatehouse::sameText(request.token, secret_)) return gatehouse::Rejected{Reason::unknown, "", {}, {}};
        if (std::find(allowed_.begin(), allowed_.end(), request.peer) == allowed_.end())
            return gatehouse::Rejected{Reason::forbidden, "address not allowed", {}, {}};
        gatehouse::Identity identity;
        identity.issuer = "address_allow_list";
        identity.subject = "shared";
        identity.isolationKey = "address_allow_list:shared";
        return gatehouse::Accepted{identity, {}};
    }

private:
    const gatehouse::Host& host_;
    const std::string secret_;
    const std::vector<std::string> allowed_;
};

GATEHOUSE_TOKEN_VALIDATOR(AddressValidator, "address_allow_list", "1.0.0")
