#include <array>

#include "schema/instance_equality.hpp"
#include "schema/schema_checker.hpp"
#include "schema/violation_text.hpp"

namespace gatehouse::schema {

namespace dom = simdjson::dom;

// Which of an object schema's names an object has. The heap is asked only for more than 256 names.
class SchemaChecker::Names {
public:
    explicit Names(std::size_t count) {
        if (count > 64 * few_.size()) many_.resize((count + 63) / 64);
    }
    void add(std::size_t name) { words()[name / 64] |= std::uint64_t{1} << name % 64; }
    bool has(std::size_t name) const { return (words()[name / 64] >> name % 64 & 1) != 0; }

private:
    std::uint64_t* words() { return many_.empty() ? few_.data() : many_.data(); }
    const std::uint64_t* words() const { return many_.empty() ? few_.data() : many_.data(); }
    std::array<std::uint64_t, 4> few_{};
    std::vector<std::uint64_t> many_;
};

bool SchemaChecker::arrays(NodeId id, const ArrayRules& rules, const Instance& instance, const Where& where,
                           Evaluated* evaluated) {
    const dom::array array = instance.array();
    const std::size_t size = array.size();
    if (size < rules.minItems)
        return fail(id, "minItems", where,
                    [&] { return "it has less than " + counted(rules.minItems, "item", "items"); });
    if (size > rules.maxItems)
        return fail(id, "maxItems", where,
                    [&] { return "it has more than " + counted(rules.maxItems, "item", "items"); });
    if (rules.areUnique && !areAllDifferent(array, budget_))
        return fail(id, "uniqueItems", where, [] { return "two of its items are the same"; });
    if ((!rules.prefix.empty() || rules.items != noNode) && !items(rules, array, where, evaluated)) return false;
    return rules.contains == noNode || contains(id, rules, array, where, evaluated);
}

bool SchemaChecker::items(const ArrayRules& rules, const dom::array& array, const Where& where, Evaluated* evaluated) {
    std::size_t index = 0;
    // Most lists of many items want a type of each, and nothing more.
    const Types quick =
        rules.items != noNode && tree_.nodes[rules.items].checksTypeOnly() ? tree_.nodes[rules.items].types : Types{0};
    for (const dom::element item : array) {
        const NodeId schema = index < rules.prefix.size() ? rules.prefix[index] : rules.items;
        if (schema == noNode) return true;
        const bool isQuick = schema == rules.items && (plainTypesOf(item) & quick) != 0 && budget_.use();
        if (!isQuick && !isValid(schema, Instance(item), {&where, {}, index, true}, nullptr)) return false;
        if (evaluated != nullptr) evaluated->add(index);
        ++index;
    }
    return true;
}

bool SchemaChecker::contains(NodeId id, const ArrayRules& rules, const dom::array& array, const Where& where,
                             Evaluated* evaluated) {
    std::size_t index = 0, count = 0;
    for (const dom::element item : array) {
        if (branch(rules.contains, Instance(item), {&where, {}, index, true}, nullptr)) {
            if (evaluated != nullptr) evaluated->add(index);
            ++count;
            const bool isDecided = rules.maxContains == noBound && evaluated == nullptr && count >= rules.minContains;
            if (isDecided || count > rules.maxContains) break;
        }
        ++index;
    }
    if (count < rules.minContains)
        return fail(id, rules.minContains == 1 ? "contains" : "minContains", where, [&] {
            return "less than " + counted(rules.minContains, "item", "items") + " of it match the schema in contains";
        });
    if (count > rules.maxContains)
        return fail(id, "maxContains", where, [&] {
            return "more than " + counted(rules.maxContains, "item", "items") + " of it match the schema in contains";
        });
    return true;
}

bool SchemaChecker::objects(NodeId id, const ObjectRules& rules, const Instance& instance, const Where& where,
                            Evaluated* evaluated) {
    if (!budget_.use((rules.names.size() + rules.dependents.size()) / 16)) return false;
    Names seen(rules.names.size());
    std::size_t count = 0;
    for (const auto field : instance.object()) {
        const Where at{&where, field.key, 0, false};
        const std::size_t name = rules.find(field.key);
        bool isEvaluated = false;
        if (name < rules.names.size()) seen.add(name);
        if (!budget_.use()) return false;
        if (!member(rules, name, Instance(field.value), at, isEvaluated)) return false;
        if (rules.propertyNames != noNode && !memberName(rules.propertyNames, at)) return false;
        if (evaluated != nullptr && isEvaluated) evaluated->add(count);
        ++count;
    }
    if (!required(id, rules, seen, where)) return false;
    if (count < rules.minProperties)
        return fail(id, "minProperties", where,
                    [&] { return "it has less than " + counted(rules.minProperties, "member", "members"); });
    if (count > rules.maxProperties)
        return fail(id, "maxProperties", where,
                    [&] { return "it has more than " + counted(rules.maxProperties, "member", "members"); });
    return rules.dependents.empty() || dependents(id, rules, seen, instance, where, evaluated);
}

bool SchemaChecker::member(const ObjectRules& rules, std::size_t name, const Instance& value, const Where& at,
                           bool& isEvaluated) {
    const NodeId property = name < rules.names.size() ? rules.names[name].property : noNode;
    if (property != noNode) {
        isEvaluated = true;
        if (!isValid(property, value, at, nullptr)) return false;
    }
    for (const auto& [pattern, schema] : rules.patterns) {
        if (!pattern->matches(at.name, budget_)) continue;
        isEvaluated = true;
        if (!isValid(schema, value, at, nullptr)) return false;
    }
    if (isEvaluated || rules.additional == noNode) return true;
    isEvaluated = true;
    return isValid(rules.additional, value, at, nullptr);
}

bool SchemaChecker::memberName(NodeId id, const Where& at) {
    if (isValid(id, Instance(at.name), at, nullptr)) return true;
    if (quiet_ == 0 && violation_) violation_->message = "the name of this member: " + violation_->message;
    return false;
}

bool SchemaChecker::required(NodeId id, const ObjectRules& rules, const Names& seen, const Where& where) {
    for (const std::uint32_t name : rules.required)
        if (!seen.has(name))
            return fail(id, "required", where, [&] { return quotedText(rules.names[name].text) + " is required"; });
    return true;
}

bool SchemaChecker::dependents(NodeId id, const ObjectRules& rules, const Names& seen, const Instance& instance,
                               const Where& where, Evaluated* evaluated) {
    for (const auto& dependent : rules.dependents) {
        if (!seen.has(dependent.trigger)) continue;
        for (const std::uint32_t name : dependent.required)
            if (!seen.has(name))
                return fail(id, "dependentRequired", where, [&] {
                    return quotedText(rules.names[name].text) + " is required beside " +
                           quotedText(rules.names[dependent.trigger].text);
                });
        if (dependent.schema != noNode && !isValid(dependent.schema, instance, where, evaluated)) return false;
    }
    return true;
}

bool SchemaChecker::unevaluated(const SchemaNode& node, const Instance& instance, const Where& where,
                                Evaluated& evaluated) {
    if (instance.is(arrayType)) return unevaluatedItems(node.unevaluatedItems, instance.array(), where, evaluated);
    return unevaluatedMembers(node.unevaluatedProperties, instance.object(), where, evaluated);
}

bool SchemaChecker::unevaluatedItems(NodeId id, const dom::array& array, const Where& where, Evaluated& evaluated) {
    std::size_t index = 0;
    for (const dom::element item : array) {
        if (!budget_.use()) return false;
        if (!evaluated.has(index) && !isValid(id, Instance(item), {&where, {}, index, true}, nullptr)) return false;
        ++index;
    }
    evaluated.addAll();
    return true;
}

bool SchemaChecker::unevaluatedMembers(NodeId id, const dom::object& object, const Where& where, Evaluated& evaluated) {
    std::size_t index = 0;
    for (const auto field : object) {
        if (!budget_.use()) return false;
        if (!evaluated.has(index) && !isValid(id, Instance(field.value), {&where, field.key, 0, false}, nullptr))
            return false;
        ++index;
    }
    evaluated.addAll();
    return true;
}

} // namespace gatehouse::schema
