// SchemaChecker: one check of one instance. The first violation ends it.
//
// Recursion is bounded by SchemaLimits::checkDepth, and work by SchemaLimits::steps. At either bound every answer
// becomes "no" and the check ends; what it says then is the bound, whatever a `not` made of the answers.
//
// Threads: one; the tree is shared. Tested by tests/unit/schema/schema_checker_test.cpp; arrays and objects, which are
// in container_checker.cpp, by container_checker_test.cpp.
#pragma once

#include <optional>
#include <vector>

#include "schema/evaluated.hpp"
#include "schema/schema_tree.hpp"

namespace gatehouse::schema {

class SchemaChecker {
public:
    explicit SchemaChecker(const SchemaTree& tree); // borrowed
    std::optional<Violation> check(const simdjson::dom::element& instance);

private:
    class Quiet;
    class Step;

    // Each says whether `instance`, which is at `where`, is what the schema asks for. `evaluated` gathers, when it is
    // not null, which parts of the instance were looked at; it is to be dropped when the answer is no.
    bool isValid(NodeId id, const Instance& instance, const Where& where, Evaluated* evaluated);
    bool keywords(NodeId id, const Instance& instance, const Where& where, Evaluated* evaluated);
    bool types(NodeId id, const Instance& instance, const Where& where);
    bool values(NodeId id, const ValueRules& rules, const Instance& instance, const Where& where);
    bool numbers(NodeId id, const NumberRules& rules, const Instance& instance, const Where& where);
    bool strings(NodeId id, const StringRules& rules, const Instance& instance, const Where& where);
    bool inPlace(NodeId id, const InPlaceRules& rules, const Instance& instance, const Where& where,
                 Evaluated* evaluated);
    bool allOf(const InPlaceRules& rules, const Instance& instance, const Where& where, Evaluated* evaluated);
    bool anyOf(NodeId id, const InPlaceRules& rules, const Instance& instance, const Where& where,
               Evaluated* evaluated);
    bool oneOf(NodeId id, const InPlaceRules& rules, const Instance& instance, const Where& where,
               Evaluated* evaluated);
    bool negated(NodeId id, const InPlaceRules& rules, const Instance& instance, const Where& where);
    bool condition(const InPlaceRules& rules, const Instance& instance, const Where& where, Evaluated* evaluated);
    // A schema that may say no without harm.
    bool branch(NodeId id, const Instance& instance, const Where& where, Evaluated* evaluated);
    NodeId dynamicTarget(const InPlaceRules& rules);
    bool isAmong(const ConstantRange& range, const Instance& instance);

    class Names;
    bool arrays(NodeId id, const ArrayRules& rules, const Instance& instance, const Where& where, Evaluated* evaluated);
    bool items(const ArrayRules& rules, const simdjson::dom::array& array, const Where& where, Evaluated* evaluated);
    bool contains(NodeId id, const ArrayRules& rules, const simdjson::dom::array& array, const Where& where,
                  Evaluated* evaluated);
    bool objects(NodeId id, const ObjectRules& rules, const Instance& instance, const Where& where,
                 Evaluated* evaluated);
    bool member(const ObjectRules& rules, std::size_t name, const Instance& value, const Where& at, bool& isEvaluated);
    bool memberName(NodeId id, const Where& at);
    bool required(NodeId id, const ObjectRules& rules, const Names& seen, const Where& where);
    bool dependents(NodeId id, const ObjectRules& rules, const Names& seen, const Instance& instance,
                    const Where& where, Evaluated* evaluated);
    bool unevaluated(const SchemaNode& node, const Instance& instance, const Where& where, Evaluated& evaluated);
    bool unevaluatedItems(NodeId id, const simdjson::dom::array& array, const Where& where, Evaluated& evaluated);
    bool unevaluatedMembers(NodeId id, const simdjson::dom::object& object, const Where& where, Evaluated& evaluated);

    // Always false. `say` makes the message, when anybody will read it.
    template <typename Say>
    bool fail(NodeId id, const char* keyword, const Where& where, const Say& say) {
        if (quiet_ == 0 && !violation_) record(id, keyword, where, say());
        return false;
    }
    void record(NodeId id, const char* keyword, const Where& where, std::string message);

    const SchemaTree& tree_;
    Budget budget_;
    std::size_t depth_ = 0;
    bool isTooDeep_ = false;
    std::size_t quiet_ = 0;            // above zero: the reason is not read
    std::vector<std::uint32_t> scope_; // the resources that were entered, when there are dynamic references
    std::optional<Violation> violation_;
};

} // namespace gatehouse::schema
