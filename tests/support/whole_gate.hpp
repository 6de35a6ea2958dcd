// An authenticator and the gate of one route.
#pragma once

#include "auth/gate.hpp"

namespace gatehouse::test {

struct WholeGate {
    WholeGate(const GateOptions& options, AuthenticatorDeps deps, TokenValidator* validator)
        : authenticator(options.authentication, std::move(deps), validator), authorizer(options.policy),
          gate(authenticator, authorizer, options.challenge) {}

    Authenticator authenticator;
    Authorizer authorizer;
    Gate gate;
    Gate* operator->() { return &gate; }
};

} // namespace gatehouse::test
