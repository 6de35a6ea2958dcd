#include "plugin/plugin_validator.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <gatehouse/verdict_border.hpp>

#include "plugin/in_process_validator.hpp"
#include "plugin/plugin_handle.hpp"
#include "plugin/plugin_words.hpp"
#include "plugin/table_check.hpp"
#include "tokens/token_text.hpp"

namespace gatehouse {

namespace {

using border::str;
using border::view;

// Collects the answer of exchange: the first counts.
class ExchangeBox {
public:
    gatehouse_exchange_sink sink() { return {this, put}; }
    const char* fault() const { return fault_ ? fault_ : answer_ ? nullptr : "no answer"; } // null: nothing is wrong
    ExchangeAnswer release() {
        return answer_ ? std::move(*answer_)
                       : Unavailable{"the validator gave no usable answer", std::chrono::seconds(5)};
    }

private:
    static const char* wrongIn(const gatehouse_exchange_answer* c) {
        if (!c) return "a null answer";
        if (c->size < GATEHOUSE_EXCHANGE_ANSWER_SIZE_1_0) return "an answer whose size is too small";
        const bool isKnown = c->kind >= GATEHOUSE_EXCHANGED && c->kind <= GATEHOUSE_EXCHANGE_UNAVAILABLE;
        return isKnown ? nullptr : "an answer of no known kind";
    }
    static ExchangeAnswer from(const gatehouse_exchange_answer& c) {
        if (c.kind == GATEHOUSE_EXCHANGED) return Exchanged{border::copy(c.credential)};
        if (c.kind == GATEHOUSE_EXCHANGE_REFUSED) return ExchangeRefused{border::copy(c.detail)};
        return Unavailable{border::copy(c.detail), std::chrono::seconds(c.retry_after_s)};
    }
    static void put(void* ctx, const gatehouse_exchange_answer* c) noexcept {
        auto& box = *static_cast<ExchangeBox*>(ctx);
        if (std::exchange(box.isAnswered_, true)) return void(box.fault_ = box.fault_ ? box.fault_ : "two answers");
        box.fault_ = wrongIn(c);
        if (box.fault_) return;
        try {
            box.answer_ = from(*c);
        } catch (const std::exception&) {
            box.fault_ = "an answer for which there is no memory";
        }
    }
    bool isAnswered_ = false;
    const char* fault_ = nullptr;
    std::optional<ExchangeAnswer> answer_;
};

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

// What traits gave: the first counts.
struct TraitsBox {
    std::optional<ValidatorTraits> traits;
    std::string error;

    static void put(void* ctx, const gatehouse_validator_traits* c) noexcept {
        auto& box = *static_cast<TraitsBox*>(ctx);
        if (box.traits || !box.error.empty()) return;
        try {
            if (c && c->size >= GATEHOUSE_TRAITS_SIZE_1_0) box.traits = from(*c);
            else box.error = "traits gave null, or a size that is too small";
        } catch (const std::exception&) { // no memory: traits are missing, which is told
        }
    }
    static ValidatorTraits from(const gatehouse_validator_traits& c) {
        ValidatorTraits out;
        out.runsInline = (c.flags & GATEHOUSE_VALIDATOR_INLINE) != 0;
        out.exchanges = (c.flags & GATEHOUSE_VALIDATOR_EXCHANGES) != 0;
        if (c.header.size > 0) out.header = border::copy(c.header);
        if (c.scheme.size > 0) out.scheme = border::copy(c.scheme);
        out.authorizationServers = words(view(c.authorization_servers));
        return out;
    }
};

const gatehouse_token_validator_v1* validatorTableOf(const Library& library) {
    constexpr const char* id = GATEHOUSE_TOKEN_VALIDATOR_1;
    const auto* table = static_cast<const gatehouse_token_validator_v1*>(library.interface(id));
    requireSize(library, id, table->size, GATEHOUSE_TOKEN_VALIDATOR_SIZE_1_0);
    requireFunctions(library, id,
                     {{"create", table->create != nullptr},
                      {"destroy", table->destroy != nullptr},
                      {"traits", table->traits != nullptr},
                      {"validate", table->validate != nullptr}});
    return table;
}

class PluginValidator final : public TokenValidator {
public:
    PluginValidator(const Library& library, HostDeps& deps, const std::string& settingsJson, FindGone findGone)
        : findGone_(std::move(findGone)), services_(deps, library.name()), table_(validatorTableOf(library)),
          self_(madePlugin(library, services_, *table_, settingsJson)), traits_(readTraits(library)) {}

