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

} // namespace gatehouse::schema
