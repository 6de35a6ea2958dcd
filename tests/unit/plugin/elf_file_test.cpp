#include "plugin/elf_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <optional>
#include <random>

#include <elf.h>
#include <sys/resource.h>
#include <catch2/catch.hpp>

#include "support/forked.hpp"
#include "support/sanitizer.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string& echoBytes() {
    static const std::string bytes = readText(TEST_LIBRARIES "/gatehouse/gatehouse_backend_echo.so");
    return bytes;
}

// A library that has nothing but symbols, all of one name, and as many tables of them as wanted.
class SymbolFile {
public:
    SymbolFile(std::size_t symbols, std::size_t nameSize, std::size_t tables, bool ended = true)
        : symbols_(symbols), name_(std::string(nameSize, 'n') + (ended ? std::string(1, '\0') : "")), tables_(tables) {}
    SymbolFile withNamesAt(std::uint64_t at) const { return changed(&SymbolFile::namesAt_, at); }
    SymbolFile withNameNumber(std::uint64_t number) const { return changed(&SymbolFile::nameNumber_, number); }
    SymbolFile withSymbolsAt(std::uint64_t at) const { return changed(&SymbolFile::symbolsAt_, at); }
    SymbolFile withSectionsAt(std::uint64_t at) const { return changed(&SymbolFile::sectionsAt_, at); }

