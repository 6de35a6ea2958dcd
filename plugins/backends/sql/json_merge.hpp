// json_patch within a bound: SQLite's own compares each member of one object with each of the other, in one step.
#pragma once

struct sqlite3;

namespace gatehouse::sql {

// Puts it in the place of SQLite's own. It has SQLite's own do the work, on a connection without a database that is
// opened when first needed, and refuses what would take that longer than some 0.2 s. False: there is no memory.
bool addBoundedJsonPatch(sqlite3* connection);

} // namespace gatehouse::sql
