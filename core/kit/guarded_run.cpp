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
    std::atomic<bool> hasEnded{false};
    char what[200] = "";
    char fault[1000] = "";
};

namespace {

template <std::size_t size>
void write(char (&place)[size], std::string_view words) {
    const std::size_t count = std::min(words.size(), size - 1);
    std::memcpy(place, words.data(), count);
    place[count] = '\0';
}

} // namespace

Progress::Progress() {
    void* page = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) throw std::runtime_error("no memory to watch the check with");
    shared_ = new (page) Shared;
}

Progress::~Progress() { ::munmap(shared_, sizeof(Shared)); }

void Progress::beat(std::string_view what) {
    write(shared_->what, what);
    beat();
}

void Progress::beat() { ++shared_->beats; }

void Progress::reportFault(std::string_view words) { write(shared_->fault, words); }

std::uint64_t Progress::beats() const { return shared_->beats; }

void Progress::setEnded(bool ended) { shared_->hasEnded = ended; }

bool Progress::hasEnded() const { return shared_->hasEnded; }

std::string Progress::what() const { return shared_->what; }

std::string Progress::fault() const { return shared_->fault; }

namespace {

constexpr int threw = 70;

// Nothing that the work throws may unwind what the child has of its parent's.
[[noreturn]] void workAndEnd(const std::function<int()>& work, Progress& progress) {
    try {
        const int code = work();
        progress.setEnded(true);
        ::_exit(code);
    } catch (const std::exception& fault) {
        progress.reportFault(fault.what());
        progress.setEnded(true);
        ::_exit(threw);
    }
}

// False when it was ended for standing still.
bool waitFor(pid_t child, const Progress& progress, std::chrono::seconds patience, int& status) {
    std::uint64_t seen = progress.beats();
    auto since = std::chrono::steady_clock::now();
    for (pid_t ended = 0; (ended = ::waitpid(child, &status, WNOHANG)) != child;) {
        if (ended < 0) throw std::runtime_error(std::string("the check cannot be watched: ") + std::strerror(errno));
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

GuardedEnd runGuarded(const std::function<int()>& work, Progress& progress, std::chrono::seconds patience) {
    progress.setEnded(false);
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error(std::string("no process to check in: ") + std::strerror(errno));
    if (child == 0) workAndEnd(work, progress);
    int status = 0;
    if (!waitFor(child, progress, patience, status))
        return {1, "it does not come back: no answer for " + std::to_string(patience.count()) + " seconds", ""};
    if (WIFSIGNALED(status)) return {1, std::string("it crashed (") + ::strsignal(WTERMSIG(status)) + ")", ""};
    if (!progress.hasEnded()) return {1, "it ended the process by exit()", ""};
    const std::string words = progress.fault();
    if (WEXITSTATUS(status) == threw && !words.empty()) return {1, "", words};
    return {WEXITSTATUS(status), "", ""};
}

} // namespace gatehouse::kit
