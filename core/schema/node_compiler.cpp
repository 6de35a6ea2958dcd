#include "schema/node_compiler.hpp"

#include <map>

#include "schema/keyword_reader.hpp"
#include "schema/pattern_translator.hpp"

namespace gatehouse::schema {

namespace {

// A subschema becomes a SchemaNode: groups of rules by the type they judge, null where a schema has none, so that what
// is not used costs nothing. The names of members are numbered (by length, then text): the checker goes through an
// object once and marks numbers. Children are only registered, and compiled after their parent by schema_compiler.cpp:
// a deep schema needs no deep stack.

std::string pathOf(const char* keyword, const std::string& name) {
    std::string path = std::string("/") + keyword;
    appendPointerToken(path, name);
    return path;
}

std::string pathOf(const char* keyword) { return std::string("/") + keyword; }

struct IsBefore {
    bool operator()(const std::string& a, const std::string& b) const {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};

// One subschema while it is read.
class NodeCompiler {
public:
    NodeCompiler(SchemaTree& tree, SchemaDocuments& documents, NodeRegister& nodes, const NodeRegister::Entry& entry)
        : tree_(tree), documents_(documents), nodes_(nodes), entry_(entry),
          read_(*entry.schema, [&tree, node = entry.node] { return tree.placeOf(node); }) {}

    void compile() {
        const Vocabularies vocabularies = documents_.resource(entry_.resource).vocabularies;
        compileDefinitions();
        if (vocabularies.validation) compileValidation();
        compileArrays(vocabularies);
        compileObjects(vocabularies);
        compileInPlace(vocabularies.applicator);
        if (!vocabularies.unevaluated) return;
        const NodeId items = schema("unevaluatedItems"), properties = schema("unevaluatedProperties");
        node().unevaluatedItems = items;
        node().unevaluatedProperties = properties;
    }

private:
    // Not kept: it moves when another node is added.
    SchemaNode& node() { return tree_.nodes[entry_.node]; }

    NodeId child(const Json& schema, const std::string& path) {
        return nodes_.child(schema, entry_.resource, entry_.node, path);
    }

    NodeId schema(const char* keyword) {
        const Json* value = read_.find(keyword);
        return value == nullptr ? noNode : child(*value, pathOf(keyword));
    }

    std::vector<NodeId> schemas(const char* keyword) {
        std::vector<NodeId> list;
        if (const Json* values = read_.schemas(keyword))
            for (std::size_t i = 0; i < values->size(); ++i)
                list.push_back(child((*values)[i], pathOf(keyword, std::to_string(i))));
        return list;
    }

    PatternPointer pattern(const std::string& keyword, const std::string& text) {
        try {
            return nodes_.pattern(text);
        } catch (const PatternError& error) {
            read_.refuse(keyword, "the pattern cannot be served: " + std::string(error.what()));
        }
    }

    void compileDefinitions() {
        for (const char* keyword : {"$defs", "definitions"})
            if (const Json* members = read_.object(keyword))
                for (const auto& [name, member] : members->items()) child(member, pathOf(keyword, name));
    }

    void compileValidation() {
        node().types = read_.types();
        compileValues();
        compileNumbers();
        compileStrings();
    }

    void compileValues() {
        auto rules = std::make_unique<ValueRules>();
        if (const Json* value = read_.find("const")) rules->constant = nodes_.constant(*value);
        if (const Json* list = read_.find("enum")) {
            if (!list->is_array()) read_.refuse("enum", "expected an array");
            rules->enumeration = nodes_.constants(*list);
        }
        if (rules->constant || rules->enumeration) node().values = std::move(rules);
    }

    void compileNumbers() {
        auto rules = std::make_unique<NumberRules>();
        rules->minimum = read_.number("minimum");
        rules->exclusiveMinimum = read_.number("exclusiveMinimum");
        rules->maximum = read_.number("maximum");
        rules->exclusiveMaximum = read_.number("exclusiveMaximum");
        if (const auto divisor = read_.number("multipleOf")) {
            if (!divisor->isPositive()) read_.refuse("multipleOf", "expected a number above zero");
            rules->multipleOf = Divisor(*divisor);
        }
        const bool hasBound = rules->minimum || rules->exclusiveMinimum || rules->maximum || rules->exclusiveMaximum;
        if (hasBound || rules->multipleOf) node().numbers = std::move(rules);
    }

    void compileStrings() {
        auto rules = std::make_unique<StringRules>();
        rules->minLength = read_.count("minLength", 0);
        rules->maxLength = read_.count("maxLength", noBound);
        if (const std::string* text = read_.text("pattern")) rules->pattern = pattern("pattern", *text);
        if (rules->minLength > 0 || rules->maxLength != noBound || rules->pattern) node().strings = std::move(rules);
    }

    void compileArrays(const Vocabularies& vocabularies) {
        auto rules = std::make_unique<ArrayRules>();
        if (vocabularies.applicator) {
            rules->prefix = schemas("prefixItems");
            if (const Json* items = read_.find("items"); items != nullptr && items->is_array())
                read_.refuse("items", "expected one schema; a list of schemas is prefixItems in draft 2020-12");
            rules->items = schema("items");
            rules->contains = schema("contains");
        }
        if (vocabularies.validation) {
            rules->minItems = read_.count("minItems", 0);
            rules->maxItems = read_.count("maxItems", noBound);
            rules->minContains = read_.count("minContains", 1);
            rules->maxContains = read_.count("maxContains", noBound);
            rules->areUnique = read_.flag("uniqueItems");
        }
        const bool hasSchemas = !rules->prefix.empty() || rules->items != noNode || rules->contains != noNode;
        if (hasSchemas || rules->minItems > 0 || rules->maxItems != noBound || rules->areUnique)
            node().arrays = std::move(rules);
    }

