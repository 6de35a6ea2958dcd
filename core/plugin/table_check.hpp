// What is checked of a plugin's table of functions before one of them is called.
// Threads: any; nothing is kept.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>

#include "plugin/library.hpp"

namespace gatehouse {

struct RequiredFunction {
    const char* name; // as in abi.h
    bool isThere;
};

// Throws PluginError naming the library, the interface, the size and the least size (that of 1.0).
void requireSize(const Library& library, const char* interfaceId, std::size_t size, std::size_t least);
// Throws PluginError naming every function that is missing.
void requireFunctions(const Library& library, const char* interfaceId,
                      std::initializer_list<RequiredFunction> functions);

} // namespace gatehouse
