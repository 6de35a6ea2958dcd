#include "plugin/library.hpp"

#include <cstring>

#include <dlfcn.h>
#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string echo = TEST_LIBRARIES "/gatehouse/gatehouse_backend_echo.so";
const std::string tests = TEST_LIBRARIES "/tests/";

std::string refusalOf(const std::string& file, const std::string& pin = "") {
    try {
        Library library(file, pin);
        return "";
    } catch (const PluginError& refusal) {
        return refusal.what();
    }
}

std::string inspectionOf(const std::string& file) {
    try {
        inspectLibrary(file);
        return "";
    } catch (const PluginError& refusal) {
        return refusal.what();
    }
}

// A copy of the echo backend with modes of the test's choice.
class Copy {
public:
    explicit Copy(mode_t fileMode = 0755, mode_t folderMode = 0755) {
        ::chmod(folder.path().c_str(), 0755);
        inner = folder.file("inner");
        std::filesystem::create_directory(inner);
        file = inner + "/copy.so";
        std::filesystem::copy_file(echo, file);
        ::chmod(file.c_str(), fileMode);
        ::chmod(inner.c_str(), folderMode);
    }
    ScratchFolder folder;
    std::string inner, file;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("a good library is loaded and offers what it says") {
    const Library library(echo, "");
    CHECK(library.name() == "echo");
    CHECK(library.version() == "1.0.0");
    CHECK(library.file() == std::filesystem::canonical(echo));
    CHECK(library.interface(GATEHOUSE_BACKEND_1) != nullptr);
    std::string refusal;
    try {
        library.interface(GATEHOUSE_TOKEN_VALIDATOR_1);
    } catch (const PluginError& fault) {
        refusal = fault.what();
    }
    CHECK(has(refusal, "offers gatehouse.backend/1, expected gatehouse.token_validator/1"));
}

TEST_CASE("a library may be loaded twice, and stays when its object has gone") {
    const void* before = nullptr;
    {
        const Library first(echo, "");
        before = first.interface(GATEHOUSE_BACKEND_1);
    }
    const Library second(echo, "");
    CHECK(second.interface(GATEHOUSE_BACKEND_1) == before);
    CHECK(static_cast<const gatehouse_backend_v1*>(before)->size == sizeof(gatehouse_backend_v1));
}

TEST_CASE("a file that is no plugin of ours is refused without being run, each with its reason") {
    const ScratchFolder folder;
    ::chmod(folder.path().c_str(), 0755);
    struct Row {
        const char* what;
        std::string file;
        const char* reason;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"no file", folder.file("absent.so"), "no such plugin library"},
             {"a folder", folder.path().string(), "is not a regular file"},
             {"an empty file", folder.write("empty.so", ""), "is not a 64-bit ELF shared library"},
             {"text", folder.write("text.so", "nonsense"), "is not a 64-bit ELF shared library"},
             {"half a library", folder.write("half.so", readText(echo).substr(0, 4000)),
              "no symbol gatehouse_plugin_entry"},
             {"a library of somebody else", tests + "foreign_library.so", "no symbol gatehouse_plugin_entry"},
             {"another symbol", tests + "bad_symbol.so", "no symbol gatehouse_plugin_entry"},
             {"another magic", tests + "bad_magic.so", "magic is 7, expected "},
             {"another major version", tests + "bad_major.so", "abi_major is 99, expected 1"},
             {"a table too short", tests + "bad_size.so", "size is 24, expected at least "}}) {
        DYNAMIC_SECTION(row.what) {
            const std::string refusal = refusalOf(row.file);
            CHECK(has(refusal, row.reason));
            CHECK(has(refusal, row.file + ": "));
            CHECK(has(inspectionOf(row.file), row.reason));
        }
    }
}

