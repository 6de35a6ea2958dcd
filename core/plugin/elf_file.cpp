#include "plugin/elf_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <elf.h>

namespace gatehouse {

namespace {

constexpr std::size_t maxSymbols = 100'000;

class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    template <class T>
    std::optional<T> at(std::size_t offset) const {
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
        T out;
        std::memcpy(&out, bytes_.data() + offset, sizeof(T));
        return out;
    }
    std::string_view text(std::size_t offset) const {
        if (offset >= bytes_.size()) return {};
        const std::string_view rest = bytes_.substr(offset);
        const std::size_t end = rest.find('\0');
        return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
    }

private:
    std::string_view bytes_;
};

bool isOurElf(const Elf64_Ehdr& header) {
    return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
           header.e_type == ET_DYN;
}

std::optional<Elf64_Shdr> section(const Reader& file, const Elf64_Ehdr& header, std::size_t index) {
    if (index >= header.e_shnum) return std::nullopt;
    return file.at<Elf64_Shdr>(header.e_shoff + index * header.e_shentsize);
}

// The place in the file of an address in memory.
std::optional<std::size_t> fileOffset(const Reader& file, const Elf64_Ehdr& header, std::size_t address) {
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        const auto segment = file.at<Elf64_Phdr>(header.e_phoff + i * header.e_phentsize);
        if (!segment || segment->p_type != PT_LOAD) continue;
        if (address >= segment->p_vaddr && address - segment->p_vaddr < segment->p_filesz)
            return segment->p_offset + (address - segment->p_vaddr);
    }
    return std::nullopt;
}

bool isExported(const Elf64_Sym& symbol) {
    const unsigned binding = ELF64_ST_BIND(symbol.st_info);
    const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    return symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS &&
           (binding == STB_GLOBAL || binding == STB_WEAK) && (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

void readEntry(const Reader& file, const Elf64_Ehdr& header, const Elf64_Sym& symbol, ElfReport& report) {
    const auto offset = fileOffset(file, header, symbol.st_value);
    if (!offset) return;
    gatehouse_plugin_table table{};
    // A truncated table is read as far as it says it reaches.
    const std::size_t known = offsetof(gatehouse_plugin_table, name);
    if (const auto front = file.at<std::array<char, offsetof(gatehouse_plugin_table, name)>>(*offset))
        std::memcpy(&table, front->data(), known);
    if (table.size >= sizeof(table))
        if (const auto whole = file.at<gatehouse_plugin_table>(*offset)) table = *whole;
    table.name[sizeof(table.name) - 1] = table.version[sizeof(table.version) - 1] = '\0';
    table.interfaces[sizeof(table.interfaces) - 1] = '\0';
    report.entry = table;
}

} // namespace

ElfReport readElf(std::string_view bytes) {
    ElfReport report;
    const Reader file(bytes);
    const auto header = file.at<Elf64_Ehdr>(0);
    if (!header || !isOurElf(*header)) return report;
    report.isSharedLibrary = true;
    for (std::size_t i = 0; i < header->e_shnum; ++i) {
        const auto symbols = section(file, *header, i);
        if (!symbols || symbols->sh_type != SHT_DYNSYM || symbols->sh_entsize < sizeof(Elf64_Sym)) continue;
        const auto names = section(file, *header, symbols->sh_link);
        const std::size_t count = std::min<std::size_t>(symbols->sh_size / symbols->sh_entsize, maxSymbols);
        for (std::size_t s = 0; names && s < count; ++s) {
            const auto symbol = file.at<Elf64_Sym>(symbols->sh_offset + s * symbols->sh_entsize);
            if (!symbol || !isExported(*symbol)) continue;
            report.exported.emplace_back(file.text(names->sh_offset + symbol->st_name));
            if (report.exported.back() == "gatehouse_plugin_entry") readEntry(file, *header, *symbol, report);
        }
    }
    return report;
}

} // namespace gatehouse
