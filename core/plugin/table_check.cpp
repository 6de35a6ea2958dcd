#include "plugin/table_check.hpp"

namespace gatehouse {

void requireSize(const Library& library, const char* interfaceId, std::size_t size, std::size_t least) {
    if (size >= least) return;
    throw PluginError(library.file().string() + ": table of " + interfaceId + " has size " + std::to_string(size) +
                      ", expected at least " + std::to_string(least));
}

void requireFunctions(const Library& library, const char* interfaceId,
                      std::initializer_list<RequiredFunction> functions) {
    std::string missing;
    for (const RequiredFunction& function : functions)
        if (!function.isThere) missing.append(missing.empty() ? "" : ", ").append(function.name);
    if (!missing.empty())
        throw PluginError(library.file().string() + ": table of " + interfaceId + " has no function " + missing +
                          "; abi.h marks those that may be null as [optional]");
}

} // namespace gatehouse
