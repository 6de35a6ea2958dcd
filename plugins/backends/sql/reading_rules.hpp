// ReadingRules: what SQLite's authorizer allows a statement. Reading, and nothing that reaches a file or loads code.
//
// Virtual tables need more than their reader does: when one is first used, SQLite declares its columns (told as UPDATE
// of sqlite_master), FTS reads two pragmas, and R*Tree prepares the writes of its own tables. Those are allowed in a
// statement that begins with SELECT or a pragma, which cannot write itself. One that writes begins with its write.
//
// Threads: the statement's.
#pragma once

struct sqlite3;

namespace gatehouse::sql {

class ReadingRules {
public:
    // Asked for each statement from now on. Has to outlive the connection.
    void applyTo(sqlite3* connection);
    // Before each statement that is prepared.
    void beginStatement() { first_ = 0; }

private:
    static int authorize(void* self, int action, const char* first, const char* second, const char*,
                         const char*) noexcept;
    bool isReading() const;
    bool allows(int action, const char* first, const char* second);

    int first_ = 0; // the action that the statement began with; 0: none yet
};

} // namespace gatehouse::sql