    // What is asked of members by their names, before the names have numbers.
    struct NamedRules {
        std::map<std::string, NodeId, IsBefore> names;
        std::vector<std::string> required;
        std::map<std::string, std::pair<std::vector<std::string>, NodeId>> dependents;
    };

    void compileObjects(const Vocabularies& vocabularies) {
        auto rules = std::make_unique<ObjectRules>();
        NamedRules named;
        if (vocabularies.applicator) readObjectSchemas(named, *rules);
        if (vocabularies.validation) readObjectValidation(named, *rules);
        numberNames(named, *rules);
        const bool hasSchemas =
            !rules->patterns.empty() || rules->additional != noNode || rules->propertyNames != noNode;
        if (hasSchemas || !rules->names.empty() || rules->minProperties > 0 || rules->maxProperties != noBound)
            node().objects = std::move(rules);
    }

    void readObjectSchemas(NamedRules& named, ObjectRules& rules) {
        if (const Json* members = read_.object("properties"))
            for (const auto& [name, value] : members->items())
                named.names[name] = child(value, pathOf("properties", name));
        if (const Json* members = read_.object("patternProperties"))
            for (const auto& [text, value] : members->items())
                rules.patterns.push_back(
                    {pattern("patternProperties", text), child(value, pathOf("patternProperties", text))});
        if (const Json* members = read_.object("dependentSchemas"))
            for (const auto& [name, value] : members->items())
                named.dependents[name] = {{}, child(value, pathOf("dependentSchemas", name))};
        rules.additional = schema("additionalProperties");
        rules.propertyNames = schema("propertyNames");
    }

    void readObjectValidation(NamedRules& named, ObjectRules& rules) {
        named.required = read_.names("required");
        if (const Json* members = read_.object("dependentRequired"))
            for (const auto& [name, list] : members->items())
                named.dependents.emplace(name, std::pair(std::vector<std::string>(), noNode)).first->second.first =
                    read_.names("dependentRequired", list);
        rules.minProperties = read_.count("minProperties", 0);
        rules.maxProperties = read_.count("maxProperties", noBound);
    }

    static void numberNames(NamedRules& named, ObjectRules& rules) {
        for (const auto& name : named.required) named.names.emplace(name, noNode);
        for (const auto& [trigger, dependent] : named.dependents) {
            named.names.emplace(trigger, noNode);
            for (const auto& name : dependent.first) named.names.emplace(name, noNode);
        }
        for (const auto& [name, property] : named.names) rules.names.push_back({name, property});
        const auto numbers = [&rules](const std::vector<std::string>& names) {
            std::vector<std::uint32_t> list;
            for (const auto& name : names) list.push_back(static_cast<std::uint32_t>(rules.find(name)));
            return list;
        };
        rules.required = numbers(named.required);
        for (const auto& [trigger, dependent] : named.dependents)
            rules.dependents.push_back(
                {static_cast<std::uint32_t>(rules.find(trigger)), numbers(dependent.first), dependent.second});
    }

    void compileInPlace(bool hasApplicators) {
        auto rules = std::make_unique<InPlaceRules>();
        compileReferences(*rules);
        if (hasApplicators) {
            rules->allOf = schemas("allOf");
            rules->anyOf = schemas("anyOf");
            rules->oneOf = schemas("oneOf");
            rules->negated = schema("not");
            rules->condition = schema("if");
            rules->then = schema("then");
            rules->otherwise = schema("else");
        }
        const bool hasLists = !rules->allOf.empty() || !rules->anyOf.empty() || !rules->oneOf.empty();
        if (hasLists || rules->reference != noNode || rules->dynamicReference != noNode || rules->negated != noNode ||
            rules->condition != noNode)
            node().inPlace = std::move(rules);
    }

    void compileReferences(InPlaceRules& rules) {
        if (const std::string* text = read_.text("$ref")) rules.reference = nodes_.target(find("$ref", *text));
        const std::string* text = read_.text("$dynamicRef");
        if (text == nullptr) return;
        const SchemaDocuments::Target target = find("$dynamicRef", *text);
        rules.dynamicReference = nodes_.target(target);
        if (!target.dynamicAnchor.empty()) rules.dynamicName = nodes_.dynamicName(target.dynamicAnchor);
    }

    SchemaDocuments::Target find(const char* keyword, const std::string& reference) {
        try {
            return documents_.find(reference, entry_.resource);
        } catch (const ReferenceError& error) {
            read_.refuse(keyword, error.what());
        }
    }

    SchemaTree& tree_;
    SchemaDocuments& documents_;
    NodeRegister& nodes_;
    const NodeRegister::Entry entry_;
    const KeywordReader read_;
};

} // namespace

void compileNode(SchemaTree& tree, SchemaDocuments& documents, NodeRegister& nodes, const NodeRegister::Entry& entry) {
    if (entry.schema->is_object()) return NodeCompiler(tree, documents, nodes, entry).compile();
    if (!entry.schema->is_boolean())
        throw SchemaError(tree.placeOf(entry.node), "expected a schema, which is an object or a boolean");
    tree.nodes[entry.node].isNever = !entry.schema->get<bool>();
}

} // namespace gatehouse::schema
