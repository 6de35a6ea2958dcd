// Runs work that may crash or never come back in a process of its own, and says where it was.
//
// Threads: called while the process has one. The work may have more.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::kit {

// Where the work is; kept in memory that both processes see.
class Progress {
public:
    Progress();
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void beat(std::string_view what); // one thread
    void beat();                      // any thread
    void reportFault(std::string_view words);
    std::uint64_t beats() const;
    std::string fault() const; // empty: none was told
    void setEnded(bool ended); // whether the work has come to its end
    bool hasEnded() const;
    std::string what() const;

private:
    struct Shared;
    Shared* shared_;
};

struct GuardedEnd {
    int exitCode = 0;
    std::string fault; // how it ended, if not by itself: "it crashed (Segmentation fault)"
    std::string threw; // the words of the exception that ended it
};

// `patience`: how long the work may go on without a beat before it is ended.
GuardedEnd runGuarded(const std::function<int()>& work, Progress& progress, std::chrono::seconds patience);

} // namespace gatehouse::kit
