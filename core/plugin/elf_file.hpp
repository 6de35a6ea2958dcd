// ElfFile: what a shared library says about itself, read without running it.
// Threads: any; one object by one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/abi.h>

namespace gatehouse {

struct ElfReport {
    bool isSharedLibrary = false;
    std::vector<std::string> exported;           // defined, visible dynamic symbols
    std::optional<gatehouse_plugin_table> entry; // as it stands in the file: its pointers are not set
};

// `bytes` is the whole file. Never throws on hostile content: what does not fit is left out.
ElfReport readElf(std::string_view bytes);

} // namespace gatehouse
