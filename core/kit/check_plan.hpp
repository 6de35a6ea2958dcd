// CheckPlan: what check.yaml says of a validator: its settings, and the tokens it takes.
//
// Threads: any; nothing is kept.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gatehouse/json.hpp>

namespace gatehouse::kit {

enum class TokenKind {
    jwt,    // signed (RFC 9068)
    opaque, // that the authorization server is asked about (RFC 7662)
    key,    // one fixed text: ${kit.secret}
    stored, // of the host's token store
    listed, // those of check.yaml alone: `good` and `bad`
};

struct CheckPlan {
    TokenKind kind = TokenKind::jwt;
    std::vector<std::string> algorithms{"RS256"}; // what good tokens are signed with
    std::int64_t leewaySeconds = 60;              // by how much the validator lets clocks differ
    std::chrono::seconds patience{10};            // for a new validator to come to know its keys
    std::set<std::string> classes;                // that apply; of every kind when check.yaml says nothing
    std::vector<std::string> good, bad;           // tokens of one's own, besides those of the kind
    std::map<std::string, std::string> headers;   // that requests carry
    Json settings = Json::object();               // the validator's own
    std::map<std::string, Json> validators;       // others that it asks by name

    bool has(const std::string& name) const { return classes.count(name) > 0; }
};

// Every class and check that a kind of token can have, in the order in which they are made.
std::vector<std::string> classesOf(TokenKind kind);
// Throws SettingsError naming the key.
CheckPlan checkPlanFrom(const Json& document);

// Puts the values in the place of ${kit.NAME} in every text. Throws SettingsError for a name that is not there.
using KitValues = std::map<std::string, std::string>;
Json filledIn(const Json& settings, const KitValues& values);

} // namespace gatehouse::kit
