// Key sets of others: whatever is in them, a published set holds no secret and no two keys of one kid.
#include <cstdlib>
#include <set>

#include <gatehouse/jose/key_set.hpp>

#include "planted_bug.hpp"

using namespace gatehouse;
using namespace gatehouse::jose;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto own = KeySet::fromFileText(input);
    const auto published = KeySet::fromJson(input, KeySet::Origin::published);
    if (const auto* set = std::get_if<KeySet>(&own))
        for (const std::string& words : set->leftOut())
            if (const auto at = words.find("kid \""); at != std::string::npos)
                plantedBug(std::string_view(words).substr(at + 5));
    const auto* set = std::get_if<KeySet>(&published);
    if (!set) return 0;
    std::set<std::string> ids;
    for (const Key& key : set->keys()) {
        if (key.isSymmetric() || key.isPrivate() || key.algorithms().empty()) std::abort();
        if (!key.id().empty() && !ids.insert(key.id()).second) std::abort();
        if (key.verifies(Algorithm::RS256, input, input)) std::abort();
    }
    return 0;
}
