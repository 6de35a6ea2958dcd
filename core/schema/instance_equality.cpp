#include "schema/instance_equality.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace gatehouse::schema {

namespace dom = simdjson::dom;

// uniqueItems without a comparison of all pairs: values are sorted by a hash that does not depend on the order of
// members, and only those of the same hash are compared. Every step is taken from the budget, so that values chosen to
// have equal hashes end the check as too much work.

namespace {

using Member = std::pair<std::string_view, dom::element>;

std::uint64_t mix(std::uint64_t hash, std::uint64_t more) {
    hash = (hash ^ more) * 0xFF51AFD7ED558CCDu;
    return hash ^ hash >> 32;
}

std::uint64_t hashOfText(std::string_view text) { return std::hash<std::string_view>()(text); }

std::size_t workOf(std::string_view text) { return 1 + text.size() / 64; }

bool sameText(std::string_view a, std::string_view b, Budget& budget) { return budget.use(workOf(a)) && a == b; }

bool sameArrays(const dom::array& a, const dom::array& b, Budget& budget) {
    auto left = a.begin(), right = b.begin();
    for (; left != a.end() && right != b.end(); ++left, ++right)
        if (!areEqual(Instance(*left), Instance(*right), budget)) return false;
    return !(left != a.end()) && !(right != b.end());
}

std::vector<Member> sortedMembers(const dom::object& object) {
    std::vector<Member> members;
    for (const auto field : object) members.emplace_back(field.key, field.value);
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.first < b.first; });
    return members;
}

bool sameMembers(const std::vector<Member>& a, const std::vector<Member>& b, Budget& budget) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!sameText(a[i].first, b[i].first, budget)) return false;
        if (!areEqual(Instance(a[i].second), Instance(b[i].second), budget)) return false;
    }
    return true;
}

bool sameObjects(const dom::object& a, const dom::object& b, Budget& budget) {
    if (a.size() != b.size() || !budget.use(1 + a.size())) return false;
    return sameMembers(sortedMembers(a), sortedMembers(b), budget);
}

std::uint64_t hashOfItems(const dom::array& items, Budget& budget) {
    std::uint64_t hash = arrayType;
    for (const dom::element item : items) hash = mix(hash, hashOf(Instance(item), budget));
    return hash;
}

// A sum: the order of the members does not count.
std::uint64_t hashOfMembers(const dom::object& object, Budget& budget) {
    std::uint64_t hash = objectType;
    for (const auto field : object) {
        if (!budget.use(workOf(field.key))) return 0;
        hash += mix(hashOfText(field.key), hashOf(Instance(field.value), budget));
    }
    return hash;
}

bool truthOf(const Instance& value) { return value.element.get_bool().value_unsafe(); }

using Hashed = std::pair<std::uint64_t, dom::element>;

// Whether the value at `first` is among those behind it that have its hash.
bool isRepeated(const std::vector<Hashed>& items, std::size_t first, Budget& budget) {
    for (std::size_t i = first + 1; i < items.size() && items[i].first == items[first].first; ++i)
        if (areEqual(Instance(items[first].second), Instance(items[i].second), budget) || budget.isSpent()) return true;
    return false;
}

} // namespace

bool areEqual(const Instance& a, const Instance& b, Budget& budget) {
    if (a.types != b.types || !budget.use()) return false;
    if (a.is(stringType)) return sameText(a.text, b.text, budget);
    if (a.is(numberType)) return a.number == b.number;
    if (a.is(booleanType)) return truthOf(a) == truthOf(b);
    if (a.is(arrayType)) return sameArrays(a.array(), b.array(), budget);
    if (a.is(objectType)) return sameObjects(a.object(), b.object(), budget);
    return true;
}

std::uint64_t hashOf(const Instance& value, Budget& budget) {
    if (!budget.use(workOf(value.text))) return 0;
    if (value.is(stringType)) return hashOfText(value.text);
    if (value.is(numberType)) return mix(numberType, value.number.hash());
    if (value.is(booleanType)) return mix(booleanType, truthOf(value) ? 1 : 0);
    if (value.is(arrayType)) return hashOfItems(value.array(), budget);
    if (value.is(objectType)) return hashOfMembers(value.object(), budget);
    return nullType;
}

bool areAllDifferent(const dom::array& items, Budget& budget) {
    if (items.size() < 2) return true;
    std::vector<Hashed> hashed;
    for (const dom::element item : items) hashed.emplace_back(hashOf(Instance(item), budget), item);
    std::sort(hashed.begin(), hashed.end(), [](const Hashed& a, const Hashed& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < hashed.size(); ++i)
        if (isRepeated(hashed, i, budget)) return false;
    return !budget.isSpent();
}

} // namespace gatehouse::schema
