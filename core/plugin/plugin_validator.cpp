#include "plugin/plugin_validator.hpp"

#include <algorithm>
#include <cstddef>

#include <gatehouse/verdict_border.hpp>

#include "plugin/plugin_words.hpp"
#include "tokens/token_text.hpp"

namespace gatehouse {

namespace {

using border::str;
using border::view;

void takeExchanged(void* ctx, const gatehouse_exchange_answer* c) noexcept {
    try {
        auto& out = *static_cast<ExchangeAnswer*>(ctx);
        if (c->kind == GATEHOUSE_EXCHANGED) out = Exchanged{border::copy(c->credential)};
        else if (c->kind == GATEHOUSE_EXCHANGE_REFUSED) out = ExchangeRefused{border::copy(c->detail)};
        else out = Unavailable{border::copy(c->detail), std::chrono::seconds(c->retry_after_s)};
    } catch (const std::exception&) { // no memory for the answer: then there was none
    }
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

bool flagIn(const Json& item) { return item.is_object() && item.value("passed", Json()) == true; }

// A library of abi 1.0 ends its table there.
constexpr std::size_t leastValidatorTable = offsetof(gatehouse_token_validator_v1, destroy) + sizeof(void (*)(void*));

class PluginValidator final : public TokenValidator {
public:
    PluginValidator(const Library& library, HostPort& port, const std::string& settingsJson, FindGone findGone)
        : findGone_(std::move(findGone)), services_(port, library.name()),
          table_(static_cast<const gatehouse_token_validator_v1*>(library.interface(GATEHOUSE_TOKEN_VALIDATOR_1))) {
        if (!GATEHOUSE_HAS_FIELD(table_, destroy))
            throw PluginRefused(library.file().string() + ": table of " + GATEHOUSE_TOKEN_VALIDATOR_1 + " has size " +
                                std::to_string(table_->size) + ", wanted at least " +
                                std::to_string(leastValidatorTable));
        std::string error;
        self_ = table_->create(services_.table(), str(settingsJson), {&error, takeText});
        if (!self_) throw PluginSettingsRefused(library.file(), error);
    }
    ~PluginValidator() override { table_->destroy(self_); }
    PluginValidator(const PluginValidator&) = delete;
    PluginValidator& operator=(const PluginValidator&) = delete;

    ValidatorTraits traits() const override {
        ValidatorTraits traits;
        table_->traits(self_, &traits, [](void* ctx, const gatehouse_validator_traits* c) {
            auto& out = *static_cast<ValidatorTraits*>(ctx);
            out.runsInline = (c->flags & GATEHOUSE_VALIDATOR_INLINE) != 0;
            if (c->header.size > 0) out.header = border::copy(c->header);
            if (c->scheme.size > 0) out.scheme = border::copy(c->scheme);
            out.exchanges = (c->flags & GATEHOUSE_VALIDATOR_EXCHANGES) != 0;
            if (GATEHOUSE_HAS_FIELD(c, authorization_servers))
                out.authorizationServers = words(view(c->authorization_servers));
        });
        return traits;
    }

    Verdict validate(const TokenRequest& request) override {
        const border::TokenRequestView c(request);
        Verdict verdict = Unavailable{"the validator gave no verdict", std::chrono::seconds(5)};
        table_->validate(self_, c.get(), {&verdict, border::takeVerdict});
        if (auto* no = std::get_if<Rejected>(&verdict)) tellWhyGone(*no, request.tokenSha256);
        return verdict;
    }

    ExchangeAnswer exchange(const ExchangeRequest& request) override {
        if (!GATEHOUSE_HAS_FIELD(table_, exchange)) return TokenValidator::exchange(request);
        const border::IdentityView identity(request.identity);
        const gatehouse_exchange_request c = {sizeof(c), str(request.token), identity.get(), str(request.audience),
                                              static_cast<std::uint32_t>(request.timeout.count())};
        ExchangeAnswer answer = Unavailable{"the validator gave no answer", std::chrono::seconds(5)};
        table_->exchange(self_, &c, {&answer, takeExchanged});
        return answer;
    }

    std::vector<TokenCheck> explain(const TokenRequest& request) override {
        if (!GATEHOUSE_HAS_FIELD(table_, explain)) return {};
        const border::TokenRequestView c(request);
        std::string text;
        table_->explain(self_, c.get(), {&text, takeText});
        std::vector<TokenCheck> checks;
        const Json list = Json::parse(text, nullptr, false);
        if (!list.is_array()) return checks;
        for (const Json& item : list) checks.push_back({textIn(item, "claim"), flagIn(item), textIn(item, "words")});
        return checks;
    }

    std::string notReady() const override {
        std::string why;
        if (GATEHOUSE_HAS_FIELD(table_, not_ready)) table_->not_ready(self_, {&why, takeText});
        return why;
    }

    void identityGone(std::string_view isolationKey) override { table_->identity_gone(self_, str(isolationKey)); }

private:
    // A plugin sees of a token that has gone that it is unknown; the host may remember why. Only a refusal is reworded.
    void tellWhyGone(Rejected& no, const Sha256& digest) const {
        if (no.reason != Rejected::Reason::unknown || !findGone_) return;
        const auto gone = findGone_(digest);
        if (!gone) return;
        const bool expired = gone->why == GoneToken::Why::expired;
        no.reason = expired ? Rejected::Reason::expired : Rejected::Reason::revoked;
        no.detail = goneWords(*gone);
    }

    const FindGone findGone_;
    HostServices services_;
    const gatehouse_token_validator_v1* table_;
    void* self_ = nullptr;
};

} // namespace

std::unique_ptr<TokenValidator> makePluginValidator(const Library& library, HostPort& port,
                                                    const std::string& settingsJson, FindGone findGone) {
    return std::make_unique<PluginValidator>(library, port, settingsJson, std::move(findGone));
}

} // namespace gatehouse
