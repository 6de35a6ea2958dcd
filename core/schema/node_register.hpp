// NodeRegister: gives each subschema that the compiler meets its number, once, and says which are still to be read.
// It also shares patterns, and gathers the values of `const` and `enum`.
//
// Threads: one. Tested by tests/unit/schema/node_register_test.cpp.
#pragma once

#include <deque>
#include <map>
#include <unordered_map>

#include "schema/schema_documents.hpp"
#include "schema/schema_tree.hpp"

namespace gatehouse::schema {

class NodeRegister {
public:
    // Borrowed: both must outlive it.
    NodeRegister(SchemaTree& tree, const SchemaDocuments& documents) : tree_(tree), documents_(documents) {}

    struct Entry {
        NodeId node;
        const Json* schema;
        ResourceId resource;
    };
    // The number of a subschema that lies at `path` below `parent`, in `resource` or in one of its own. Throws
    // SchemaError: beyond the limit.
    NodeId child(const Json& schema, ResourceId resource, NodeId parent, const std::string& path);
    // That of one which a reference leads to, maybe in another document.
    NodeId target(const SchemaDocuments::Target& target);
    std::optional<Entry> next(); // one that was not given out yet

    // Throws PatternError, also beyond the limits.
    PatternPointer pattern(const std::string& text);

    // The number of a name that a dynamic reference looks for.
    std::size_t dynamicName(const std::string& name);
    const std::map<std::string, std::size_t>& dynamicNames() const { return dynamicNames_; }

    // Room for the values, which fillConstants() reads. They are borrowed until then.
    ConstantRange constant(const Json& value);
    ConstantRange constants(const Json& list);
    void fillConstants(); // throws SchemaError

private:
    NodeId add(const Json& schema, ResourceId resource, NodeId parent, const std::string& path);
    SchemaTree& tree_;
    const SchemaDocuments& documents_;
    std::unordered_map<const Json*, NodeId> nodes_;
    std::deque<Entry> waiting_;
    std::map<std::string, PatternPointer> patterns_;
    std::map<std::string, std::size_t> dynamicNames_;
    std::vector<const Json*> constants_;
    std::vector<ConstantRange> long_; // of `enum`, to be sorted
};

} // namespace gatehouse::schema
