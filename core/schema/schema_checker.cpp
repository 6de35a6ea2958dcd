#include "schema/schema_checker.hpp"

#include <algorithm>

#include "schema/instance_equality.hpp"
#include "schema/violation_text.hpp"

namespace gatehouse::schema {

namespace {

// UTF-8, which the parser has checked: each byte but those that go on.
std::size_t codePointsOf(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace

// While it lives, what fails is not told.
class SchemaChecker::Quiet {
public:
    explicit Quiet(SchemaChecker& checker) : checker_(checker) { ++checker_.quiet_; }
    ~Quiet() { --checker_.quiet_; }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

private:
    SchemaChecker& checker_;
};

// One subschema deeper: takes a step of work, and enters the subschema's resource.
class SchemaChecker::Step {
public:
    Step(SchemaChecker& checker, std::uint32_t resource) : checker_(checker) {
        if (++checker_.depth_ > checker_.tree_.limits.checkDepth) checker_.isTooDeep_ = true;
        if (checker_.tree_.dynamicAnchors.empty()) return;
        isEntered_ = checker_.scope_.empty() || checker_.scope_.back() != resource;
        if (isEntered_) checker_.scope_.push_back(resource);
    }
    ~Step() {
        --checker_.depth_;
        if (isEntered_) checker_.scope_.pop_back();
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

    bool isAllowed() const { return checker_.budget_.use() && !checker_.isTooDeep_; }

private:
    SchemaChecker& checker_;
    bool isEntered_ = false;
};

SchemaChecker::SchemaChecker(const SchemaTree& tree) : tree_(tree), budget_(tree.limits.steps) {}

std::optional<Violation> SchemaChecker::check(const simdjson::dom::element& instance) {
    const bool isGood = isValid(0, Instance(instance), {}, nullptr);
    if (isTooDeep_) return Violation{"", "", "it is nested too deeply to be checked"};
    if (budget_.isSpent()) return Violation{"", "", "it is too much work to be checked"};
    if (isGood) return std::nullopt;
    return std::move(violation_);
}

void SchemaChecker::record(NodeId id, const char* keyword, const Where& where, std::string message) {
    std::string place = tree_.placeOf(id);
    if (keyword[0] != '\0') (place += '/') += keyword;
    violation_ = Violation{pointerOf(where), std::move(place), std::move(message)};
}

bool SchemaChecker::isValid(NodeId id, const Instance& instance, const Where& where, Evaluated* evaluated) {
    const SchemaNode& node = tree_.nodes[id];
    const Step step(*this, node.resource);
    if (!step.isAllowed()) return false;
    const bool asksForRest = (node.unevaluatedItems != noNode && instance.is(arrayType)) ||
                             (node.unevaluatedProperties != noNode && instance.is(objectType));
    if (!asksForRest) return keywords(id, instance, where, evaluated);
    Evaluated own;
    if (!keywords(id, instance, where, &own) || !unevaluated(node, instance, where, own)) return false;
    if (evaluated != nullptr && budget_.use(own.size() / 8)) evaluated->add(own);
    return true;
}

bool SchemaChecker::keywords(NodeId id, const Instance& instance, const Where& where, Evaluated* evaluated) {
    const SchemaNode& node = tree_.nodes[id];
    if (node.isNever) return fail(id, "", where, [&] { return notAllowed(where); });
    if ((node.types & instance.types) == 0) return types(id, instance, where);
    if (node.values && !values(id, *node.values, instance, where)) return false;
    if (node.numbers && instance.is(numberType) && !numbers(id, *node.numbers, instance, where)) return false;
    if (node.strings && instance.is(stringType) && !strings(id, *node.strings, instance, where)) return false;
    if (node.arrays && instance.is(arrayType) && !arrays(id, *node.arrays, instance, where, evaluated)) return false;
    if (node.objects && instance.is(objectType) && !objects(id, *node.objects, instance, where, evaluated))
        return false;
    return !node.inPlace || inPlace(id, *node.inPlace, instance, where, evaluated);
}

bool SchemaChecker::types(NodeId id, const Instance& instance, const Where& where) {
    return fail(id, "type", where,
                [&] { return "expected " + namesOf(tree_.nodes[id].types) + ", got " + nameOf(instance); });
}

bool SchemaChecker::isAmong(const ConstantRange& range, const Instance& instance) {
    const auto begin = tree_.constants.begin() + static_cast<std::ptrdiff_t>(range.begin);
    const auto end = tree_.constants.begin() + static_cast<std::ptrdiff_t>(range.end);
    const auto isSame = [&](const Constant& constant) { return areEqual(constant.value, instance, budget_); };
    if (range.size() <= longestUnsortedEnum) return std::any_of(begin, end, isSame);
    const std::uint64_t hash = hashOf(instance, budget_);
    auto at =
        std::lower_bound(begin, end, hash, [](const Constant& constant, std::uint64_t h) { return constant.hash < h; });
    for (; at != end && at->hash == hash; ++at)
        if (isSame(*at)) return true;
    return false;
}

bool SchemaChecker::values(NodeId id, const ValueRules& rules, const Instance& instance, const Where& where) {
    if (rules.constant && !isAmong(*rules.constant, instance))
        return fail(id, "const", where, [&] { return "expected " + listed(tree_.constants, *rules.constant); });
    if (rules.enumeration && !isAmong(*rules.enumeration, instance))
        return fail(id, "enum", where, [&] { return "expected " + listed(tree_.constants, *rules.enumeration); });
    return true;
}

bool SchemaChecker::numbers(NodeId id, const NumberRules& rules, const Instance& instance, const Where& where) {
    const JsonNumber& number = instance.number;
    const auto refuse = [&](const char* keyword, const char* words, const JsonNumber& bound) {
        return fail(id, keyword, where, [&] { return words + bound.text(); });
    };
    if (rules.minimum && compare(number, *rules.minimum) < 0)
        return refuse("minimum", "it is less than ", *rules.minimum);
    if (rules.maximum && compare(number, *rules.maximum) > 0)
        return refuse("maximum", "it is more than ", *rules.maximum);
    if (rules.exclusiveMinimum && compare(number, *rules.exclusiveMinimum) <= 0)
        return refuse("exclusiveMinimum", "it is not more than ", *rules.exclusiveMinimum);
    if (rules.exclusiveMaximum && compare(number, *rules.exclusiveMaximum) >= 0)
        return refuse("exclusiveMaximum", "it is not less than ", *rules.exclusiveMaximum);
    if (rules.multipleOf && !rules.multipleOf->divides(number))
        return refuse("multipleOf", "it is not a multiple of ", rules.multipleOf->value());
    return true;
}

bool SchemaChecker::strings(NodeId id, const StringRules& rules, const Instance& instance, const Where& where) {
    if (rules.minLength > 0 || rules.maxLength != noBound) {
        if (!budget_.use(instance.text.size() / 64)) return false;
        const std::size_t length = codePointsOf(instance.text);
        if (length < rules.minLength)
            return fail(id, "minLength", where,
                        [&] { return "it has less than " + counted(rules.minLength, "character", "characters"); });
        if (length > rules.maxLength)
            return fail(id, "maxLength", where,
                        [&] { return "it has more than " + counted(rules.maxLength, "character", "characters"); });
    }
    if (rules.pattern && !rules.pattern->matches(instance.text, budget_))
        return fail(id, "pattern", where, [&] { return "it does not match " + quotedText(rules.pattern->text()); });
    return true;
}

bool SchemaChecker::inPlace(NodeId id, const InPlaceRules& rules, const Instance& instance, const Where& where,
                            Evaluated* evaluated) {
    if (rules.reference != noNode && !isValid(rules.reference, instance, where, evaluated)) return false;
    if (rules.dynamicReference != noNode && !isValid(dynamicTarget(rules), instance, where, evaluated)) return false;
    if (!allOf(rules, instance, where, evaluated)) return false;
    if (!rules.anyOf.empty() && !anyOf(id, rules, instance, where, evaluated)) return false;
    if (!rules.oneOf.empty() && !oneOf(id, rules, instance, where, evaluated)) return false;
    if (rules.negated != noNode && !negated(id, rules, instance, where)) return false;
    return rules.condition == noNode || condition(rules, instance, where, evaluated);
}

// JSON Schema core, section 8.2.3.2: the outermost resource of the dynamic scope that has the anchor.
NodeId SchemaChecker::dynamicTarget(const InPlaceRules& rules) {
    if (!rules.dynamicName || !budget_.use(scope_.size() / 16)) return rules.dynamicReference;
    const std::vector<NodeId>& byResource = tree_.dynamicAnchors[*rules.dynamicName];
    for (const std::uint32_t resource : scope_)
        if (byResource[resource] != noNode) return byResource[resource];
    return rules.dynamicReference;
}

bool SchemaChecker::branch(NodeId id, const Instance& instance, const Where& where, Evaluated* evaluated) {
    const Quiet quiet(*this);
    if (evaluated == nullptr) return isValid(id, instance, where, nullptr);
    Evaluated own;
    if (!isValid(id, instance, where, &own)) return false;
    if (budget_.use(own.size() / 8)) evaluated->add(own);
    return true;
}

bool SchemaChecker::allOf(const InPlaceRules& rules, const Instance& instance, const Where& where,
                          Evaluated* evaluated) {
    return std::all_of(rules.allOf.begin(), rules.allOf.end(),
                       [&](NodeId id) { return isValid(id, instance, where, evaluated); });
}

bool SchemaChecker::anyOf(NodeId id, const InPlaceRules& rules, const Instance& instance, const Where& where,
                          Evaluated* evaluated) {
    bool isAny = false;
    for (const NodeId one : rules.anyOf) {
        isAny = branch(one, instance, where, evaluated) || isAny;
        if (isAny && evaluated == nullptr) return true;
    }
    if (isAny) return true;
    unsigned wanted = 0;
    for (const NodeId one : rules.anyOf) wanted |= tree_.nodes[one].types;
    return fail(id, "anyOf", where, [&] {
        if ((wanted & instance.types) == 0)
            return "expected " + namesOf(static_cast<Types>(wanted)) + ", got " + nameOf(instance);
        return "it matches none of the " + counted(rules.anyOf.size(), "schema", "schemas") + " in anyOf";
    });
}

bool SchemaChecker::oneOf(NodeId id, const InPlaceRules& rules, const Instance& instance, const Where& where,
                          Evaluated* evaluated) {
    std::size_t count = 0;
    for (auto one = rules.oneOf.begin(); one != rules.oneOf.end() && count < 2; ++one)
        if (branch(*one, instance, where, evaluated)) ++count;
    if (count == 1) return true;
    return fail(id, "oneOf", where, [&] {
        return "it matches " + std::string(count == 0 ? "none" : "more than one") + " of the " +
               counted(rules.oneOf.size(), "schema", "schemas") + " in oneOf";
    });
}

bool SchemaChecker::negated(NodeId id, const InPlaceRules& rules, const Instance& instance, const Where& where) {
    if (!branch(rules.negated, instance, where, nullptr)) return true;
    return fail(id, "not", where, [] { return "it matches the schema that it must not match"; });
}

bool SchemaChecker::condition(const InPlaceRules& rules, const Instance& instance, const Where& where,
                              Evaluated* evaluated) {
    const NodeId next = branch(rules.condition, instance, where, evaluated) ? rules.then : rules.otherwise;
    return next == noNode || isValid(next, instance, where, evaluated);
}

} // namespace gatehouse::schema
