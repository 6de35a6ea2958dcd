// FileWatcher: says when a file may have changed, also when it is replaced by a rename, reached through a link, or
// mounted over (Kubernetes swaps a link in the same folder).
//
// Threads: `changed` is called from the watcher's own thread; stop by destruction.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace gatehouse {

class FileWatcher {
public:
    static constexpr std::chrono::milliseconds settle{10};      // a writer in several steps gets this long
    static constexpr std::chrono::milliseconds lookAgain{1000}; // for file systems that send no events

    // Throws std::system_error when the system gives no descriptor.
    FileWatcher(std::string file, std::function<void()> changed);
    ~FileWatcher();
    FileWatcher(const FileWatcher&) = delete;
    FileWatcher& operator=(const FileWatcher&) = delete;

    void lookNow(); // as if the file had changed

private:
    void run();
    void watchFolders();
    void lookGuarded();
    void drainEvents() const;

    const std::string file_;
    const std::function<void()> changed_;
    int events_;
    int wakeup_;
    std::thread thread_;
};

} // namespace gatehouse
