#include "plugin/in_process_validator.hpp"

#include <algorithm>
#include <atomic>
#include <cctype>

#include <gatehouse/settings.hpp>
#include <gatehouse/verdict_border.hpp>

#include "base/http_token.hpp"
#include "base/shown_text.hpp"

namespace gatehouse {

namespace {

class InProcessValidator final : public TokenValidator {
public:
    InProcessValidator(std::unique_ptr<TokenValidator> own, const Host& host)
        : own_(std::move(own)), host_(host), traits_(own_->traits()) {
        if (const std::string fault = faultOf(traits_); !fault.empty()) throw SettingsError("traits: " + fault);
    }

    ValidatorTraits traits() const override { return traits_; }
    Verdict validate(const TokenRequest& request) override {
        Verdict verdict = own_->validate(request);
        const auto* yes = std::get_if<Accepted>(&verdict);
        const char* fault = yes ? border::wrongIn(border::IdentityView(yes->identity).get()) : nullptr;
        if (!fault) return verdict;
        if (!isTold_.exchange(true)) host_.log(LogLevel::error, std::string("validate gave ") + fault);
        return Unavailable{std::string("the validator gave ") + fault, std::chrono::seconds(5)};
    }
    ExchangeAnswer exchange(const ExchangeRequest& request) override { return own_->exchange(request); }
    std::string notReady() const override { return own_->notReady(); }
    void identityGone(std::string_view isolationKey) override { own_->identityGone(isolationKey); }

private:
    const std::unique_ptr<TokenValidator> own_;
    const Host& host_;
    const ValidatorTraits traits_;
    std::atomic<bool> isTold_{false};
};

} // namespace

std::string faultOf(const ValidatorTraits& traits) {
    if (!isHttpToken(traits.header)) return "header \"" + shownText(traits.header) + "\" is not a header name";
    if (!isHttpToken(traits.scheme)) return "scheme \"" + shownText(traits.scheme) + "\" is not a token";
    return "";
}

std::unique_ptr<TokenValidator> inProcessValidator(std::unique_ptr<TokenValidator> own, const Host& host) {
    return std::make_unique<InProcessValidator>(std::move(own), host);
}

} // namespace gatehouse
