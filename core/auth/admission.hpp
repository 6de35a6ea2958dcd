// What the gate says of a request: let in, refused, or to be asked about.
#pragma once

#include <variant>

#include "auth/caller.hpp"
#include "auth/challenge.hpp"
#include "auth/credential.hpp"
#include "base/digest.hpp"
#include "base/secret_text.hpp"

namespace gatehouse {

// What a request shows. Views must live as long as `alive` of Gate::admitLater does.
struct GateRequest {
    const std::vector<HeaderField>& fields;
    std::string_view query;
    std::string_view method;
    std::string_view peer;
    std::string_view certificate;
};

struct Admitted {
    CallerPtr caller;
    SecretPtr token; // the caller's, when the validator exchanges it for the backend; null: nobody needs it
};

using GateAnswer = std::variant<Admitted, GateRefusal>;

// A request whose token no verdict is known of, with all that was read of it. Only the gate makes one.
class PendingAdmission {
public:
    PendingAdmission(PendingAdmission&&) = default;
    PendingAdmission& operator=(PendingAdmission&&) = delete;

private:
    friend class Gate;
    PendingAdmission(const GateRequest& request, const Credential& credential, const Sha256& digest)
        : request_(request), credential_(credential), digest_(digest) {}

    GateRequest request_;
    Credential credential_;
    Sha256 digest_;
};

using Admission = std::variant<GateAnswer, PendingAdmission>;

} // namespace gatehouse
