#include "tokens/atomic_file.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <fstream>
#include <functional>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/notification.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using test::modeOf;
using test::readText;
using test::ScratchFolder;

namespace {

std::size_t filesIn(const std::filesystem::path& folder) {
    const std::filesystem::directory_iterator all(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// The working folder, for one test.
class WorkingFolder {
public:
    explicit WorkingFolder(const std::filesystem::path& folder) : before_(std::filesystem::current_path()) {
        std::filesystem::current_path(folder);
    }
    ~WorkingFolder() { std::filesystem::current_path(before_); }
    WorkingFolder(const WorkingFolder&) = delete;
    WorkingFolder& operator=(const WorkingFolder&) = delete;

private:
    std::filesystem::path before_;
};

} // namespace

TEST_CASE("what root writes for a service stays the service's") {
    if (::geteuid() != 0) return; // only root may give a file away
    constexpr uid_t service = 54321;
    const auto ownerOf = [](const std::string& name) {
        struct stat facts {};
        REQUIRE(::stat(name.c_str(), &facts) == 0);
        return std::pair(facts.st_uid, facts.st_gid);
    };
    const std::pair<uid_t, gid_t> wanted(service, service + 1);
    const ScratchFolder folder;
    const std::string old = folder.file("old.yaml"), fresh = folder.file("fresh.yaml");
    folder.write("old.yaml", "first");
    REQUIRE(::chown(old.c_str(), wanted.first, wanted.second) == 0);
    for (int turn = 0; turn < 2; ++turn) { // the second finds the lock
        const FileLock lock(old);
        replaceFile(old, "second");
        CHECK(ownerOf(old) == wanted);
        CHECK(ownerOf(old + ".lock") == wanted);
    }
    REQUIRE(::chown(folder.path().c_str(), wanted.first, wanted.second) == 0);
    replaceFile(fresh, "first");
    CHECK(ownerOf(fresh) == wanted);
    CHECK(modeOf(fresh) == 0600);
}

TEST_CASE("root gives nobody a lock that it found") {
    if (::geteuid() != 0) return;
    const ScratchFolder folder;
    const std::string file = folder.file("tokens.yaml"), secret = folder.file("secret");
    folder.write("tokens.yaml", "");
    folder.write("secret", "");
    REQUIRE(::chown(file.c_str(), 54321, 54321) == 0);
    REQUIRE(::link(secret.c_str(), (file + ".lock").c_str()) == 0);
    const FileLock lock(file);
    struct stat facts {};
    REQUIRE(::stat(secret.c_str(), &facts) == 0);
    CHECK(facts.st_uid == 0);
}

TEST_CASE("a file is made or replaced, readable by its owner only, and nothing is left beside it") {
    const ScratchFolder folder;
    const std::string file = folder.file("tokens.yaml");
    replaceFile(file, "first");
    CHECK(readText(file) == "first");
    CHECK(modeOf(file) == 0600);
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    replaceFile(file, "second");
    CHECK(readText(file) == "second");
    CHECK(modeOf(file) == 0600);
    CHECK(filesIn(folder.path()) == 1);
}

TEST_CASE("who has the old file open goes on reading the old text") {
    const ScratchFolder folder;
    const std::string file = folder.write("tokens.yaml", "old");
    const FileHandle old(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    replaceFile(file, "new");
    CHECK(old.readAll(file) == "old");
    CHECK(readText(file) == "new");
}

TEST_CASE("a link is followed: the file it names is replaced, the link stays") {
    const ScratchFolder folder;
    std::filesystem::create_directory(folder.path() / "real");
    folder.write("real/tokens.yaml", "old");
    std::filesystem::create_symlink("real/tokens.yaml", folder.path() / "link.yaml");
    std::filesystem::create_symlink("link.yaml", folder.path() / "link-to-link.yaml");
    replaceFile(folder.file("link-to-link.yaml"), "new");
    CHECK(std::filesystem::is_symlink(folder.file("link.yaml")));
    CHECK(std::filesystem::is_symlink(folder.file("link-to-link.yaml")));
    CHECK(readText(folder.file("real/tokens.yaml")) == "new");
}

TEST_CASE("a link to what is not there yet stays a link: the file it names is made") {
    const ScratchFolder folder;
    std::filesystem::create_symlink("first", folder.path() / "tokens.yaml");
    std::filesystem::create_symlink(folder.path() / "real.yaml", folder.path() / "first");
    replaceFile(folder.file("tokens.yaml"), "new");
    CHECK(std::filesystem::is_symlink(folder.path() / "tokens.yaml"));
    CHECK(std::filesystem::is_symlink(folder.path() / "first"));
    CHECK(readText(folder.file("real.yaml")) == "new");
}

TEST_CASE("links in a circle lead nowhere: refused, and nothing is replaced") {
    const ScratchFolder folder;
    std::filesystem::create_symlink("b", folder.path() / "a");
    std::filesystem::create_symlink("a", folder.path() / "b");
    CHECK_THROWS_AS(replaceFile(folder.file("a"), "new"), std::system_error);
    CHECK(std::filesystem::is_symlink(folder.path() / "a"));
    CHECK(filesIn(folder.path()) == 2);
}

TEST_CASE("a new file may be named from the working folder") {
    const ScratchFolder folder;
    const WorkingFolder here(folder.path());
    CHECK_NOTHROW(replaceFile("tokens.yaml", "text"));
    CHECK(readText(folder.file("tokens.yaml")) == "text");
    CHECK_NOTHROW(replaceFile("tokens.yaml", "again"));
    CHECK(readText(folder.file("tokens.yaml")) == "again");
}

TEST_CASE("what cannot be replaced is told with its name, and the old file stays") {
    const ScratchFolder folder;
    std::filesystem::create_directories(folder.path() / "taken" / "inside");
    for (const char* name : {"nowhere/tokens.yaml", "taken"}) {
        DYNAMIC_SECTION(name) {
            try {
                replaceFile(folder.file(name), "text");
                FAIL("was replaced");
            } catch (const std::system_error& fault) {
                CHECK(std::string(fault.what()).find(folder.file(name)) != std::string::npos);
            }
            CHECK(filesIn(folder.path()) == 1);
            CHECK(std::filesystem::exists(folder.path() / "taken" / "inside"));
        }
    }
}

TEST_CASE("a reader sees the old or the new text, never a part") {
    const ScratchFolder folder;
    const std::string file = folder.write("tokens.yaml", std::string(50'000, '0'));
    std::atomic<bool> stop{false};
    int torn = 0, reads = 0;
    std::thread reader([&] {
        while (!stop) {
            const std::string text = readText(file);
            torn += text.size() != 50'000 || text.find_first_not_of(text[0]) != std::string::npos ? 1 : 0;
            ++reads;
        }
    });
    for (int i = 1; i <= 50; ++i) replaceFile(file, std::string(50'000, static_cast<char>('0' + i % 10)));
    stop = true;
    reader.join();
    CHECK(torn == 0);
    CHECK(reads > 0);
}

TEST_CASE("a lock is held until its end, also against other processes") {
    const ScratchFolder folder;
    const std::string file = folder.write("tokens.yaml", "");
    const auto lockable = [&] { // what another process would see: flock() is per open file
        const int other = ::open((file + ".lock").c_str(), O_RDWR | O_CLOEXEC);
        const bool free = ::flock(other, LOCK_EX | LOCK_NB) == 0;
        ::close(other);
        return free;
    };
    {
        const FileLock lock(file);
        CHECK_FALSE(lockable());
    }
    CHECK(lockable());
    CHECK(modeOf(file + ".lock") == 0600);
}

TEST_CASE("a second lock waits for the first") {
    const ScratchFolder folder;
    const std::string file = folder.file("tokens.yaml");
    std::atomic<bool> free{false}, waited{false};
    test::Notification got;
    std::thread second;
    {
        const FileLock lock(file);
        second = std::thread([&] {
            const FileLock waiting(file);
            waited = free.load();
            got.ring();
        });
        CHECK_FALSE(got.waitFor(1, std::chrono::milliseconds(50))); // it cannot come while we hold the lock
        free = true;
    }
    CHECK(got.waitFor(1));
    second.join();
    CHECK(waited);
}

TEST_CASE("E06e: a lock that another one holds is waited for no longer than the patience") {
    const ScratchFolder folder;
    const std::string file = folder.file("tokens.yaml");
    const FileLock lock(file);
    CHECK_THROWS_AS(FileLock(file, std::chrono::milliseconds(0)), LockError);
    CHECK_THROWS_WITH(FileLock(file, std::chrono::milliseconds(0)),
                      Catch::Contains("cannot lock " + file + ": another program has held " + file + ".lock"));
    CHECK(lockPatience == std::chrono::seconds(10));
}

TEST_CASE("E06e: what stands in the lock's place and is no file of ours is refused, and left alone") {
    struct Row {
        const char* what;
        std::function<void(const std::string& lock)> place;
        const char* told;
    };
    for (const Row& row : std::vector<Row>{
             {"a link to another file", [](const std::string& lock) { std::filesystem::create_symlink("other", lock); },
              "is a symbolic link"},
             {"a link to nothing", [](const std::string& lock) { std::filesystem::create_symlink("nothing", lock); },
              "is a symbolic link"},
             {"a pipe", [](const std::string& lock) { ::mkfifo(lock.c_str(), 0600); }, "is not a regular file"},
             {"a file of another user",
              [](const std::string& lock) {
                  std::ofstream{lock};
                  if (::chown(lock.c_str(), 12345, 12345) != 0) ::unlink(lock.c_str());
              },
              "belongs to uid 12345"}}) {
        DYNAMIC_SECTION(row.what) {
            const ScratchFolder folder;
            const std::string file = folder.file("tokens.yaml"), other = folder.write("other", "as it was");
            row.place(file + ".lock");
            if (!std::filesystem::exists(std::filesystem::symlink_status(file + ".lock"))) return; // only root can
            CHECK_THROWS_WITH(FileLock(file), Catch::Contains(file + ".lock") && Catch::Contains(row.told));
            CHECK(readText(other) == "as it was");
            CHECK_FALSE(std::filesystem::exists(folder.file("nothing")));
        }
    }
}

TEST_CASE("a lock through a link is the lock of the file it names") {
    const ScratchFolder folder;
    folder.write("tokens.yaml", "");
    std::filesystem::create_symlink("tokens.yaml", folder.path() / "link.yaml");
    { const FileLock lock(folder.file("link.yaml")); }
    CHECK(std::filesystem::exists(folder.file("tokens.yaml.lock")));
    CHECK_FALSE(std::filesystem::exists(folder.file("link.yaml.lock")));
}

TEST_CASE("a lock in a folder that is not there is told with the file's name") {
    const ScratchFolder folder;
    CHECK_THROWS_WITH(FileLock(folder.file("nowhere/t.yaml")), Catch::Contains(folder.file("nowhere/t.yaml")));
}

TEST_CASE("a folder is made with all that lead to it, for its owner only") {
    const ScratchFolder folder;
    makeFolder(folder.path() / "a" / "b");
    CHECK(modeOf(folder.file("a")) == 0700);
    CHECK(modeOf(folder.file("a/b")) == 0700);
    CHECK_NOTHROW(makeFolder(folder.path() / "a" / "b"));
    CHECK_NOTHROW(makeFolder(""));
    folder.write("plain", "");
    CHECK_THROWS_AS(makeFolder(folder.path() / "plain" / "c"), std::system_error);
}

TEST_CASE("a whole file is read, of any length") {
    const ScratchFolder folder;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16384}, std::size_t{100'000}}) {
        DYNAMIC_SECTION(size << " bytes") {
            const std::string file = folder.write("f", std::string(size, 'x'));
            CHECK(FileHandle(::open(file.c_str(), O_RDONLY)).readAll(file).size() == size);
        }
    }
    CHECK_THROWS_WITH(FileHandle(::open(folder.path().c_str(), O_RDONLY)).readAll("the folder"),
                      Catch::Contains("cannot read the folder"));
}
