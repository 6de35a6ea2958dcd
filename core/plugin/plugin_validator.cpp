#include "plugin/plugin_validator.hpp"

#include <gatehouse/border.hpp>

namespace gatehouse {

namespace {

using border::str;
using border::view;

Verdict verdictFrom(const gatehouse_verdict& c) {
    const CachePolicy cache{c.cache_vary_by, border::time(c.cache_until_ms)};
    if (c.kind == GATEHOUSE_ACCEPT && c.identity) return Accepted{border::identity(*c.identity), cache};
    if (c.kind == GATEHOUSE_REJECT) {
        const bool known = c.reason >= GATEHOUSE_REASON_NOT_MINE && c.reason <= GATEHOUSE_REASON_FORBIDDEN;
        return Rejected{known ? static_cast<Rejected::Reason>(c.reason) : Rejected::Reason::unknown,
                        border::copy(c.detail), cache};
    }
    if (c.kind == GATEHOUSE_UNAVAILABLE)
        return Unavailable{border::copy(c.detail), std::chrono::seconds(c.retry_after_s)};
    return Unavailable{"the validator gave a verdict of no known kind", std::chrono::seconds(5)};
}

void takeText(void* ctx, gatehouse_str text) noexcept {
    try {
        static_cast<std::string*>(ctx)->assign(view(text));
    } catch (const std::exception&) { // no memory for the words; that it failed is known
    }
}

// Without memory for the verdict it stays what it was: unavailable.
void takeVerdict(void* ctx, const gatehouse_verdict* got) noexcept;

void takeVerdict(void* ctx, const gatehouse_verdict* got) noexcept {
    try {
        *static_cast<Verdict*>(ctx) = verdictFrom(*got);
    } catch (const std::exception&) {
    }
}

class PluginValidator final : public TokenValidator {
public:
    PluginValidator(const Library& library, HostPort& port, const std::string& settingsJson)
        : services_(port, library.name()),
          table_(static_cast<const gatehouse_token_validator_v1*>(library.interface(GATEHOUSE_TOKEN_VALIDATOR_1))) {
        if (table_->size < sizeof(gatehouse_token_validator_v1))
            throw PluginRefused(library.file().string() + ": table of " + GATEHOUSE_TOKEN_VALIDATOR_1 + " has size " +
                                std::to_string(table_->size) + ", wanted at least " +
                                std::to_string(sizeof(gatehouse_token_validator_v1)));
        std::string error;
        self_ = table_->create(services_.table(), str(settingsJson), {&error, takeText});
        if (!self_) throw PluginRefused(library.file().string() + ": " + error);
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
        });
        return traits;
    }

    Verdict validate(const TokenRequest& request) override {
        std::vector<gatehouse_field> fields;
        fields.reserve(request.headers.size());
        for (const HeaderField& field : request.headers) fields.push_back({str(field.name), str(field.value)});
        const gatehouse_token_request c = {
            sizeof(c),        str(request.token), str(request.scheme),      str(request.method),
            str(request.url), str(request.peer),  str(request.certificate), request.tokenSha256.data(),
            fields.data(),    fields.size()};
        Verdict verdict = Unavailable{"the validator gave no verdict", std::chrono::seconds(5)};
        table_->validate(self_, &c, {&verdict, takeVerdict});
        return verdict;
    }

    void identityGone(std::string_view isolationKey) override { table_->identity_gone(self_, str(isolationKey)); }

private:
    HostServices services_;
    const gatehouse_token_validator_v1* table_;
    void* self_ = nullptr;
};

} // namespace

std::unique_ptr<TokenValidator> makePluginValidator(const Library& library, HostPort& port,
                                                    const std::string& settingsJson) {
    return std::make_unique<PluginValidator>(library, port, settingsJson);
}

} // namespace gatehouse
