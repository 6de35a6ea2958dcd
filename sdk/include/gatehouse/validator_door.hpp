// A C++ validator as abi.h sees it. Part of plugin.hpp.
#pragma once

#include <type_traits>

#include <gatehouse/host_side.hpp>

namespace gatehouse::door {

inline void putExchange(gatehouse_exchange_sink out, const ExchangeAnswer& answer) {
    gatehouse_exchange_answer c{};
    c.size = sizeof(c);
    c.kind = GATEHOUSE_EXCHANGE_REFUSED;
    if (const auto* yes = std::get_if<Exchanged>(&answer)) {
        c.kind = GATEHOUSE_EXCHANGED;
        c.credential = str(yes->credential);
    } else if (const auto* later = std::get_if<Unavailable>(&answer)) {
        c.kind = GATEHOUSE_EXCHANGE_UNAVAILABLE;
        c.retry_after_s = static_cast<std::uint32_t>(later->retryAfter.count());
        c.detail = str(later->detail);
    } else {
        c.detail = str(std::get<ExchangeRefused>(answer).detail);
    }
    out.put(out.ctx, &c);
}

inline void putTraits(gatehouse_traits_sink out, const ValidatorTraits& traits) {
    std::string servers;
    for (const std::string& server : traits.authorizationServers)
        servers.append(servers.empty() ? "" : " ").append(server);
    gatehouse_validator_traits c{};
    c.size = sizeof(c);
    c.flags = (traits.runsInline ? std::uint32_t{GATEHOUSE_VALIDATOR_INLINE} : 0u) |
              (traits.exchanges ? std::uint32_t{GATEHOUSE_VALIDATOR_EXCHANGES} : 0u);
    c.header = str(traits.header);
    c.scheme = str(traits.scheme);
    c.authorization_servers = str(servers);
    out.put(out.ctx, &c);
}

template <class Validator>
struct ValidatorDoor {
    HostSide host;
    Validator plugin;

    ValidatorDoor(const gatehouse_host* table, const Settings& settings) : host(table), plugin(settings, host) {}

    static void traits(void* self, gatehouse_traits_sink out, gatehouse_sink error) noexcept {
        started("traits", error, [&] { putTraits(out, static_cast<ValidatorDoor*>(self)->plugin.traits()); });
    }
    static void validate(void* self, const gatehouse_token_request* request, gatehouse_verdict_sink out) noexcept {
        auto& door = *static_cast<ValidatorDoor*>(self);
        bool isJudged = false;
        logged("validate", door.host, [&] {
            border::putJudgement(*request, out, [&](const TokenRequest& asked) {
                Verdict verdict = door.plugin.validate(asked);
                isJudged = true;
                return verdict;
            });
        });
        if (!isJudged) logged("validate", door.host, [&] { border::putVerdict(out, Unavailable{"validate threw"}); });
    }
    static void exchange(void* self, const gatehouse_exchange_request* c, gatehouse_exchange_sink out) noexcept {
        auto& door = *static_cast<ValidatorDoor*>(self);
        logged("exchange", door.host, [&] {
            const Identity identity = border::identity(*c->identity);
            putExchange(out, door.plugin.exchange({view(c->token), identity, view(c->audience),
                                                   std::chrono::milliseconds(c->timeout_ms)}));
        });
    }
};

template <class Validator>
const void* validatorInterface(const char* id) noexcept {
    static_assert(std::is_base_of_v<TokenValidator, Validator>, "the class must derive from gatehouse::TokenValidator");
    static_assert(std::is_constructible_v<Validator, const Settings&, const Host&>,
                  "the class needs a constructor (const gatehouse::Settings&, const gatehouse::Host&)");
    using Door = ValidatorDoor<Validator>;
    static const gatehouse_token_validator_v1 table = {sizeof(table),      create<Door>,   destroy<Door>,
                                                       Door::traits,       Door::validate, Door::exchange,
                                                       identityGone<Door>, notReady<Door>};
    return std::string_view(id) == GATEHOUSE_TOKEN_VALIDATOR_1 ? &table : nullptr;
}

} // namespace gatehouse::door