TEST_CASE("a library whose declared settings cannot be read is refused without being run") {
    const ScratchFolder folder;
    ::chmod(folder.path().c_str(), 0755);
    const std::string declared = R"({"properties": {}})";
    std::string bytes = readText(echo);
    const std::size_t at = bytes.find(declared);
    REQUIRE(at != std::string::npos);
    bytes.replace(at, declared.size(), R"({"properties": 5 })");
    const std::string file = folder.write("odd.so", bytes);
    for (const std::string& refusal : {refusalOf(file), inspectionOf(file)})
        CHECK(has(refusal, "odd.so: gatehouse_plugin_settings is no JSON object with `properties`"));
}

TEST_CASE("a library says what it declares of its settings") {
    REQUIRE(Library(echo, "").settings().has_value());
    CHECK(Library(echo, "").settings()->rows().empty());
    CHECK_FALSE(Library(tests + "witness.so", "").settings().has_value());
}

TEST_CASE("a library of an older major version is refused like one of a newer") {
    const ScratchFolder folder;
    ::chmod(folder.path().c_str(), 0755);
    std::string bytes = readText(echo);
    const std::uint64_t magic = GATEHOUSE_ABI_MAGIC;
    const std::size_t at = bytes.find(std::string(reinterpret_cast<const char*>(&magic), sizeof(magic)));
    REQUIRE(at != std::string::npos);
    const std::uint32_t older = 0;
    std::memcpy(bytes.data() + at + offsetof(gatehouse_plugin_table, abi_major), &older, sizeof(older));
    CHECK(has(refusalOf(folder.write("older.so", bytes)), "abi_major is 0, expected 1"));
}

TEST_CASE("a library that is larger than the limit is refused before it is read") {
    const ScratchFolder folder;
    ::chmod(folder.path().c_str(), 0755);
    const std::string file = folder.write("large.so", readText(echo));
    std::filesystem::resize_file(file, (256 << 20) + 1); // a hole: no byte of it is on the disk
    CHECK(has(refusalOf(file), "is larger than 256 MiB"));
    CHECK(has(inspectionOf(file), "is larger than 256 MiB"));
}

TEST_CASE("a pipe is refused as a library, without waiting for a writer") {
    const ScratchFolder folder;
    ::chmod(folder.path().c_str(), 0755);
    REQUIRE(::mkfifo(folder.file("pipe.so").c_str(), 0600) == 0);
    CHECK(has(refusalOf(folder.file("pipe.so")), "is not a regular file"));
}

TEST_CASE("a library that offers nothing is told so when it is asked") {
    const Library library(tests + "bad_interface.so", "");
    CHECK_THROWS_AS(library.interface(GATEHOUSE_BACKEND_1), PluginError);
}

TEST_CASE("a library that others could have written is refused, and its folders with it") {
    struct Row {
        const char* what;
        mode_t file, folder;
        const char* mode; // null: taken
    };
    for (const Row& row : std::initializer_list<Row>{{"nobody else may write", 0755, 0755, nullptr},
                                                     {"read by all", 0644, 0755, nullptr},
                                                     {"the world may write the file", 0757, 0755, "has mode 0757"},
                                                     {"the group may write the file", 0775, 0755, "has mode 0775"},
                                                     {"the world may write the folder", 0755, 0757, "has mode 0757"},
                                                     {"the group may write the folder", 0755, 0770, "has mode 0770"}}) {
        DYNAMIC_SECTION(row.what) {
            const Copy copy(row.file, row.folder);
            const std::string refusal = refusalOf(copy.file);
            CHECK(refusal.empty() == (row.mode == nullptr));
            if (row.mode) CHECK(has(refusal, row.mode));
        }
    }
}

TEST_CASE("a folder further up that others may write is refused as well") {
    const Copy copy;
    ::chmod(copy.folder.path().c_str(), 0777);
    CHECK(has(refusalOf(copy.file), copy.folder.path().string() + " has mode 0777"));
}

TEST_CASE("a sticky folder of root's is a safe parent, a sticky folder of somebody else is not") {
    const Copy copy(0755, 01777);
    CHECK(refusalOf(copy.file).empty() == (::geteuid() == 0));
}

