#include "mcp/message/json_walk.hpp"

#include <algorithm>
#include <vector>

namespace gatehouse::mcp {

namespace dom = simdjson::dom;

bool JsonWalk::Names::hasDuplicates(const dom::object& object) const {
    if (isTwice_ || count_ <= few_.size()) return isTwice_;
    std::vector<std::string_view> names;
    for (const auto field : object) names.push_back(field.key);
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
}

std::string_view JsonWalk::value(const dom::element& element) {
    const char* const from = at_;
    dom::object members;
    dom::array items;
    if (element.get_object().get(members) == simdjson::SUCCESS)
        return object(members, [this](const auto& field) { value(field.value); });
    if (element.get_array().get(items) == simdjson::SUCCESS) return array(items);
    if (std::size_t decoded = 0; element.get_string_length().get(decoded) == simdjson::SUCCESS) skipString(decoded);
    else skipWord();
    return {from, static_cast<std::size_t>(at_ - from)};
}

std::string_view JsonWalk::array(const dom::array& items) {
    const char* const from = at_++;
    for (const dom::element item : items) {
        toName();
        value(item);
    }
    skipSpace();
    ++at_;
    return {from, static_cast<std::size_t>(at_ - from)};
}

} // namespace gatehouse::mcp
