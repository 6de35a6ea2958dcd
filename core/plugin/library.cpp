#include "plugin/library.hpp"

#include <cerrno>
#include <cstring>

#define BOOST_DLL_USE_STD_FS
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/dll/shared_library.hpp>

#include "base/digest.hpp"
#include "plugin/plugin_call.hpp"

namespace gatehouse {

namespace {

constexpr off_t maxLibraryBytes = 256 << 20;
constexpr const char* entrySymbol = "gatehouse_plugin_entry";

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
    throw PluginError(file.string() + ": " + why);
}

// Held open from the check to the load, so that what was checked is what is run.
class OpenFile {
public:
    explicit OpenFile(const std::filesystem::path& file)
        : descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
        if (descriptor_ < 0) refuse(file, std::string("cannot be opened: ") + std::strerror(errno));
    }
    ~OpenFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    struct stat facts(const std::filesystem::path& file) const {
        struct stat facts {};
        if (::fstat(descriptor_, &facts) != 0) refuse(file, std::string("cannot be examined: ") + std::strerror(errno));
        return facts;
    }
    std::string bytes(const std::filesystem::path& file, off_t size) const {
        std::string out(static_cast<std::size_t>(size), '\0');
        std::size_t have = 0;
        while (have < out.size()) {
            const ssize_t got = ::pread(descriptor_, out.data() + have, out.size() - have, static_cast<off_t>(have));
            if (got <= 0) refuse(file, "cannot be read");
            have += static_cast<std::size_t>(got);
        }
        return out;
    }
    std::filesystem::path asPath() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
    // The loader knows a library by the name it was opened with: this one must not be given away again.
    void keepForever() { descriptor_ = -1; }

private:
    int descriptor_;
};

std::string octal(mode_t mode) {
    char text[8];
    std::snprintf(text, sizeof(text), "%04o", static_cast<unsigned>(mode & 07777));
    return text;
}

// Owned by root or the server's user, and writable by no other; a sticky directory of root's (such as /tmp) is a safe
// parent.
void requireSafe(const std::filesystem::path& file, const std::filesystem::path& what, const struct stat& facts) {
    const bool ours = facts.st_uid == 0 || facts.st_uid == ::geteuid();
    if (!ours)
        refuse(file, what.string() + " is owned by uid " + std::to_string(facts.st_uid) + ", expected root or uid " +
                         std::to_string(::geteuid()));
    const bool sticky = S_ISDIR(facts.st_mode) && (facts.st_mode & S_ISVTX) != 0 && facts.st_uid == 0;
    if ((facts.st_mode & 022) != 0 && !sticky)
        refuse(file, what.string() + " has mode " + octal(facts.st_mode) +
                         ", expected one that group and others cannot write");
}

void requireSafeParents(const std::filesystem::path& file) {
    for (auto folder = file.parent_path();; folder = folder.parent_path()) {
        struct stat facts {};
        if (::stat(folder.c_str(), &facts) != 0) refuse(file, folder.string() + " cannot be examined");
        requireSafe(file, folder, facts);
        if (folder == folder.root_path()) return;
    }
}

std::filesystem::path canonicalPath(const std::filesystem::path& file) {
    std::error_code error;
    auto canonical = std::filesystem::canonical(file, error);
    if (error) refuse(file, "no such plugin library");
    return canonical;
}

void requirePin(const std::filesystem::path& file, const std::string& pinned, const std::string& got) {
    if (!pinned.empty() && got != pinned) refuse(file, "SHA-256 is " + got + ", plugins.pins wants " + pinned);
}

