#include "server/token_admin.hpp"

#include <future>
#include <set>

#include "admin/scope_table.hpp"
#include "server/page_sign_in.hpp"
#include "server/route_table.hpp"
#include "server/server_settings.hpp"
#include "server/store_judgements.hpp"
#include "server/text_mint_choice.hpp"

namespace gatehouse {

namespace {

constexpr BudgetLimits requestsAtOnce{32, 96}; // of one credential, and in all

// As browsers see it: a proxy in front may speak https for us.
bool isSecure(const Config& config) {
    return config.http.tls.enabled || config.http.publicUrl.rfind("https://", 0) == 0;
}

AuthenticatorOptions authenticationOf(const Config& config, bool asksOnWorkers) {
    AuthenticatorOptions out;
    out.validatorName = "token_api";
    out.cookie = admin::cookieName(isSecure(config));
    out.resourceUrl = resourceUrlOf(config);
    out.asksOnWorkers = asksOnWorkers;
    out.failures.perMinute = static_cast<double>(config.auth.failuresPerMinute);
    return out;
}

// Every scope that the policy speaks of.
std::vector<std::string> scopesOf(const Policy& policy) {
    std::set<std::string> out(policy.requiredScopes().begin(), policy.requiredScopes().end());
    for (const PolicyRule& rule : policy.rules()) out.insert(rule.scopes.begin(), rule.scopes.end());
    return {out.begin(), out.end()};
}

} // namespace

TokenAdmin::TokenAdmin(const TokenAdminDeps& deps, const Policy& policy, const GatedOptions& options)
    : deps_(deps), sessions_(deps.clock), validator_(deps.store, sessions_),
      authenticator_(
          authenticationOf(deps.config, deps.store.mayBlock()),
          AuthenticatorDeps{.clock = deps.clock,
                            .log = deps.log,
                            .telemetry = deps.telemetry,
                            .workers = deps.workers,
                            .post = [&loop = deps.loop](std::function<void()> work) { loop.post(std::move(work)); },
                            .identityGone = [](const std::string&) {},
                            .isFresh = freshnessOf(&deps.store),
                            .tokenPrefix = deps.config.auth.tokenPrefix},
          &validator_),
      authorizer_(Policy()), gate_(authenticator_, authorizer_, {}),
      requests_("token_requests", requestsAtOnce, deps.telemetry),
      api_({.store = deps.store,
            .clock = deps.clock,
            .usage = deps.usage,
            .refusals = deps.refusals,
            .mint = tokenMintOf(deps.config),
            .policyScopes = scopesOf(policy),
            .limitOf = [this](const TokenEntry& entry) { return limitOf(entry); }}),
      handlerDeps_{.clock = deps.clock,
                   .log = deps.log,
                   .telemetry = deps.telemetry,
                   .loop = deps.loop,
                   .workers = deps.workers,
                   .requests = requests_,
                   .time = std::chrono::seconds(30)},
      options_(options), routes_(api_, gate_, handlerDeps_, options_),
      page_({.store = deps.store,
             .sessions = sessions_,
             .gate = gate_,
             .workers = handlerDeps_,
             .options = options_,
             .prefix = pathPrefixOf(deps.config),
             .isSecure = isSecure(deps.config),
             .mcpUrl = resourceUrlOf(deps.config),
             .scopes = admin::grantableScopes(scopesOf(policy)),
             .signInAt = hostOfUrl(deps.config.admin.signIn.issuer)}) {
    if (!deps.config.admin.signIn.issuer.empty())
        signIn_ = std::make_unique<PageSignIn>(deps.config, sessions_, handlerDeps_, options_);
}

TokenAdmin::~TokenAdmin() = default;

void TokenAdmin::addTo(http::Router& router, const std::string& prefix) {
    routes_.addTo(router, prefix);
    page_.addTo(router, prefix);
    if (signIn_) signIn_->addTo(router, prefix);
}

// What processes have taken counts as used, but for what this one has left. Asked on a worker; what is left is the
// loop's to say. A loop that has ended answers nothing any more.
LimitState TokenAdmin::limitOf(const TokenEntry& entry) const {
    const std::int64_t limit = entry.terms.callsPerHour;
    if (limit == 0) return {};
    auto asked = std::make_shared<std::promise<std::int64_t>>();
    auto left = asked->get_future();
    deps_.loop.post([this, asked, id = entry.record.id] { asked->set_value(deps_.limits.leftOf(id)); });
    const LimitGrant state = deps_.ledger.look(entry.record.id, LimitWindow::hour, limit);
    const bool isKnown = left.wait_for(std::chrono::seconds(2)) == std::future_status::ready;
    return {.limit = limit, .remaining = state.remaining + (isKnown ? left.get() : 0), .resets = state.resets};
}

} // namespace gatehouse
