#include "tokens/file_watcher.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <vector>

#include "support/notification.hpp"
#include "support/scratch_folder.hpp"
#include "tokens/atomic_file.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;
using test::Notification;
using test::ScratchFolder;

namespace {

// As Kubernetes mounts a secret: tokens.yaml -> ..data/tokens.yaml, and ..data -> a folder for each version.
void mountSecret(const ScratchFolder& folder) {
    for (const char* version : {"v1", "v2"}) std::filesystem::create_directory(folder.path() / version);
    folder.write("v1/tokens.yaml", "old");
    folder.write("v2/tokens.yaml", "new");
    std::filesystem::create_directory_symlink("v1", folder.path() / "..data");
    std::filesystem::create_symlink("..data/tokens.yaml", folder.path() / "tokens.yaml");
}

void swapSecret(const ScratchFolder& folder) {
    std::filesystem::create_directory_symlink("v2", folder.path() / "..data_tmp");
    std::filesystem::rename(folder.path() / "..data_tmp", folder.path() / "..data");
}

struct Row {
    const char* what;
    std::function<void(const ScratchFolder&)> before;
    std::function<void(const ScratchFolder&)> change; // ends with "new" in tokens.yaml
};

std::vector<Row> waysToChange() {
    const auto plain = [](const ScratchFolder& folder) { folder.write("tokens.yaml", "old"); };
    const auto linked = [](const ScratchFolder& folder) {
        std::filesystem::create_directory(folder.path() / "real");
        folder.write("real/tokens.yaml", "old");
        std::filesystem::create_symlink("real/tokens.yaml", folder.path() / "tokens.yaml");
    };
    return {{"written in place", plain, [](const ScratchFolder& f) { f.write("tokens.yaml", "new"); }},
            {"replaced as token add does", plain,
             [](const ScratchFolder& f) { replaceFile(f.file("tokens.yaml"), "new"); }},
            {"replaced by a rename", plain,
             [](const ScratchFolder& f) { std::filesystem::rename(f.write("beside", "new"), f.file("tokens.yaml")); }},
            {"removed and made again", plain,
             [](const ScratchFolder& f) {
                 std::filesystem::remove(f.file("tokens.yaml"));
                 f.write("tokens.yaml", "new");
             }},
            {"made when there was none", [](const ScratchFolder&) {},
             [](const ScratchFolder& f) { f.write("tokens.yaml", "new"); }},
            {"written behind a link", linked, [](const ScratchFolder& f) { f.write("real/tokens.yaml", "new"); }},
            {"a link that leads elsewhere now", linked,
             [](const ScratchFolder& f) {
                 f.write("other.yaml", "new");
                 std::filesystem::create_symlink("other.yaml", f.path() / "swap");
                 std::filesystem::rename(f.file("swap"), f.file("tokens.yaml"));
             }},
            {"a secret that Kubernetes swaps", mountSecret, swapSecret}};
}

} // namespace

TEST_CASE("a change is seen within a second, however the file is changed") {
    for (const Row& row : waysToChange()) {
        DYNAMIC_SECTION(row.what) {
            const ScratchFolder folder;
            row.before(folder);
            Notification any, seen;
            const FileWatcher watcher(folder.file("tokens.yaml"), [&] {
                any.ring();
                if (test::readText(folder.file("tokens.yaml")) == "new") seen.ring();
            });
            row.change(folder);
            CHECK(seen.waitFor(1, FileWatcher::lookAgain - 100ms)); // by an event: looking again takes longer
        }
    }
}

TEST_CASE("a second change is seen as well, also behind a swapped link") {
    const ScratchFolder folder;
    mountSecret(folder);
    Notification swapped, written;
    const FileWatcher watcher(folder.file("tokens.yaml"), [&] {
        const std::string text = test::readText(folder.file("tokens.yaml"));
        if (text == "new") swapped.ring();
        if (text == "newer") written.ring();
    });
    swapSecret(folder);
    REQUIRE(swapped.waitFor(1));
    folder.write("v2/tokens.yaml", "newer"); // in a folder that was not watched at the start
    CHECK(written.waitFor(1, FileWatcher::lookAgain - 100ms));
}

TEST_CASE("asked to look, it says so at once") {
    const ScratchFolder folder;
    Notification seen;
    FileWatcher watcher(folder.write("tokens.yaml", ""), [&] { seen.ring(); });
    const int before = seen.rings();
    watcher.lookNow();
    CHECK(seen.waitFor(before + 1, FileWatcher::lookAgain - 100ms));
}

TEST_CASE("it looks again by itself, for file systems that send no events") {
    const ScratchFolder folder;
    Notification seen;
    const FileWatcher watcher(folder.write("tokens.yaml", ""), [&] { seen.ring(); });
    CHECK(seen.waitFor(2)); // nothing was changed
}

TEST_CASE("a folder that is not there is no reason to fail, and is watched when it comes") {
    const ScratchFolder folder;
    Notification seen;
    const FileWatcher watcher(folder.file("later/tokens.yaml"), [&] {
        if (std::filesystem::exists(folder.file("later/tokens.yaml"))) seen.ring();
    });
    std::filesystem::create_directory(folder.path() / "later");
    folder.write("later/tokens.yaml", "");
    CHECK(seen.waitFor(1));
}

TEST_CASE("a look that fails is no reason to look no more") {
    const ScratchFolder folder;
    Notification seen;
    FileWatcher watcher(folder.write("tokens.yaml", ""), [&] {
        seen.ring();
        throw std::runtime_error("no memory");
    });
    for (int look = 1; look <= 3; ++look) {
        watcher.lookNow();
        CHECK(seen.waitFor(look));
    }
}

TEST_CASE("it ends at once, and says nothing more") {
    const ScratchFolder folder;
    Notification seen;
    const auto began = std::chrono::steady_clock::now();
    {
        const FileWatcher watcher(folder.write("tokens.yaml", ""), [&] { seen.ring(); });
    }
    CHECK(std::chrono::steady_clock::now() - began < FileWatcher::lookAgain - 100ms);
    const int rings = seen.rings();
    folder.write("tokens.yaml", "after");
    CHECK_FALSE(seen.waitFor(rings + 1, 50ms));
}
