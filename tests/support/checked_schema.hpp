// Schemas and instances as text, for tests.
#pragma once

#include <optional>
#include <string>

#include "schema/json_schema.hpp"

// The first violation, or nothing.
inline std::optional<gatehouse::schema::Violation> violationOf(const gatehouse::schema::JsonSchema& schema,
                                                               const std::string& instance) {
    simdjson::dom::parser parser;
    return schema.check(parser.parse(instance).value());
}

inline gatehouse::schema::JsonSchema schemaOf(const std::string& text,
                                              const gatehouse::schema::KnownSchemas& known = {},
                                              const gatehouse::schema::SchemaLimits& limits = {}) {
    return gatehouse::schema::JsonSchema::compile(gatehouse::Json::parse(text), known, limits);
}

inline bool isValid(const std::string& schema, const std::string& instance) {
    return !violationOf(schemaOf(schema), instance);
}

// `instancePath: message`, or "valid".
inline std::string verdictOf(const std::string& schema, const std::string& instance) {
    const auto violation = violationOf(schemaOf(schema), instance);
    return violation ? violation->instancePath + ": " + violation->message : "valid";
}

// what() of the SchemaError, or "".
inline std::string faultOf(const std::string& schema, const gatehouse::schema::KnownSchemas& known = {},
                           const gatehouse::schema::SchemaLimits& limits = {}) {
    try {
        schemaOf(schema, known, limits);
        return "";
    } catch (const gatehouse::schema::SchemaError& error) {
        return error.what();
    }
}