    ValidatorTraits traits() const override { return traits_; }

    Verdict validate(const TokenRequest& request) override {
        const border::TokenRequestView c(request);
        border::VerdictBox box;
        services_.guarded("validate", [&] { table_->validate(self_.get(), c.get(), box.sink()); });
        if (const char* fault = box.fault()) services_.reportFault("validate", fault);
        Verdict verdict = box.release();
        if (auto* no = std::get_if<Rejected>(&verdict)) explainGone(*no, request.tokenSha256);
        return verdict;
    }

    ExchangeAnswer exchange(const ExchangeRequest& request) override {
        if (!table_->exchange) return TokenValidator::exchange(request);
        const border::IdentityView identity(request.identity);
        const gatehouse_exchange_request c = {sizeof(c), str(request.token), identity.get(), str(request.audience),
                                              static_cast<std::uint32_t>(request.timeout.count())};
        ExchangeBox box;
        services_.guarded("exchange", [&] { table_->exchange(self_.get(), &c, box.sink()); });
        if (const char* fault = box.fault()) services_.reportFault("exchange", fault);
        return box.release();
    }

    std::string notReady() const override {
        std::string detail;
        if (table_->not_ready)
            services_.guarded("not_ready", [&] { table_->not_ready(self_.get(), {&detail, putText}); });
        return detail;
    }

    void identityGone(std::string_view isolationKey) override {
        if (table_->identity_gone)
            services_.guarded("identity_gone", [&] { table_->identity_gone(self_.get(), str(isolationKey)); });
    }

private:
    ValidatorTraits readTraits(const Library& library) const {
        const auto refuse = [&](const std::string& fault) -> PluginError {
            return PluginError(library.file().string() + ": traits: " + fault);
        };
        TraitsBox box;
        startCall(library, services_, "traits", [&] {
            table_->traits(self_.get(), {&box, TraitsBox::put}, {&box.error, putText});
        });
        if (!box.traits || !box.error.empty()) throw refuse(box.error.empty() ? "gave nothing" : box.error);
        if (const std::string fault = faultOf(*box.traits); !fault.empty()) throw refuse(fault);
        if (box.traits->exchanges && !table_->exchange) throw refuse("says EXCHANGES, but exchange is null");
        return std::move(*box.traits);
    }
    // A plugin sees of a token that has gone that it is unknown; the host may remember why. Only a refusal is reworded.
    void explainGone(Rejected& no, const Sha256& digest) const {
        if (no.reason != Rejected::Reason::unknown || !findGone_) return;
        const auto gone = findGone_(digest);
        if (!gone) return;
        no.reason = reasonOf(gone->why);
        no.detail = goneWords(*gone);
    }

    static Rejected::Reason reasonOf(GoneToken::Why why) {
        if (why == GoneToken::Why::expired) return Rejected::Reason::expired;
        const bool isThere = why == GoneToken::Why::suspended || why == GoneToken::Why::notYetValid;
        return isThere ? Rejected::Reason::forbidden : Rejected::Reason::revoked;
    }

    const FindGone findGone_;
    HostServices services_;
    const gatehouse_token_validator_v1* const table_;
    const PluginHandle self_;
    const ValidatorTraits traits_;
};

} // namespace

std::unique_ptr<TokenValidator> makePluginValidator(const Library& library, HostDeps& deps,
                                                    const std::string& settingsJson, FindGone findGone) {
    return std::make_unique<PluginValidator>(library, deps, settingsJson, std::move(findGone));
}

} // namespace gatehouse
