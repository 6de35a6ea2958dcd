#include "schema/node_register.hpp"

#include <algorithm>

#include "schema/instance_equality.hpp"
#include "schema/pattern_translator.hpp"

namespace gatehouse::schema {

namespace {

std::string textOf(const std::vector<const Json*>& values) try {
    std::string text = "[";
    for (const Json* value : values) {
        if (text.size() > 1) text += ',';
        text += value->dump();
    }
    return text + "]";
} catch (const Json::exception&) {
    throw SchemaError("", "a value of const or enum is not UTF-8");
}

} // namespace

NodeId NodeRegister::add(const Json& schema, ResourceId resource, NodeId parent, const std::string& path) {
    const auto id = static_cast<NodeId>(tree_.nodes.size());
    const auto [known, isNew] = nodes_.emplace(&schema, id);
    if (!isNew) return known->second;
    if (tree_.nodes.size() >= tree_.limits.subschemas)
        throw SchemaError("", "it has more than " + std::to_string(tree_.limits.subschemas) + " subschemas");
    SchemaNode& node = tree_.nodes.emplace_back();
    node.resource = resource;
    node.parent = parent;
    node.path = path;
    waiting_.push_back({id, &schema, resource});
    return id;
}

NodeId NodeRegister::child(const Json& schema, ResourceId resource, NodeId parent, const std::string& path) {
    return add(schema, documents_.resourceOf(schema, resource), parent, path);
}

NodeId NodeRegister::target(const SchemaDocuments::Target& target) {
    return add(*target.schema, target.resource, noNode, target.place);
}

std::optional<NodeRegister::Entry> NodeRegister::next() {
    if (waiting_.empty()) return std::nullopt;
    const Entry entry = waiting_.front();
    waiting_.pop_front();
    return entry;
}

PatternPointer NodeRegister::pattern(const std::string& text) {
    const SchemaLimits& limits = tree_.limits;
    if (const auto found = patterns_.find(text); found != patterns_.end()) return found->second;
    if (text.size() > limits.patternLength)
        throw PatternError("it is longer than " + std::to_string(limits.patternLength) + " bytes");
    if (patterns_.size() >= limits.patterns)
        throw PatternError("there are more than " + std::to_string(limits.patterns) + " patterns");
    return patterns_[text] = std::make_shared<const SchemaPattern>(text, limits.patternMemory);
}

std::size_t NodeRegister::dynamicName(const std::string& name) {
    return dynamicNames_.emplace(name, dynamicNames_.size()).first->second;
}

ConstantRange NodeRegister::constant(const Json& value) {
    constants_.push_back(&value);
    return {constants_.size() - 1, constants_.size()};
}

ConstantRange NodeRegister::constants(const Json& list) {
    const ConstantRange range{constants_.size(), constants_.size() + list.size()};
    for (const Json& value : list) constants_.push_back(&value);
    if (range.size() > longestUnsortedEnum) long_.push_back(range);
    return range;
}

// Printed, and read by the parser that reads instances: then both are compared in one form.
void NodeRegister::fillConstants() {
    if (constants_.empty()) return;
    const std::string text = textOf(constants_);
    simdjson::dom::array values;
    if (tree_.constantsParser.parse(text).get_array().get(values) != simdjson::SUCCESS)
        throw SchemaError("", "a value of const or enum cannot be read");
    Budget budget(noBound);
    for (const simdjson::dom::element value : values) {
        const Instance instance(value);
        tree_.constants.push_back({instance, hashOf(instance, budget)});
    }
    const auto at = [this](std::size_t index) { return tree_.constants.begin() + static_cast<std::ptrdiff_t>(index); };
    for (const ConstantRange& range : long_)
        std::sort(at(range.begin), at(range.end), [](const Constant& a, const Constant& b) { return a.hash < b.hash; });
}

} // namespace gatehouse::schema
