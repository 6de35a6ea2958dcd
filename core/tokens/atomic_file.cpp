#include "tokens/atomic_file.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

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

FileLock::FileLock(const std::string& file)
    : descriptor_(::open((target(file) + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) fail("cannot lock " + file);
    while (::flock(descriptor_, LOCK_EX) != 0) {
        if (errno == EINTR) continue;
        ::close(descriptor_);
        fail("cannot lock " + file);
    }
}

FileLock::~FileLock() { ::close(descriptor_); }

void replaceFile(const std::string& file, const std::string& text) {
    const std::string goal = target(file);
    Beside beside(goal);
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