// magic -> major -> size, on the bytes of the file: nothing has been run yet.
void requireOurs(const std::filesystem::path& file, const ElfReport& elf) {
    if (!elf.isSharedLibrary) refuse(file, "is not a 64-bit ELF shared library");
    if (!elf.fault.empty()) refuse(file, elf.fault);
    if (!elf.entry && elf.exportsEntry)
        refuse(file, std::string(entrySymbol) + " has no data in the file: it must be initialised data, not .bss");
    if (!elf.entry)
        refuse(file, std::string("no symbol ") + entrySymbol + " among the " + std::to_string(elf.exported.size()) +
                         " exported (gatehouse_add_plugin() exports it)");
    const gatehouse_plugin_table& entry = *elf.entry;
    if (entry.magic != GATEHOUSE_ABI_MAGIC)
        refuse(file, "magic is " + std::to_string(entry.magic) + ", expected " + std::to_string(GATEHOUSE_ABI_MAGIC));
    if (entry.abi_major != GATEHOUSE_ABI_MAJOR)
        refuse(file,
               "abi_major is " + std::to_string(entry.abi_major) + ", expected " + std::to_string(GATEHOUSE_ABI_MAJOR));
    if (entry.size < GATEHOUSE_PLUGIN_TABLE_SIZE_1_0)
        refuse(file, "size is " + std::to_string(entry.size) + ", expected at least " +
                         std::to_string(GATEHOUSE_PLUGIN_TABLE_SIZE_1_0));
}

std::optional<SettingsSchema> declaredSettings(const std::filesystem::path& file, const ElfReport& elf) {
    if (!elf.exportsSettings) return std::nullopt;
    const std::string symbol = "gatehouse_plugin_settings ";
    if (!elf.settings)
        refuse(file, symbol + "has no data in the file, or more than " + std::to_string(maxElfSettings) + " bytes");
    try {
        return SettingsSchema(*elf.settings);
    } catch (const std::exception& fault) {
        refuse(file, symbol + fault.what());
    }
}

std::string readChecked(const std::filesystem::path& file, const OpenFile& open) {
    const struct stat facts = open.facts(file);
    if (!S_ISREG(facts.st_mode)) refuse(file, "is not a regular file");
    if (facts.st_size > maxLibraryBytes) refuse(file, "is larger than 256 MiB");
    return open.bytes(file, facts.st_size);
}

// Boost.DLL opens by name; the descriptor's own name under /proc leads to the very file that was checked.
const gatehouse_plugin_table* load(const std::filesystem::path& file, OpenFile& open) {
    using boost::dll::load_mode::type;
    const auto mode = type::rtld_now | type::rtld_local | static_cast<type>(RTLD_NODELETE); // never unloaded
    try {
        boost::dll::shared_library library(open.asPath(), mode);
        open.keepForever();
        return &library.get<const gatehouse_plugin_table>(entrySymbol);
    } catch (const std::exception& fault) {
        refuse(file, std::string("cannot be loaded: ") + fault.what());
    }
}

} // namespace

Library::Library(const std::filesystem::path& file, const std::string& pinned) : file_(canonicalPath(file)) {
    requireSafeParents(file_);
    OpenFile open(file_);
    requireSafe(file_, file_, open.facts(file_));
    const std::string bytes = readChecked(file_, open);
    sha256_ = hex(gatehouse::sha256(bytes));
    requirePin(file_, pinned, sha256_);
    const ElfReport elf = readElf(bytes);
    requireOurs(file_, elf);
    settings_ = declaredSettings(file_, elf);
    table_ = load(file_, open);
}

const void* Library::interface(const char* id) const {
    if (!table_->interface) refuse(file_, "its function interface is null");
    const void* found = nullptr;
    try {
        const LifecycleCall mark(table_->name, "interface");
        found = table_->interface(id);
    } catch (...) {
        refuse(file_, "interface threw, against gatehouse/abi.h");
    }
    if (!found) refuse(file_, "offers " + std::string(table_->interfaces) + ", expected " + id);
    return found;
}

LibraryReport inspectLibrary(const std::filesystem::path& file) {
    LibraryReport report;
    report.file = canonicalPath(file);
    const OpenFile open(report.file);
    const std::string bytes = readChecked(report.file, open);
    report.sha256 = hex(sha256(bytes));
    report.elf = readElf(bytes);
    requireOurs(report.file, report.elf);
    report.settings = declaredSettings(report.file, report.elf);
    return report;
}

} // namespace gatehouse
