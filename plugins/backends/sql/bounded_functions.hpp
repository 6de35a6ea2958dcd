// SQLite's functions that take more than linear time within one step, in a form that a watch can end.
//
// instr, replace, trim, ltrim, rtrim, like and glob give what SQLite's own give. json_patch gives it too, and is
// refused where SQLite's own would take too long: it compares each member with each.
#pragma once

#include "statement_watch.hpp"

struct sqlite3;

namespace gatehouse::sql {

// The watch has to outlive the connection. False: there is no memory.
bool addBoundedFunctions(sqlite3* connection, StatementWatch& watch);

} // namespace gatehouse::sql
