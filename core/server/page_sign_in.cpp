#include "server/page_sign_in.hpp"

#include "server/route_table.hpp"
#include "server/server_settings.hpp"

namespace gatehouse {

namespace {

AuthenticatorDeps openDeps(const WorkerHandlerDeps& workers) {
    return {.clock = workers.clock,
            .log = workers.log,
            .telemetry = workers.telemetry,
            .workers = workers.workers,
            .post = [&loop = workers.loop](std::function<void()> work) { loop.post(std::move(work)); },
            .identityGone = [](const std::string&) {}};
}

bool isSecure(const Config& config) {
    return config.http.tls.enabled || config.http.publicUrl.rfind("https://", 0) == 0;
}

} // namespace

admin::SignInOptions signInOptionsOf(const Config& config) {
    const SignInSettings& given = config.admin.signIn;
    admin::SignInOptions out{.issuer = given.issuer,
                             .clientId = given.clientId,
                             .clientSecret = given.clientSecret,
                             .allow = {},
                             .callbackUrl = baseUrlOf(config) + "/admin/callback"};
    for (const auto& [claim, values] : given.allow.items())
        out.allow[claim] = values.is_string() ? std::vector<std::string>{values.get<std::string>()}
                                              : values.get<std::vector<std::string>>();
    return out;
}

PageSignIn::PageSignIn(const Config& config, admin::PageSessions& sessions, const WorkerHandlerDeps& workers,
                       const GatedOptions& options)
    : fetcher_({config.fetchCaFile}), everybody_({}, openDeps(workers), nullptr), authorizer_(Policy()),
      gate_(everybody_, authorizer_, {}),
      signIn_(
          signInOptionsOf(config), [this](const FetchRequest& request) { return fetcher_.fetch(request); },
          workers.clock),
      routes_({.signIn = signIn_,
               .sessions = sessions,
               .gate = gate_,
               .workers = workers,
               .options = options,
               .prefix = pathPrefixOf(config),
               .isSecure = isSecure(config)}) {}

} // namespace gatehouse
