#include "schema/schema_tree.hpp"

#include <algorithm>

namespace gatehouse::schema {

std::size_t ObjectRules::find(std::string_view name) const {
    const auto isBefore = [](const Name& entry, std::string_view wanted) {
        return entry.text.size() != wanted.size() ? entry.text.size() < wanted.size() : entry.text < wanted;
    };
    const auto found = std::lower_bound(names.begin(), names.end(), name, isBefore);
    const bool isThere = found != names.end() && found->text == name;
    return static_cast<std::size_t>((isThere ? found : names.end()) - names.begin());
}

std::string SchemaTree::placeOf(NodeId node) const {
    std::vector<const std::string*> way;
    for (NodeId at = node; at != noNode; at = nodes[at].parent) way.push_back(&nodes[at].path);
    std::string place;
    for (auto path = way.rbegin(); path != way.rend(); ++path) place += **path;
    return place;
}

} // namespace gatehouse::schema
