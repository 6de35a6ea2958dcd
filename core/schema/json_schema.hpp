// JsonSchema: says whether a JSON value is what a schema asks for. JSON Schema draft 2020-12, all of its core,
// applicator, validation and unevaluated vocabularies; `format` and `content...` are notes and assert nothing.
//
// A schema is compiled once, into a tree that is never changed; a value is checked where its parser left it, without
// memory from the heap as long as it is valid and no unevaluated... keyword, dynamic reference or large object asks
// for some. Nothing is ever fetched from a network. A value that is too much work is not valid.
//
// Threads: compile in any; a JsonSchema never changes, so any number of threads may check with it.
// Tested by tests/unit/schema/json_schema_test.cpp and, with the official cases, official_suite_test.cpp.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <simdjson.h>
#include <gatehouse/json.hpp>

namespace gatehouse::schema {

// Why a schema cannot be served. what() begins with its place.
class SchemaError : public std::runtime_error {
public:
    SchemaError(const std::string& place, const std::string& why);
    // A JSON Pointer into the schema, "" its root; behind the document's URI and '#' when it is in another document.
    const std::string& place() const { return place_; }

private:
    std::string place_;
};

// Beyond those of a schema: SchemaError. Beyond those of a check: a Violation that says so.
struct SchemaLimits {
    std::size_t depth = 64;               // arrays and objects inside of each other, in one schema document
    std::size_t subschemas = 10'000;      // with those that references reach in other documents
    std::size_t uriLength = 4'000;        // bytes of one $id, $ref, $dynamicRef or $schema
    std::size_t patternLength = 1'000;    // bytes of one regular expression
    std::size_t patterns = 100;           // different ones in one schema
    std::size_t patternMemory = 8u << 20; // bytes that one compiled pattern may grow to while it is used
    std::size_t checkDepth = 512;         // subschemas inside of each other while one instance is checked
    std::size_t steps = 1'000'000;        // work of one check: 0.1 microseconds each, a few at the very worst
};

// Messages are for a person. They quote the schema and the instance's member names (cut when long), and never a value
// of the instance, which may be a secret.
struct Violation {
    std::string instancePath; // JSON Pointer into the instance, "" the root
    std::string schemaPath;   // as SchemaError::place(), down to the keyword
    std::string message;      // `"city" is required`, `expected integer, got string`
};

// Documents that a $ref may name, by their absolute URI. The metaschema of 2020-12 is known without being listed.
using KnownSchemas = std::map<std::string, Json>;

struct SchemaTree;

class JsonSchema {
public:
    // The arguments are read during the call only. Throws SchemaError: not a boolean or an object; a keyword of the
    // wrong shape; a reference that leads nowhere, or to a document that is not known; a $schema other than 2020-12
    // (without one it is that) or than a known metaschema made of its vocabularies; a pattern that cannot be served;
    // beyond the limits.
    static JsonSchema compile(const Json& schema, const KnownSchemas& known = {}, const SchemaLimits& limits = {});

    // Nothing when `instance` is valid, else the first violation that was found. Numbers are compared by value (1 is
    // 1.0), objects without order. Of duplicate members each is checked. [any thread]
    std::optional<Violation> check(const simdjson::dom::element& instance) const;
    // The same of a text; what is no JSON is a violation. For tools, not for calls: it parses anew. [any thread]
    std::optional<Violation> checkText(std::string_view json) const;

private:
    explicit JsonSchema(std::shared_ptr<const SchemaTree> tree) : tree_(std::move(tree)) {}
    std::shared_ptr<const SchemaTree> tree_;
};

} // namespace gatehouse::schema