    std::string bytes() const {
        const std::size_t symbolsAt = sizeof(Elf64_Ehdr) + (tables_ + 1) * sizeof(Elf64_Shdr);
        Elf64_Ehdr header{};
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_type = ET_DYN;
        header.e_shoff = sectionsAt_.value_or(sizeof(header));
        header.e_shentsize = sizeof(Elf64_Shdr);
        header.e_shnum = static_cast<Elf64_Half>(std::min<std::size_t>(tables_ + 1, 0xFFFF));
        std::string out;
        put(out, header);
        Elf64_Shdr section{};
        section.sh_offset = namesAt_.value_or(symbolsAt + symbols_ * sizeof(Elf64_Sym));
        put(out, section); // number 0: the names
        section.sh_type = SHT_DYNSYM;
        section.sh_offset = symbolsAt_.value_or(symbolsAt);
        section.sh_size = symbols_ * sizeof(Elf64_Sym);
        section.sh_entsize = sizeof(Elf64_Sym);
        for (std::size_t i = 0; i < tables_; ++i) put(out, section);
        Elf64_Sym symbol{};
        symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
        symbol.st_shndx = 1;
        symbol.st_name = static_cast<Elf64_Word>(nameNumber_.value_or(0));
        for (std::size_t i = 0; i < symbols_; ++i) put(out, symbol);
        return out + name_;
    }

private:
    SymbolFile changed(std::optional<std::uint64_t> SymbolFile::*field, std::uint64_t value) const {
        SymbolFile other = *this;
        other.*field = value;
        return other;
    }
    template <class T>
    static void put(std::string& out, const T& value) {
        out.append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
    std::size_t symbols_;
    std::string name_;
    std::size_t tables_;
    std::optional<std::uint64_t> namesAt_, symbolsAt_, sectionsAt_, nameNumber_;
};

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

TEST_CASE("a plugin shows its two symbols only") {
    auto exported = readElf(echoBytes()).exported;
    std::sort(exported.begin(), exported.end());
    CHECK(exported == std::vector<std::string>{"gatehouse_plugin_entry", "gatehouse_plugin_settings"});
}

TEST_CASE("what a plugin declares of its settings is read from its file") {
    CHECK(readElf(echoBytes()).settings == R"({"properties": {}})");
    const ElfReport none = readElf(readText(TEST_LIBRARIES "/tests/witness.so"));
    CHECK_FALSE(none.exportsSettings);
    CHECK_FALSE(none.settings.has_value());
}

TEST_CASE("a declaration without data in the file is there, and has no text") {
    const std::string name = "gatehouse_plugin_settings";
    std::string bytes = SymbolFile(1, name.size(), 1).bytes();
    bytes.replace(bytes.size() - name.size() - 1, name.size(), name);
    const ElfReport report = readElf(bytes);
    CHECK(report.exportsSettings);
    CHECK_FALSE(report.settings.has_value());
}

TEST_CASE("a declaration that says another size is read as far as that, and not beyond the limit") {
    const std::string declared = R"({"properties": {}})";
    const std::uint64_t size = declared.size() + 1; // with its NUL
    std::size_t empty = 0, none = 0;                // readings in which the symbol was the one that counts
    for (std::size_t symbol = 0; symbol + sizeof(Elf64_Sym) <= echoBytes().size(); symbol += 8) {
        Elf64_Sym found;
        std::memcpy(&found, echoBytes().data() + symbol, sizeof(found));
        if (found.st_size != size || ELF64_ST_TYPE(found.st_info) != STT_OBJECT) continue;
        const auto as = [&](std::uint64_t other) {
            return readElf(with(symbol + offsetof(Elf64_Sym, st_size), other)).settings;
        };
        if (as(0) == "") ++empty;
        if (!as(maxElfSettings + 1) && !as(~std::uint64_t{0})) ++none;
        CHECK(as(size) == declared);
    }
    CHECK(empty == 1);
    CHECK(none == 1);
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
        const std::size_t far = std::max<std::size_t>(997, echoBytes().size() / 500); // of one with debug symbols
        for (std::size_t size = 0; size < echoBytes().size(); size += size < 4096 ? 7 : far)
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

TEST_CASE("E09: a file that claims to be large costs what it is, not what it claims") {
    struct Row {
        const char* what;
        std::string bytes;
        const char* fault;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"65,535 tables of the same 100,000 symbols with long names", SymbolFile(100'000, 200, 65'535).bytes(),
              "names"},
             {"a symbol more than are looked at", SymbolFile(100'001, 1, 1).bytes(),
              "has more than 100000 dynamic symbols"},
             {"a name of 4 KiB and one", SymbolFile(1, 4097, 1).bytes(), "name is too long"},
             {"a name that does not end", SymbolFile(1, 100, 1, false).bytes(), "does not end within the file"},
             {"names beyond the file", SymbolFile(1, 1, 1).withNamesAt(~std::uint64_t{0}).bytes(),
              "within the file"}}) {
        DYNAMIC_SECTION(row.what) {
            const ElfReport report = readElf(row.bytes);
            CHECK(report.isSharedLibrary);
            CHECK_FALSE(report.entry.has_value());
            CHECK(report.fault.find(row.fault) != std::string::npos);
            CHECK(report.exported.size() <= maxElfNameBytes / 200);
        }
    }
}

TEST_CASE("E09: what is just within the limits is read") {
    CHECK(readElf(SymbolFile(100'000, 100, 1).bytes()).exported.size() == 100'000);
    CHECK(readElf(SymbolFile(1, 4096, 1).bytes()).exported.at(0).size() == 4096);
    CHECK(readElf(SymbolFile(100'000, 100, 1).bytes()).fault.empty());
}

TEST_CASE("E09: offsets that wrap around lead nowhere") {
    const auto library = SymbolFile(1, 4, 1);
    const ElfReport wrapped = readElf(library.withNamesAt(~std::uint64_t{0} - 99).withNameNumber(164).bytes());
    CHECK(wrapped.exported.empty()); // it would be a text of the head
    CHECK_FALSE(wrapped.fault.empty());
    for (const std::uint64_t at : {~std::uint64_t{0}, ~std::uint64_t{0} - 63, std::uint64_t{1} << 63}) {
        CHECK(readElf(library.withSymbolsAt(at).bytes()).exported.empty());
        CHECK(readElf(library.withSectionsAt(at - sizeof(Elf64_Shdr)).bytes()).exported.empty());
    }
}

TEST_CASE("E09: thousands of changed headers: no crash, and memory stays bounded") {
    CHECK(survives([] {
        const rlimit most{512u << 20, 512u << 20};
        if (!isSanitized) ::setrlimit(RLIMIT_DATA, &most); // what takes more throws bad_alloc, and is no report
        std::mt19937_64 random(42);                        // NOLINT(cert-msc51-cpp): the same files each time
        constexpr std::uint64_t telling[] = {0, 1, 0x7F, 0xFF, 0xFFFF, 0xFFFFFFFF, ~std::uint64_t{0}, 1ull << 63};
        const std::string small = SymbolFile(8, 30, 4).bytes();
        for (int round = 0; round < 5000; ++round) {
            std::string bytes = small;
            for (std::uint64_t changes = random() % 4 + 1; changes > 0; --changes) {
                const std::uint64_t value = random() % 2 == 0 ? telling[random() % std::size(telling)] : random();
                const std::size_t width = std::size_t{1} << random() % 4;
                const std::size_t at = EI_NIDENT + random() % (bytes.size() - EI_NIDENT - width);
                std::memcpy(bytes.data() + at, &value, width);
            }
            try {
                const ElfReport report = readElf(bytes);
                if (report.exported.size() > maxElfSymbols) ::abort();
            } catch (...) {
                ::abort();
            }
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
