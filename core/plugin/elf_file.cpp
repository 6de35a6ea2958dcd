#include "plugin/elf_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <elf.h>

namespace gatehouse {

namespace {

// Reads by offsets that the file itself names: none is believed, and no sum of them may wrap.
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
    // Number `index` of the entries of `size` bytes that begin at `base`.
    template <class T>
    std::optional<T> entry(std::size_t base, std::size_t index, std::size_t size) const {
        std::size_t offset = 0;
        if (__builtin_mul_overflow(index, size, &offset) || __builtin_add_overflow(base, offset, &offset))
            return std::nullopt;
        return at<T>(offset);
    }
    std::optional<std::string_view> bytes(std::size_t offset, std::size_t size) const {
        if (offset > bytes_.size() || bytes_.size() - offset < size) return std::nullopt;
        return bytes_.substr(offset, size);
    }
    // The text at `base` + `offset`, up to its NUL; nothing when it does not end within maxElfName bytes.
    std::optional<std::string_view> text(std::size_t base, std::size_t offset) const {
        std::size_t from = 0;
        if (__builtin_add_overflow(base, offset, &from) || from >= bytes_.size()) return std::nullopt;
        const std::string_view rest = bytes_.substr(from, maxElfName + 1);
        const std::size_t end = rest.find('\0');
        if (end == std::string_view::npos) return std::nullopt;
        return rest.substr(0, end);
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
    return file.entry<Elf64_Shdr>(header.e_shoff, index, header.e_shentsize);
}

// The place in the file of an address in memory.
std::optional<std::size_t> fileOffset(const Reader& file, const Elf64_Ehdr& header, std::size_t address) {
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        const auto segment = file.entry<Elf64_Phdr>(header.e_phoff, i, header.e_phentsize);
        if (!segment || segment->p_type != PT_LOAD) continue;
        if (address < segment->p_vaddr || address - segment->p_vaddr >= segment->p_filesz) continue;
        std::size_t offset = 0;
        if (__builtin_add_overflow(segment->p_offset, address - segment->p_vaddr, &offset)) return std::nullopt;
        return offset;
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
    if (table.size >= GATEHOUSE_PLUGIN_TABLE_SIZE_1_0)
        if (const auto whole = file.at<gatehouse_plugin_table>(*offset)) table = *whole;
    table.name[sizeof(table.name) - 1] = table.version[sizeof(table.version) - 1] = '\0';
    table.interfaces[sizeof(table.interfaces) - 1] = '\0';
    report.entry = table;
}

void readSettings(const Reader& file, const Elf64_Ehdr& header, const Elf64_Sym& symbol, ElfReport& report) {
    report.exportsSettings = true;
    const auto offset = symbol.st_size > maxElfSettings ? std::nullopt : fileOffset(file, header, symbol.st_value);
    const auto text = offset ? file.bytes(*offset, symbol.st_size) : std::nullopt;
    if (text) report.settings = std::string(text->substr(0, text->find('\0')));
}

// The dynamic symbols: a library has one table of them, and the first is the one that is looked at.
std::optional<Elf64_Shdr> symbolTable(const Reader& file, const Elf64_Ehdr& header) {
    for (std::size_t i = 0; i < header.e_shnum; ++i) {
        const auto found = section(file, header, i);
        if (found && found->sh_type == SHT_DYNSYM && found->sh_entsize >= sizeof(Elf64_Sym)) return found;
    }
    return std::nullopt;
}

std::string tooMany(const char* what, std::size_t most) {
    return std::string("has more than ") + std::to_string(most) + " " + what;
}

// The exported symbols into the report, up to the first that cannot be believed.
class Exports {
public:
    Exports(const Reader& file, const Elf64_Ehdr& header, std::size_t names, ElfReport& report)
        : file_(file), header_(header), names_(names), report_(report) {}

    void add(const Elf64_Sym& symbol) {
        if (!isExported(symbol)) return;
        const auto name = file_.text(names_, symbol.st_name);
        if (!name) return fail("has a symbol whose name is too long, or does not end within the file");
        bytes_ += name->size();
        if (bytes_ > maxElfNameBytes) return fail(tooMany("bytes of exported names", maxElfNameBytes));
        report_.exported.emplace_back(*name);
        if (*name == "gatehouse_plugin_settings" && !report_.exportsSettings)
            readSettings(file_, header_, symbol, report_);
        if (*name != "gatehouse_plugin_entry" || report_.entry) return;
        report_.exportsEntry = true;
        readEntry(file_, header_, symbol, report_);
    }

private:
    void fail(std::string fault) { report_.fault = std::move(fault); }

    const Reader& file_;
    const Elf64_Ehdr& header_;
    const std::size_t names_; // where the texts begin
    ElfReport& report_;
    std::size_t bytes_ = 0;
};

} // namespace

ElfReport readElf(std::string_view bytes) {
    ElfReport report;
    const Reader file(bytes);
    const auto header = file.at<Elf64_Ehdr>(0);
    if (!header || !isOurElf(*header)) return report;
    report.isSharedLibrary = true;
    const auto symbols = symbolTable(file, *header);
    const auto names = symbols ? section(file, *header, symbols->sh_link) : std::nullopt;
    if (!names) return report;
    const std::size_t count = symbols->sh_size / symbols->sh_entsize;
    if (count > maxElfSymbols) report.fault = tooMany("dynamic symbols", maxElfSymbols);
    Exports exports(file, *header, names->sh_offset, report);
    for (std::size_t i = 0; i < count && report.fault.empty(); ++i) {
        const auto symbol = file.entry<Elf64_Sym>(symbols->sh_offset, i, symbols->sh_entsize);
        if (!symbol) break; // the table reaches beyond the file
        exports.add(*symbol);
    }
    return report;
}

} // namespace gatehouse
