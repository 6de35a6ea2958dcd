#include "tokens/file_watcher.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace gatehouse {

namespace {

constexpr std::uint32_t changes =
    IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB;
constexpr std::uint64_t stopMark = 1ULL << 32;

int opened(int descriptor, const char* what) {
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
    return descriptor;
}

} // namespace

FileWatcher::FileWatcher(std::string file, std::function<void()> changed)
    : file_(std::move(file)), changed_(std::move(changed)),
      events_(opened(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify_init1")),
      wakeup_(opened(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
    watchFolders();
    thread_ = std::thread([this] { run(); });
}

FileWatcher::~FileWatcher() {
    [[maybe_unused]] const ssize_t ignored = ::write(wakeup_, &stopMark, sizeof(stopMark));
    thread_.join();
    ::close(events_);
    ::close(wakeup_);
}

void FileWatcher::lookNow() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t ignored = ::write(wakeup_, &one, sizeof(one));
}

// The folder that holds the name, and the one that holds what the name leads to: watching one twice is harmless.
void FileWatcher::watchFolders() {
    std::error_code error;
    const auto named = std::filesystem::absolute(file_, error).parent_path();
    const auto real = std::filesystem::weakly_canonical(file_, error).parent_path();
    for (const auto& folder : {named, real}) ::inotify_add_watch(events_, folder.c_str(), changes);
}

void FileWatcher::drainEvents() const {
    std::array<char, 4096> buffer{};
    while (::read(events_, buffer.data(), buffer.size()) > 0) continue;
}

void FileWatcher::run() {
    while (true) {
        std::array<pollfd, 2> wait{{{events_, POLLIN, 0}, {wakeup_, POLLIN, 0}}};
        const int ready = ::poll(wait.data(), wait.size(), static_cast<int>(lookAgain.count()));
        std::uint64_t woken = 0;
        [[maybe_unused]] const ssize_t ignored = ::read(wakeup_, &woken, sizeof(woken));
        if (woken >= stopMark) return;
        if (ready > 0) ::poll(&wait[1], 1, static_cast<int>(settle.count()));
        drainEvents();
        lookGuarded();
    }
}

// What fails now is tried again at the next look.
void FileWatcher::lookGuarded() {
    try {
        watchFolders();
        changed_();
    } catch (const std::exception&) {
    }
}

} // namespace gatehouse