TEST_CASE("a library of another user is refused") {
    if (::geteuid() != 0) return; // only root can make one
    const Copy copy;
    REQUIRE(::chown(copy.file.c_str(), 12345, 12345) == 0);
    CHECK(has(refusalOf(copy.file), "is owned by uid 12345"));
}

TEST_CASE("a link is judged by what it leads to") {
    const Copy unsafe(0757);
    const ScratchFolder folder;
    ::chmod(folder.path().c_str(), 0755);
    const std::string link = folder.file("link.so");
    std::filesystem::create_symlink(unsafe.file, link);
    CHECK(has(refusalOf(link), unsafe.file + " has mode 0757"));
}

TEST_CASE("a library that is pinned must be the one") {
    const Copy copy;
    const std::string right = hex(sha256(readText(copy.file)));
    CHECK(refusalOf(copy.file, right).empty());
    for (const std::size_t digit : {std::size_t{0}, std::size_t{31}, std::size_t{63}}) { // each digit counts
        std::string other = right;
        other[digit] = other[digit] == '0' ? '1' : '0';
        CHECK(has(refusalOf(copy.file, other), "SHA-256 is " + right));
    }
    CHECK(has(refusalOf(copy.file, right.substr(0, 63)), "SHA-256 is " + right));
    const std::string wrong(64, '0');
    const std::string refusal = refusalOf(copy.file, wrong);
    CHECK(has(refusal, "SHA-256 is " + right));
    CHECK(has(refusal, wrong));
}

// Between the check and the load another process may put another file in the place of this name.
TEST_CASE("G07: what is loaded is the descriptor that was checked, not the name") {
    const Library library(Copy().file, ""); // a copy that no other test has loaded
    Dl_info loaded{};
    REQUIRE(::dladdr(library.interface(GATEHOUSE_BACKEND_1), &loaded) != 0);
    CHECK(std::string(loaded.dli_fname).rfind("/proc/self/fd/", 0) == 0);
}

TEST_CASE("G07: the descriptor of a loaded library is not given away, so that its name stays its own") {
    const Copy first, second;
    const Library one(first.file, "");
    Dl_info loaded{};
    REQUIRE(::dladdr(one.interface(GATEHOUSE_BACKEND_1), &loaded) != 0);
    const std::string name = loaded.dli_fname;
    CHECK(std::filesystem::equivalent(name, first.file));
    const Library two(second.file, "");
    CHECK(one.interface(GATEHOUSE_BACKEND_1) != two.interface(GATEHOUSE_BACKEND_1));
}

TEST_CASE("E09: a file whose symbols cannot be believed is refused with why") {
    const ScratchFolder folder;
    ::chmod(folder.path().c_str(), 0755);
    std::string bytes = readText(echo);
    Elf64_Ehdr header{};
    std::memcpy(&header, bytes.data(), sizeof(header));
    for (std::size_t i = 0; i < header.e_shnum; ++i) {
        const std::size_t at = header.e_shoff + i * header.e_shentsize;
        Elf64_Shdr section{};
        std::memcpy(&section, bytes.data() + at, sizeof(section));
        if (section.sh_type != SHT_DYNSYM) continue;
        section.sh_size = ~std::uint64_t{0};
        std::memcpy(bytes.data() + at, &section, sizeof(section));
    }
    const std::string file = folder.write("claims.so", bytes);
    CHECK(has(refusalOf(file), file + ": has more than 100000 dynamic symbols"));
    CHECK(has(inspectionOf(file), file + ": has more than 100000 dynamic symbols"));
}

TEST_CASE("a library can be inspected without being run") {
    const LibraryReport report = inspectLibrary(echo);
    CHECK(report.sha256 == hex(sha256(readText(echo))));
    CHECK(std::string(report.elf.entry->name) == "echo");
}
