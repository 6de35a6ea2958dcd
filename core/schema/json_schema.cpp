#include "schema/json_schema.hpp"

#include "schema/schema_checker.hpp"
#include "schema/schema_compiler.hpp"

namespace gatehouse::schema {

SchemaError::SchemaError(const std::string& place, const std::string& why)
    : std::runtime_error((place.empty() ? "the schema" : place) + ": " + why), place_(place) {}

JsonSchema JsonSchema::compile(const Json& schema, const KnownSchemas& known, const SchemaLimits& limits) {
    return JsonSchema(compileSchema(schema, known, limits));
}

std::optional<Violation> JsonSchema::check(const simdjson::dom::element& instance) const {
    return SchemaChecker(*tree_).check(instance);
}

std::optional<Violation> JsonSchema::checkText(std::string_view json) const {
    simdjson::dom::parser parser;
    const auto parsed = parser.parse(simdjson::padded_string(json));
    if (parsed.error() != simdjson::SUCCESS) return Violation{"", "", "not JSON"};
    return check(parsed.value_unsafe());
}

} // namespace gatehouse::schema
