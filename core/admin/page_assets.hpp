// The page's files, as they lie in core/admin/page/: compiled into the library by cmake/EmbedFiles.cmake.
// Threads: any; they do not change.
#pragma once

#include <string_view>

namespace gatehouse::admin {

struct PageAsset {
    std::string_view name; // of the file
    std::string_view body;
};

// Null data when there is none of that name.
PageAsset pageAsset(std::string_view name);

} // namespace gatehouse::admin
