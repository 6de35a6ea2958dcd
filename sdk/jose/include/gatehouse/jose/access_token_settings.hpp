// What readAccessTokenSettings and ClientCredentials read, as members of `properties` of GATEHOUSE_SETTINGS:
//
//     GATEHOUSE_SETTINGS(R"json({"properties": {)json" GATEHOUSE_ACCESS_TOKEN_SETTINGS R"(, "my_key": {"type":
//     "string"}}})")
#pragma once

// clang-format off: a line for each part of a text
#define GATEHOUSE_ISSUER_SETTING                                               \
    R"("issuer": {"type": ["string", "array"], "items": {"type": "string"}, )" \
    R"("description": "whose tokens are taken: the iss of the token"})"

#define GATEHOUSE_TIME_SETTINGS                                                              \
    R"("leeway_seconds": {"type": "integer", "minimum": 0, "maximum": 300, "default": 10, )" \
    R"("description": "by how much clocks may differ: for exp, nbf and iat"}, )"             \
    R"("require_expiry": {"type": "boolean", "default": true, )"                             \
    R"("description": "false: a token without exp is taken as well"})"

#define GATEHOUSE_AUDIENCE_SETTINGS                                                                                    \
    R"("audience": {"type": ["string", "array"], "items": {"type": "string"}, )"                                       \
    R"("description": "one of them must be in the token; {resource} stands for this server, which is the default"}, )" \
    R"("required_scopes": {"type": ["string", "array"], "items": {"type": "string"}, )"                                \
    R"("description": "required for every request"})"

#define GATEHOUSE_ACCESS_TOKEN_SETTINGS                                                                    \
    GATEHOUSE_ISSUER_SETTING                                                                               \
    ", " GATEHOUSE_TIME_SETTINGS ", " GATEHOUSE_AUDIENCE_SETTINGS                                          \
    ", "                                                                                                   \
    R"("algorithms": {"type": ["string", "array"], "items": {"type": "string"}, )"                         \
    R"("description": "that a token may be signed with; default: what the validator says of its keys"}, )" \
    R"("types": {"type": ["string", "array"], "items": {"type": "string"}, )"                              \
    R"("description": "that the typ of the header may be; default: JWT, at+jwt or none"}, )"               \
    R"("claims": {"type": "object", )"                                                                     \
    R"("description": "which claims are subject, client, token_id and scopes: a name or a list"})"

#define GATEHOUSE_CLIENT_SETTINGS                                                              \
    R"("client_id": {"type": "string", "description": "ours at the provider"}, )"              \
    R"("client_secret": {"type": ["string", "integer"], "writeOnly": true, )"                  \
    R"("description": "or file:/path of it; this or private_key_file"}, )"                     \
    R"("private_key_file": {"type": "string", )"                                               \
    R"("description": "PEM, for private_key_jwt of RFC 7523; not readable by other users"}, )" \
    R"("key_id": {"type": "string", "default": "", "description": "the kid that the provider knows the key by"})"
// clang-format on
