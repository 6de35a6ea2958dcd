#include "plugin/elf_file.hpp"

#include <algorithm>
#include <cstring>
#include <random>

#include <elf.h>
#include <catch2/catch.hpp>

#include "support/forked.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string& echoBytes() {
    static const std::string bytes = readText(TEST_LIBRARIES "/gatehouse/gatehouse_backend_echo.so");
    return bytes;
}

template <class T>
std::string with(std::size_t offset, T value) { // the library with one field of its header changed
    std::string bytes = echoBytes();
    std::memcpy(bytes.data() + offset, &value, sizeof(value));
    return bytes;
}

} // namespace

TEST_CASE("a plugin's table is read from its file") {
    const ElfReport report = readElf(echoBytes());
    CHECK(report.isSharedLibrary);
    REQUIRE(report.entry.has_value());
    CHECK(report.entry->magic == GATEHOUSE_ABI_MAGIC);
    CHECK(report.entry->abi_major == GATEHOUSE_ABI_MAJOR);
    CHECK(report.entry->size == sizeof(gatehouse_plugin_table));
    CHECK(std::string(report.entry->name) == "echo");
    CHECK(std::string(report.entry->interfaces) == GATEHOUSE_BACKEND_1);
}

TEST_CASE("a plugin shows one symbol only") {
    CHECK(readElf(echoBytes()).exported == std::vector<std::string>{"gatehouse_plugin_entry"});
}

TEST_CASE("what is no 64-bit shared library is none") {
    struct Row {
        const char* what;
        std::string bytes;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"nothing", ""},
                                    {"text", "#!/bin/sh\n"},
                                    {"the magic alone", ELFMAG},
                                    {"a header that is cut short", echoBytes().substr(0, sizeof(Elf64_Ehdr) - 1)},
                                    {"another magic", with(0, 'X')},
                                    {"32 bits", with(EI_CLASS, static_cast<unsigned char>(ELFCLASS32))},
                                    {"a program", with(offsetof(Elf64_Ehdr, e_type), Elf64_Half(ET_EXEC))},
                                    {"an object file", with(offsetof(Elf64_Ehdr, e_type), Elf64_Half(ET_REL))}}) {
        DYNAMIC_SECTION(row.what) {
            const ElfReport report = readElf(row.bytes);
            CHECK_FALSE(report.isSharedLibrary);
            CHECK_FALSE(report.entry.has_value());
            CHECK(report.exported.empty());
        }
    }
}

TEST_CASE("a table that says it is shorter is read as far as it says") {
    const std::string magic = [] {
        const std::uint64_t value = GATEHOUSE_ABI_MAGIC;
        return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
    }();
    const std::size_t at = echoBytes().find(magic);
    REQUIRE(at != std::string::npos);
    const ElfReport report = readElf(with(at + offsetof(gatehouse_plugin_table, size), std::uint64_t{24}));
    REQUIRE(report.entry.has_value());
    CHECK(report.entry->size == 24);
    CHECK(std::string(report.entry->name).empty());
}

TEST_CASE("names in the table end, also when the file does not end them") {
    const std::size_t at = echoBytes().find("echo", echoBytes().find("EUSHETAE") + 1);
    REQUIRE(at != std::string::npos);
    std::string bytes = echoBytes();
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), sizeof(gatehouse_plugin_table::name), 'x');
    const ElfReport report = readElf(bytes);
    REQUIRE(report.entry.has_value());
    CHECK(std::strlen(report.entry->name) == sizeof(report.entry->name) - 1);
}

TEST_CASE("header fields that point anywhere are survived") {
    struct Row {
        const char* what;
        std::string bytes;
    };
    constexpr auto far = ~std::uint64_t{0};
    for (const Row& row : std::initializer_list<Row>{
             {"sections beyond the file", with(offsetof(Elf64_Ehdr, e_shoff), far)},
             {"sections near the end of the address space", with(offsetof(Elf64_Ehdr, e_shoff), far - 64)},
             {"as many sections as can be", with(offsetof(Elf64_Ehdr, e_shnum), Elf64_Half(0xFFFF))},
             {"sections of no size", with(offsetof(Elf64_Ehdr, e_shentsize), Elf64_Half(0))},
             {"segments beyond the file", with(offsetof(Elf64_Ehdr, e_phoff), far)},
             {"as many segments as can be", with(offsetof(Elf64_Ehdr, e_phnum), Elf64_Half(0xFFFF))},
             {"segments of no size", with(offsetof(Elf64_Ehdr, e_phentsize), Elf64_Half(0))}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK(survives([&] { (void)readElf(row.bytes); }));
        }
    }
}

TEST_CASE("a file that is cut anywhere is survived") {
    CHECK(survives([] {
        for (std::size_t size = 0; size < echoBytes().size(); size += size < 4096 ? 7 : 997)
            (void)readElf(std::string(echoBytes().data(), size));
    }));
}

TEST_CASE("a file with any bytes changed is survived") {
    CHECK(survives([] {
        std::mt19937 random(20251121); // NOLINT(cert-msc51-cpp): the same files each time
        for (int round = 0; round < 300; ++round) {
            std::string bytes = echoBytes();
            for (int i = 0; i < 20; ++i) {
                const bool inHeader = i % 2 == 0;
                bytes[random() % (inHeader ? sizeof(Elf64_Ehdr) : bytes.size())] = static_cast<char>(random());
            }
            std::memcpy(bytes.data(), echoBytes().data(), EI_NIDENT);
            (void)readElf(bytes);
        }
    }));
}

TEST_CASE("noise is survived") {
    CHECK(survives([] {
        std::mt19937 random(7); // NOLINT(cert-msc51-cpp): the same files each time
        for (int round = 0; round < 1000; ++round) {
            std::string bytes(random() % 2000, '\0');
            for (char& c : bytes) c = static_cast<char>(random());
            const std::size_t kept = std::min<std::size_t>(bytes.size(), 20); // so that it is taken for a library
            std::memcpy(bytes.data(), echoBytes().data(), kept);
            (void)readElf(bytes);
        }
    }));
}
