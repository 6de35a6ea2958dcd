#include "kit/guarded_run.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <thread>

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::kit {

namespace {

constexpr std::chrono::milliseconds lookEvery{20};

} // namespace

struct Progress::Shared {
    std::atomic<std::uint64_t> beats{0};
    char what[200] = "";
};

Progress::Progress() {
    void* page = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) throw std::runtime_error("no memory to watch the check with");
    shared_ = new (page) Shared;
}

Progress::~Progress() { ::munmap(shared_, sizeof(Shared)); }

void Progress::beat(std::string_view what) {
    const std::size_t size = std::min(what.size(), sizeof(shared_->what) - 1);
    std::memcpy(shared_->what, what.data(), size);
    shared_->what[size] = '\0';
    beat();
}

void Progress::beat() { ++shared_->beats; }

std::uint64_t Progress::beats() const { return shared_->beats; }

std::string Progress::what() const { return shared_->what; }

namespace {

// The child's wait status; nothing when it was ended for standing still.
bool waitFor(pid_t child, const Progress& progress, std::chrono::seconds patience, int& status) {
    std::uint64_t seen = progress.beats();
    auto since = std::chrono::steady_clock::now();
    while (::waitpid(child, &status, WNOHANG) == 0) {
        std::this_thread::sleep_for(lookEvery);
        const auto now = std::chrono::steady_clock::now();
        if (progress.beats() != seen) seen = progress.beats(), since = now;
        if (now - since < patience) continue;
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
        return false;
    }
    return true;
}

} // namespace

GuardedEnd runGuarded(const std::function<int()>& work, const Progress& progress, std::chrono::seconds patience) {
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error(std::string("no process to check in: ") + std::strerror(errno));
    if (child == 0) ::_exit(work());
    int status = 0;
    if (!waitFor(child, progress, patience, status))
        return {1, "it does not come back: no answer for " + std::to_string(patience.count()) + " seconds"};
    if (WIFSIGNALED(status)) return {1, std::string("it crashed (") + ::strsignal(WTERMSIG(status)) + ")"};
    return {WEXITSTATUS(status), ""};
}

} // namespace gatehouse::kit
