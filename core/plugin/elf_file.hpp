// ElfFile: what a shared library says about itself, read without running it.
// Threads: any; one object by one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/abi.h>

namespace gatehouse {

inline constexpr std::size_t maxElfSymbols = 100'000;    // of one file; more are a fault
inline constexpr std::size_t maxElfName = 4096;          // bytes of a symbol's name; a longer one is a fault
inline constexpr std::size_t maxElfSettings = 64 << 10;  // bytes of declared settings; more are as none
inline constexpr std::size_t maxElfNameBytes = 16 << 20; // of all exported names; more are a fault

struct ElfReport {
    bool isSharedLibrary = false;
    std::string fault;                           // why its symbols cannot be believed; empty: they can
    std::vector<std::string> exported;           // defined, visible dynamic symbols
    bool exportsEntry = false;                   // gatehouse_plugin_entry is among them, perhaps without data
    std::optional<gatehouse_plugin_table> entry; // as it stands in the file: its pointers are not set
    bool exportsSettings = false;                // gatehouse_plugin_settings is among them, perhaps without data
    std::optional<std::string> settings;         // its text, up to a NUL
};

// `bytes` is the whole file, whose size bounds every offset. Never throws on hostile content: what does not fit is
// left out. The limits bound memory and time, not what the file claims.
ElfReport readElf(std::string_view bytes);

} // namespace gatehouse
