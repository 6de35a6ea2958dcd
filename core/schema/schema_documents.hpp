// SchemaDocuments: what references of a schema can lead to: the schema itself, the documents that are known, the
// metaschema, and the resources ($id) and anchors inside of them. JSON Schema core, sections 8 and 9.
//
// A document is looked through when the first reference leads to it. Nothing is fetched.
//
// Threads: one. Tested by tests/unit/schema/schema_documents_test.cpp.
#pragma once

#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "schema/dialect.hpp"
#include "schema/instance.hpp"
#include "schema/json_schema.hpp"

namespace gatehouse::schema {

// Why a reference leads nowhere.
class ReferenceError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

using ResourceId = std::uint32_t;

struct SchemaResource {
    struct Anchor {
        const Json* schema;
        std::string place;
        bool isDynamic;
    };
    std::string uri; // without a fragment; empty for a root without $id
    const Json* root;
    std::string place; // of its root, as SchemaError has it
    Vocabularies vocabularies;
    std::map<std::string, Anchor> anchors;
};

class SchemaDocuments {
public:
    // Borrowed: `known` and `root` must outlive it. The root becomes resource 0. Throws SchemaError.
    SchemaDocuments(const Json& root, const KnownSchemas& known, const SchemaLimits& limits);

    struct Target {
        const Json* schema;
        ResourceId resource;
        std::string place;
        std::string dynamicAnchor; // its name, when the reference named one; else empty
    };
    // Where `reference` leads from inside of `from`. Throws ReferenceError; SchemaError for a fault in the document
    // that it leads to.
    Target find(const std::string& reference, ResourceId from);

    // The resource of a subschema that lies in one of `parent`.
    ResourceId resourceOf(const Json& schema, ResourceId parent) const;
    const SchemaResource& resource(ResourceId id) const { return resources_[id]; }
    std::size_t resourceCount() const { return resources_.size(); }

private:
    ResourceId add(const Json& document, const std::string& uri, const std::string& place);
    ResourceId addResource(SchemaResource resource);
    ResourceId ownResource(const Json& schema, ResourceId parent, const std::string& place);
    // `document` is its place, `where` the way from there to `schema`.
    void look(const Json& schema, ResourceId parent, const std::string& document, const Where& where);
    void lookInside(const Json& schema, ResourceId resource, const std::string& document, const Where& where);
    void addAnchors(const Json& schema, ResourceId resource, const std::string& place);
    ResourceId resourceAt(const std::string& uri);
    Target follow(ResourceId resource, const std::string& pointer) const;

    const KnownSchemas& known_;
    const SchemaLimits limits_;
    std::deque<Json> metaschemas_; // read from text when they are needed
    std::deque<SchemaResource> resources_;
    std::unordered_map<const Json*, ResourceId> roots_;
    std::map<std::string, ResourceId> byUri_;
};

} // namespace gatehouse::schema
