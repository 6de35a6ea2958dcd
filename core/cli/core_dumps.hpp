// A core holds what the process had in memory, tokens too. Threads: any; for the whole process.
#pragma once

namespace gatehouse::cli {

// No core is written at a crash, by this process or one that it starts. False: the system does not let us say so.
bool forbidCoreDumps();

} // namespace gatehouse::cli
