// SchemaTree: a compiled schema. Its nodes are the subschemas, by number; a reference is the number of its target, so
// the tree may be a graph with circles. The compiler makes it, then nothing changes it.
//
// Threads: any, once it is made. Tested by tests/unit/schema/schema_tree_test.cpp.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schema/instance.hpp"
#include "schema/json_schema.hpp"
#include "schema/schema_pattern.hpp"

namespace gatehouse::schema {

using NodeId = std::uint32_t;
inline constexpr NodeId noNode = std::numeric_limits<NodeId>::max();
inline constexpr std::size_t noBound = std::numeric_limits<std::size_t>::max();

using PatternPointer = std::shared_ptr<const SchemaPattern>;

// A value in `const` or `enum`; a view into SchemaTree::constantsParser.
struct Constant {
    Instance value;
    std::uint64_t hash;
};

// A range of SchemaTree::constants. In a long one they are in the order of their hashes.
struct ConstantRange {
    std::size_t begin, end;
    std::size_t size() const { return end - begin; }
};
inline constexpr std::size_t longestUnsortedEnum = 8;

struct ValueRules {
    std::optional<ConstantRange> constant, enumeration;
};

struct NumberRules {
    std::optional<JsonNumber> minimum, exclusiveMinimum, maximum, exclusiveMaximum;
    std::optional<Divisor> multipleOf;
};

// Lengths are in code points.
struct StringRules {
    std::size_t minLength = 0, maxLength = noBound;
    PatternPointer pattern; // or null
};

struct ArrayRules {
    std::vector<NodeId> prefix;
    NodeId items = noNode, contains = noNode;
    std::size_t minItems = 0, maxItems = noBound, minContains = 1, maxContains = noBound;
    bool areUnique = false;
};

struct ObjectRules {
    struct Name {
        std::string text;
        NodeId property; // or noNode: it is named by required or dependent... only
    };
    struct Patterned {
        PatternPointer pattern;
        NodeId schema;
    };
    struct Dependent { // what the presence of a member asks for
        std::uint32_t trigger;
        std::vector<std::uint32_t> required;
        NodeId schema;
    };
    // The place of `name` in `names`, or names.size().
    std::size_t find(std::string_view name) const;

    std::vector<Name> names; // by length, then bytes; the numbers below are places in it
    std::vector<std::uint32_t> required;
    std::vector<Dependent> dependents;
    std::vector<Patterned> patterns;
    NodeId additional = noNode, propertyNames = noNode;
    std::size_t minProperties = 0, maxProperties = noBound;
};

// Schemas for the value itself, not for its parts.
struct InPlaceRules {
    NodeId reference = noNode, dynamicReference = noNode;
    std::optional<std::size_t> dynamicName; // in SchemaTree::dynamicAnchors; none: a dynamic reference like any other
    std::vector<NodeId> allOf, anyOf, oneOf;
    NodeId negated = noNode, condition = noNode, then = noNode, otherwise = noNode;
};

// What is null asks for nothing.
struct SchemaNode {
    Types types = anyType;
    bool isNever = false;       // the schema `false`
    std::uint32_t resource = 0; // the schema resource that it lies in: a step of the dynamic scope
    NodeId unevaluatedItems = noNode, unevaluatedProperties = noNode;
    std::unique_ptr<const ValueRules> values;
    std::unique_ptr<const NumberRules> numbers;
    std::unique_ptr<const StringRules> strings;
    std::unique_ptr<const ArrayRules> arrays;
    std::unique_ptr<const ObjectRules> objects;
    std::unique_ptr<const InPlaceRules> inPlace;

    // True when a value of one of `types` is valid, whatever it is.
    bool checksTypeOnly() const {
        return !isNever && unevaluatedItems == noNode && unevaluatedProperties == noNode && !values && !numbers &&
               !strings && !arrays && !objects && !inPlace;
    }

    NodeId parent = noNode;
    std::string path; // JSON Pointer from the parent, or the whole place when there is none
};

struct SchemaTree {
    std::string placeOf(NodeId node) const;

    SchemaLimits limits;
    std::vector<SchemaNode> nodes; // the root is 0
    std::vector<Constant> constants;
    simdjson::dom::parser constantsParser;
    std::vector<std::vector<NodeId>> dynamicAnchors; // by name, then by resource; empty: no dynamic scope is needed
};

} // namespace gatehouse::schema
