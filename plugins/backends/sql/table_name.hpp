// TableName: a table as a caller names it.
// Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::sql {

struct TableName {
    std::string name;
    std::string schema; // "main" or another; empty: any
};

// What the text may mean, the likeliest first: a bare name, whatever is in it; then SQL, where a name may have quotes
// ("", [], ``) and a schema before it, and no blanks are around it. None when it has a NUL.
std::vector<TableName> tableNames(std::string_view text);

} // namespace gatehouse::sql
