#include "admin/openapi.hpp"

#include "admin/token_endpoints.hpp"

namespace gatehouse::admin {

namespace {

// JSON Schema 2020-12. Members of a request are those of tokens/token_request.hpp, of an answer those of
// token_view.hpp.
constexpr const char* schemas = R"({
"Line": {"type": "string", "maxLength": 200, "pattern": "^[^\\x00-\\x1f\\x7f\\ufdd0-\\ufdef\\ufffe\\uffff]*$"},
"Name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[^\\x00-\\x1f\\x7f\\ufdd0-\\ufdef\\ufffe\\uffff]+$"},
"Word": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!#-\\[\\]-~]+$"},
"Network": {"type": "string", "description": "an address or a range", "anyOf": [
  {"pattern": "^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(/(3[0-2]|[12]?[0-9]))?$"},
  {"pattern": "^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?$"},
  {"pattern": "^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,5}::(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?$"}]},
"Networks": {"type": "object", "additionalProperties": false, "properties": {
  "allow": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Network"}},
  "deny": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Network"}}}},
"Rules": {"type": "object", "additionalProperties": false, "properties": {
  "allow": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Word"}},
  "deny": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Word"}}}},
"TokenChange": {"type": "object", "additionalProperties": false, "not": {"required": ["expires_in_days", "expires_at"]}, "properties": {
  "name": {"$ref": "#/components/schemas/Name"},
  "description": {"type": "string", "maxLength": 2000, "pattern": "^[^\\x00-\\x1f\\x7f\\ufdd0-\\ufdef\\ufffe\\uffff]*$"},
  "labels": {"type": "object", "maxProperties": 100, "propertyNames": {"$ref": "#/components/schemas/Name"},
    "additionalProperties": {"$ref": "#/components/schemas/Line"}},
  "scopes": {"type": "array", "minItems": 1, "maxItems": 100, "items": {"$ref": "#/components/schemas/Word"}},
  "expires_in_days": {"type": "integer", "minimum": 1, "maximum": 365}, "expires_at": {"type": "string", "format": "date-time"},
  "not_before": {"type": "string", "format": "date-time"},
  "rate_limit": {"type": "integer", "minimum": 1, "maximum": 1000000000, "description": "calls in any hour"},
  "burst": {"type": "integer", "minimum": 1, "maximum": 1000000000, "description": "calls in any 10 seconds"},
  "networks": {"$ref": "#/components/schemas/Networks"}, "tools": {"$ref": "#/components/schemas/Rules"},
  "databases": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Word"}},
  "max_idle_days": {"type": "integer", "minimum": 1, "maximum": 3650}}},
"Token": {"type": "object", "required": ["id", "name", "scopes", "status", "generation", "is_active", "usage_count"], "properties": {
  "id": {"type": "string"}, "name": {"type": "string"}, "description": {"type": "string"}, "labels": {"type": "object"},
  "owner": {"type": ["string", "null"]}, "created_by": {"type": ["string", "null"]}, "parent_id": {"type": ["string", "null"]},
  "scopes": {"type": "array", "items": {"type": "string"}}, "databases": {"type": "array", "items": {"type": "string"}},
  "created_at": {"type": ["string", "null"], "format": "date-time"}, "not_before": {"type": ["string", "null"], "format": "date-time"},
  "expires_at": {"type": ["string", "null"], "format": "date-time"}, "rate_limit": {"type": ["integer", "null"]},
  "burst": {"type": ["integer", "null"]}, "max_calls": {"type": ["integer", "null"]}, "max_idle_days": {"type": ["integer", "null"]},
  "tools": {"$ref": "#/components/schemas/Rules"}, "networks": {"$ref": "#/components/schemas/Rules"},
  "status": {"enum": ["active", "suspended", "idle", "not_yet_valid", "expired", "revoked"]}, "is_active": {"type": "boolean"},
  "generation": {"type": "integer"}, "last_used_at": {"type": ["string", "null"], "format": "date-time"},
  "usage_count": {"type": "integer"}, "previous": {"type": ["object", "null"], "properties": {"generation": {"type": "integer"},
    "valid_until": {"type": "string", "format": "date-time"}, "last_used_at": {"type": ["string", "null"]}, "calls_since": {"type": "integer"}}}}},
"Rotation": {"type": "object", "additionalProperties": false, "properties": {
  "overlap": {"type": "string", "pattern": "^([0-9]{1,2}[smh]|([0-9]|[12][0-9]|30)d)$", "description": "how long the old text stays valid, up to 30d, such as 2s, 24h or 7d"},
  "expires_in_days": {"type": "integer", "minimum": 1, "maximum": 365}, "finish_when_idle": {"type": "boolean"}, "replace": {"type": "boolean"}}},
"BulkRevoke": {"type": "object", "additionalProperties": false, "properties": {
  "ids": {"type": "array", "items": {"type": "string"}}, "owner": {"type": "string"}, "created_before": {"type": "string", "format": "date-time"},
  "reason": {"$ref": "#/components/schemas/Line"}, "dry_run": {"type": "boolean"}},
  "anyOf": [{"required": ["ids"]}, {"required": ["owner"]}, {"required": ["created_before"]}]},
"BulkRevoked": {"type": "object", "required": ["ids", "total", "dry_run"]},
"TokenList": {"type": "object", "required": ["data", "total", "next_cursor"], "properties": {
  "data": {"type": "array", "items": {"$ref": "#/components/schemas/Token"}}, "total": {"type": "integer"}, "next_cursor": {"type": ["string", "null"]}}},
"Validity": {"type": "object", "required": ["valid", "id", "scopes", "expires_at"]},
"Scopes": {"type": "object", "required": ["data"]},
"Refusals": {"type": "object", "required": ["data"], "properties": {"data": {"type": "array", "items": {"type": "object",
  "required": ["id", "name", "at", "reason", "tool", "address", "client", "count", "remedy"]}}}},
"Usage": {"type": "object", "required": ["usage_count", "last_used_at", "days", "tools", "generations", "refusals"]},
"Generations": {"type": "object", "required": ["data", "generation", "previous"]},
"Problem": {"type": "object", "required": ["type", "title", "status", "detail", "code"], "properties": {"status": {"type": "integer"},
  "type": {"type": "string"}, "title": {"type": "string"}, "detail": {"type": "string"}, "code": {"type": "string"}}}
})";

Json ref(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

// A schema that has another one's members and a few more.
Json extended(const Json& schema, const Json& more, const Json& required) {
    Json out = schema;
    out["properties"].update(more);
    for (const Json& name : required) out["required"].push_back(name);
    return out;
}

Json allSchemas() {
    Json out = Json::parse(schemas);
    const Json text{{"type", "string"}}, number{{"type", {"integer", "null"}}},
        calls{{"type", "integer"}, {"minimum", 1}, {"maximum", 1'000'000'000}};
    const Json owner{{"$ref", "#/components/schemas/Name"}};
    out["TokenRequest"] = extended(out["TokenChange"], {{"owner", owner}}, {"name"});
    out["DerivedRequest"] = extended(out["TokenChange"], {{"max_calls", calls}}, Json::array());
    out["NewToken"] = extended(out["Token"], {{"token", text}}, {"token"});
    out["Self"] = extended(out["Token"], {{"remaining", number}, {"resets_at", {{"type", {"string", "null"}}}}},
                           {"remaining", "resets_at"});
    return out;
}

// What is read of a parameter; a text where nothing else is said.
Json schemaOf(std::string_view name) {
    static const Json known = Json::parse(R"({
        "skip": {"type": "integer", "minimum": 0, "maximum": 999999999},
        "limit": {"type": "integer", "minimum": 1, "maximum": 999999999},
        "status": {"enum": ["active", "suspended", "idle", "not_yet_valid", "expired", "revoked"]},
        "expires_within": {"type": "string", "pattern": "^[0-9]{1,4}[smhdw]$"},
        "unused_for": {"type": "string", "pattern": "^[0-9]{1,4}[smhdw]$"},
        "reason": {"$ref": "#/components/schemas/Line"},
        "cursor": {"type": "string", "pattern": "^[0-9]{1,12}[.][0-9A-Za-z-]{1,64}$", "description": "next_cursor of a list"},
        "id": {"type": "string", "pattern": "^[0-9A-Za-z-]{1,64}$"},
        "Idempotency-Key": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        "If-Match": {"type": "string", "pattern": "^\\*$|^\"[0-9a-f]{32}\"$"}})");
    const auto found = known.find(name);
    return found == known.end() ? Json{{"type", "string"}, {"maxLength", 200}} : *found;
}

Json parameterOf(std::string_view name, const char* in, bool isRequired = false) {
    return {{"name", name}, {"in", in}, {"required", isRequired}, {"schema", schemaOf(name)}};
}

Json problemAnswer(const char* words) {
    return {{"description", words}, {"content", {{"application/problem+json", {{"schema", ref("Problem")}}}}}};
}

// What is no HTTP is refused before anybody knows for whom it was.
Json badRequest() {
    Json out = problemAnswer("what was asked for is wrong");
    out["content"]["application/json"]["schema"] = {{"type", "object"}};
    return out;
}

Json answersOf(const EndpointSpec& spec) {
    Json success{{"description", spec.summary}};
    if (*spec.answer) success["content"]["application/json"]["schema"] = ref(spec.answer);
    Json out{{std::to_string(spec.status), success}};
    out["400"] = badRequest();
    for (const auto& [status, words] :
         {std::pair("401", "no valid credential"), std::pair("403", "not with this credential"),
          std::pair("404", "no such token"), std::pair("409", "not in this state"),
          std::pair("412", "changed meanwhile"), std::pair("415", "the body is no JSON"),
          std::pair("422", "of the right form, and cannot be"), std::pair("429", "too many at once"),
          std::pair("503", "not now"), std::pair("507", "no space to store it")})
        out[status] = problemAnswer(words);
    return out;
}

// Without a body it is as if {} had been sent.
bool wantsSomething(const std::string& wish) {
    const Json schema = allSchemas().at(wish);
    return schema.contains("required") || schema.contains("anyOf");
}

Json operationOf(const EndpointSpec& spec) {
    Json out{{"summary", spec.summary}, {"responses", answersOf(spec)}, {"parameters", Json::array()}};
    if (std::string_view(spec.path).find("{id}") != std::string_view::npos)
        out["parameters"].push_back(parameterOf("id", "path", true));
    for (const std::string_view name : spec.parameters) out["parameters"].push_back(parameterOf(name, "query"));
    if (spec.status == 201) out["parameters"].push_back(parameterOf("Idempotency-Key", "header"));
    if (std::string_view(spec.method) == "PATCH") out["parameters"].push_back(parameterOf("If-Match", "header"));
    if (!*spec.wish) return out;
    out["requestBody"]["content"]["application/json"]["schema"] = ref(spec.wish);
    out["requestBody"]["required"] = wantsSomething(spec.wish);
    return out;
}

} // namespace

std::string openApiText(const std::string& baseUrl, const std::vector<std::string>& scopes) {
    Json schemas = allSchemas();
    for (const char* name : {"TokenRequest", "TokenChange", "DerivedRequest"})
        schemas[name]["properties"]["scopes"]["items"] = {{"enum", scopes}};
    Json out{{"openapi", "3.1.0"},
             {"info", {{"title", "Gatehouse token API"}, {"version", "2"}}},
             {"servers", {{{"url", baseUrl}}}},
             {"security", {{{"bearer", Json::array()}}}},
             {"components",
              {{"schemas", schemas}, {"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
    for (const EndpointSpec& spec : tokenEndpoints()) {
        std::string method(spec.method);
        for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
        out["paths"][std::string(tokensPath) + spec.path][method] = operationOf(spec);
    }
    return out.dump();
}

} // namespace gatehouse::admin
