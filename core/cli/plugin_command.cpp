// gatehouse plugin list | inspect: reads libraries without running them.
#include <ostream>

#include "cli/command.hpp"
#include "plugin/library.hpp"
#include "plugin/plugin_folder.hpp"
#include "server.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* help = R"(Usage: gatehouse plugin list
       gatehouse plugin inspect FILE

Reads plugin libraries without running them.

  --config FILE        settings (for plugins.dir)
)";

int list(const Console& console, const std::filesystem::path& folder) {
    const auto files = pluginsIn(folder);
    console.out << "Plugins in " << folder.string() << ":\n";
    for (const auto& file : files) {
        try {
            const LibraryReport report = inspectLibrary(file);
            console.out << "  " << report.elf.entry->name << " " << report.elf.entry->version << "  "
                        << report.elf.entry->interfaces << "  " << file.filename().string() << "\n";
        } catch (const PluginRefused& fault) {
            console.out << "  unusable: " << fault.what() << "\n";
        }
    }
    if (files.empty()) console.out << "  none\n";
    return done;
}

int inspect(const Console& console, const std::string& file) {
    const LibraryReport report = inspectLibrary(file);
    const gatehouse_plugin_table& entry = *report.elf.entry;
    console.out << "file:       " << report.file.string() << "\n"
                << "name:       " << entry.name << "\n"
                << "version:    " << entry.version << "\n"
                << "ABI:        " << entry.abi_major << "." << entry.abi_minor << "\n"
                << "interfaces: " << entry.interfaces << "\n"
                << "SHA-256:    " << report.sha256 << "\n"
                << "exports:    ";
    for (const std::string& symbol : report.elf.exported) console.out << symbol << " ";
    console.out << "\n";
    return done;
}

} // namespace

int plugin(const Console& console, const std::vector<std::string>& words) {
    auto flags = settingsFlags();
    flags.push_back({"help"});
    const Arguments arguments(words, flags);
    const auto& rest = arguments.words();
    if (arguments.has("help") || rest.empty()) return console.out << help, arguments.has("help") ? done : wrongUse;
    if (rest.size() == 1 && rest[0] == "list")
        return list(console, pluginFolderOf(readSettings(console, arguments), console.executableFolder));
    if (rest.size() == 2 && rest[0] == "inspect") return inspect(console, rest[1]);
    throw WrongUse("plugin: wanted list, or inspect with a file");
}

} // namespace gatehouse::cli
