// The tokens of the kit, in classes: each with what a validator must say of it.
//
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <vector>

#include "kit/kit_issuer.hpp"

namespace gatehouse::kit {

enum class Wanted {
    accepted,
    refused,     // nothing else: "unavailable" to a wrong token makes its caller try again
    notAccepted, // refused or unavailable
};

struct TokenCase {
    std::string what; // "a token without exp": for the report
    std::string token;
    Wanted wanted = Wanted::refused;
    std::string subject; // of an accepted one
};

struct TokenClass {
    std::string name;   // as check.yaml has it
    std::string source; // where it is written that it must be so
    std::vector<TokenCase> cases;
};

// Makes the cases of one class.
class ClassMaker {
public:
    ClassMaker(const KitIssuer& issuer, std::string name, std::string source)
        : issuer_(issuer), made_{std::move(name), std::move(source), {}} {}

    void accept(std::string what, std::string token, std::string subject = "kit-user");
    void refuse(std::string what, std::string token);
    // Good tokens but for one thing, rightly signed with the first algorithm.
    void refuseClaim(const std::string& claim, const Json& value, std::string what);
    void refuseClaimText(const std::string& claim, const std::string& json, std::string what); // as it stands
    void refuseWithout(const std::string& claim);
    void refuseHeader(const std::string& member, const Json& value, std::string what);
    void refuseHeaderText(const std::string& json, std::string what);

    const KitIssuer& issuer() const { return issuer_; }
    TokenClass done() { return std::move(made_); }

private:
    const KitIssuer& issuer_;
    TokenClass made_;
};

TokenClass goodTokens(const KitIssuer& issuer);
TokenClass wrongSignatures(const KitIssuer& issuer);
TokenClass wrongAlgorithms(const KitIssuer& issuer);
TokenClass wrongHeaders(const KitIssuer& issuer, const std::string& trapUrl);
TokenClass wrongTypes(const KitIssuer& issuer);
TokenClass wrongTimes(const KitIssuer& issuer, std::int64_t leewaySeconds);
TokenClass wrongAudiences(const KitIssuer& issuer);
TokenClass wrongIssuers(const KitIssuer& issuer);
TokenClass wrongSubjects(const KitIssuer& issuer);
TokenClass wrongForms(const KitIssuer& issuer);
TokenClass wrongKeys(const std::string& key); // of validators that take one fixed text
TokenClass strangeTexts();                    // what no validator takes, of whatever kind

} // namespace gatehouse::kit
