#include "schema/schema_compiler.hpp"

#include "schema/node_compiler.hpp"

namespace gatehouse::schema {

namespace {

class SchemaCompiler {
public:
    SchemaCompiler(SchemaTree& tree, const Json& schema, const KnownSchemas& known)
        : tree_(tree), documents_(schema, known, tree.limits), nodes_(tree, documents_) {
        nodes_.child(schema, 0, noNode, "");
    }

    // A dynamic reference may lead to the anchors of its name in every resource; reading those may bring new names.
    void compile() {
        do {
            while (const auto entry = nodes_.next()) compileNode(tree_, documents_, nodes_, *entry);
        } while (addDynamicTargets());
        nodes_.fillConstants();
    }

private:
    // Whether there are nodes to be read after it.
    bool addDynamicTargets() {
        const std::size_t before = tree_.nodes.size();
        tree_.dynamicAnchors.assign(nodes_.dynamicNames().size(),
                                    std::vector<NodeId>(documents_.resourceCount(), noNode));
        for (const auto& [name, index] : nodes_.dynamicNames())
            for (ResourceId id = 0; id < documents_.resourceCount(); ++id)
                tree_.dynamicAnchors[index][id] = dynamicTarget(name, id);
        return tree_.nodes.size() > before;
    }

    NodeId dynamicTarget(const std::string& name, ResourceId id) {
        const auto& anchors = documents_.resource(id).anchors;
        const auto found = anchors.find(name);
        if (found == anchors.end() || !found->second.isDynamic) return noNode;
        return nodes_.target({found->second.schema, id, found->second.place, name});
    }

    SchemaTree& tree_;
    SchemaDocuments documents_;
    NodeRegister nodes_;
};

} // namespace

std::shared_ptr<const SchemaTree> compileSchema(const Json& schema, const KnownSchemas& known,
                                                const SchemaLimits& limits) {
    auto tree = std::make_shared<SchemaTree>();
    tree->limits = limits;
    SchemaCompiler(*tree, schema, known).compile();
    return tree;
}

} // namespace gatehouse::schema
