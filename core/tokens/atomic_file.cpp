#include "tokens/atomic_file.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tokens/lock_patience.hpp"

namespace gatehouse {

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

constexpr int maxLinks = 40; // as the kernel follows

// Where links lead, also when nothing is there yet.
std::string target(const std::string& file) {
    std::error_code error;
    std::filesystem::path at = file;
    for (int i = 0; i < maxLinks && std::filesystem::is_symlink(at, error); ++i)
        at = at.parent_path() / std::filesystem::read_symlink(at, error);
    const auto canonical = std::filesystem::weakly_canonical(at, error);
    if (error) throw std::system_error(error, "cannot follow " + file);
    return canonical.string();
}

void writeAll(int descriptor, const std::string& text, const std::string& name) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t written = ::write(descriptor, text.data() + done, text.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail("cannot write " + name);
        done += static_cast<std::size_t>(written);
    }
    if (::fsync(descriptor) != 0) fail("cannot sync " + name);
}

void syncFolder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail("cannot open " + folder.string());
    const FileHandle handle(descriptor);
    if (::fsync(descriptor) != 0) fail("cannot sync " + folder.string());
}

// What root makes beside a service's file, or in its folder, is the service's to read and write.
void giveToOwner(int descriptor, const std::string& goal) {
    if (::geteuid() != 0) return;
    const auto folder = std::filesystem::path(goal).parent_path();
    struct stat owner {};
    if (::stat(goal.c_str(), &owner) != 0 && ::stat(folder.empty() ? "." : folder.c_str(), &owner) != 0)
        fail("cannot find the owner of " + goal);
    if (::fchown(descriptor, owner.st_uid, owner.st_gid) != 0) fail("cannot give " + goal + " to its owner");
}

// Removes the file beside unless it was renamed into place.
class Beside {
public:
    explicit Beside(const std::string& goal)
        : name_(goal + ".XXXXXX"), descriptor_(::mkostemp(name_.data(), O_CLOEXEC)) {
        if (descriptor_ < 0) fail("cannot write beside " + goal);
    }
    ~Beside() {
        ::close(descriptor_);
        if (!renamed_) ::unlink(name_.c_str());
    }
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;

    void giveToOwnerOf(const std::string& goal) const { giveToOwner(descriptor_, goal); }
    void write(const std::string& text) const {
        if (::fchmod(descriptor_, 0600) != 0) fail("cannot set the mode of " + name_);
        writeAll(descriptor_, text, name_);
    }
    void renameTo(const std::string& goal) {
        if (::rename(name_.c_str(), goal.c_str()) != 0) fail("cannot replace " + goal);
        renamed_ = true;
    }

private:
    std::string name_;
    int descriptor_;
    bool renamed_ = false;
};

constexpr std::chrono::milliseconds lockLookAgain{10};

// A regular file that root, this process or the owner of the folder or the file owns.
void requireOurs(int descriptor, const std::string& file, const std::string& name) {
    struct stat facts {
    }, folder{}, owner{};
    if (::fstat(descriptor, &facts) != 0) fail("cannot lock " + file);
    if (!S_ISREG(facts.st_mode)) throw LockError("cannot lock " + file + ": " + name + " is not a regular file");
    const auto parent = std::filesystem::path(name).parent_path();
    if (::stat(parent.empty() ? "." : parent.c_str(), &folder) != 0) fail("cannot lock " + file);
    if (facts.st_uid == 0 || facts.st_uid == ::geteuid() || facts.st_uid == folder.st_uid) return;
    if (::stat(file.c_str(), &owner) == 0 && facts.st_uid == owner.st_uid) return;
    throw LockError("cannot lock " + file + ": " + name + " belongs to uid " + std::to_string(facts.st_uid) +
                    "; remove it");
}

FileMark markOf(const std::string& file) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0) return {};
    return {facts.st_ino, facts.st_mtim.tv_sec * std::int64_t{1'000'000'000} + facts.st_mtim.tv_nsec};
}

void waitForLock(int descriptor, const std::string& file, std::chrono::milliseconds patience) {
    const auto began = std::chrono::steady_clock::now();
    LockPatience waiting(began, patience, markOf(file));
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) fail("cannot lock " + file);
        const auto now = std::chrono::steady_clock::now();
        if (waiting.hasEnded(now, markOf(file)))
            throw LockError("cannot lock " + file + ": another program has held " + file + ".lock for " +
                            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - began).count()) +
                            " s; try again when it has ended");
        std::this_thread::sleep_for(lockLookAgain);
    }
}

} // namespace

FileHandle::~FileHandle() { ::close(descriptor_); }

std::string FileHandle::readAll(const std::string& name) const {
    std::string text;
    std::array<char, 16384> buffer{};
    while (true) {
        const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("cannot read " + name);
        if (got == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

struct FileLock::Opened {
    std::string name;
    int descriptor = -1;
    bool isNew = false; // else it may be a hard link to anything, and its owner stays as it is

    explicit Opened(const std::string& file) : name(target(file) + ".lock") {
        constexpr int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
        descriptor = ::open(name.c_str(), flags | O_CREAT | O_EXCL, 0600);
        isNew = descriptor >= 0;
        if (!isNew && errno == EEXIST) descriptor = ::open(name.c_str(), flags);
        if (descriptor < 0 && errno == ELOOP)
            throw LockError("cannot lock " + file + ": " + name + " is a symbolic link; remove it");
        if (descriptor < 0) fail("cannot lock " + file);
    }
};

FileLock::FileLock(const std::string& file, std::chrono::milliseconds patience)
    : FileLock(Opened(file), file, patience) {}

FileLock::FileLock(const Opened& opened, const std::string& file, std::chrono::milliseconds patience)
    : handle_(opened.descriptor) {
    if (opened.isNew) giveToOwner(opened.descriptor, file);
    requireOurs(opened.descriptor, file, opened.name);
    waitForLock(opened.descriptor, file, patience);
}

void replaceFile(const std::string& file, const std::string& text) {
    const std::string goal = target(file);
    Beside beside(goal);
    beside.giveToOwnerOf(goal);
    beside.write(text);
    beside.renameTo(goal);
    const auto folder = std::filesystem::path(goal).parent_path();
    syncFolder(folder.empty() ? "." : folder);
}

void makeFolder(const std::filesystem::path& folder) {
    if (folder.empty() || std::filesystem::exists(folder)) return;
    makeFolder(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make " + folder.string());
}

} // namespace gatehouse
