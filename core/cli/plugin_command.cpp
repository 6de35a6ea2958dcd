// gatehouse plugin list | inspect | check | new: reads libraries without running them, checks and begins new ones.
#include <fstream>
#include <ostream>

#include "base/shown_text.hpp"
#include "cli/command.hpp"
#include "cli/plugin_check.hpp"
#include "cli/plugin_scaffold.hpp"
#include "plugin/library.hpp"
#include "plugin/plugin_folder.hpp"
#include "server/server.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* pluginHelp = R"(Usage: gatehouse plugin list
       gatehouse plugin inspect FILE
       gatehouse plugin check FILE [--settings check.yaml]
       gatehouse plugin new NAME [--backend]

list and inspect read plugin libraries without running them; inspect also shows which settings a plugin declares. check
asks a token validator about several hundred tokens that are made for it, or calls each feature of a backend, from many
callers at once, and says what it does wrong. new makes a folder NAME with a plugin of your own in it, which builds,
passes the check and is loaded as it stands: a token validator (an address allow-list on top of another), or with
--backend a backend of two tools and their test.

)";

int list(const Console& console, const std::filesystem::path& folder) {
    const auto files = pluginsIn(folder);
    console.out << "Plugins in " << shownText(folder.string()) << ":\n";
    for (const auto& file : files) {
        try {
            const LibraryReport report = inspectLibrary(file);
            console.out << "  " << shownText(report.elf.entry->name) << " " << shownText(report.elf.entry->version)
                        << "  " << shownText(report.elf.entry->interfaces) << "  "
                        << shownText(file.filename().string()) << "\n";
        } catch (const PluginError& fault) {
            console.out << "  unusable: " << shownText(fault.what()) << "\n";
        }
    }
    if (files.empty()) console.out << "  none\n";
    return done;
}

void print(const Console& console, const std::vector<SettingsSchema::Row>& rows) {
    for (const auto& row : rows) {
        console.out << "  " << shownText(row.name) << ": " << shownText(row.wanted) << "\n";
        if (!row.about.empty()) console.out << "      " << shownText(row.about) << "\n";
    }
}

int inspect(const Console& console, const std::string& file) {
    const LibraryReport report = inspectLibrary(file);
    const gatehouse_plugin_table& entry = *report.elf.entry;
    console.out << "file:       " << shownText(report.file.string()) << "\n"
                << "name:       " << shownText(entry.name) << "\n"
                << "version:    " << shownText(entry.version) << "\n"
                << "ABI:        " << entry.abi_major << "." << entry.abi_minor << "\n"
                << "interfaces: " << shownText(entry.interfaces) << "\n"
                << "SHA-256:    " << report.sha256 << "\n"
                << "exports:    ";
    for (const std::string& symbol : report.elf.exported) console.out << shownText(symbol) << " ";
    console.out << "\nsettings:"
                << (!report.settings                  ? "   not declared"
                    : report.settings->rows().empty() ? "   none"
                                                      : "")
                << "\n";
    if (report.settings) print(console, report.settings->rows());
    return done;
}

// Never writes over what is there.
int begin(const Console& console, const std::string& name, PluginKind kind) {
    if (!isPluginName(name))
        throw UsageError("plugin new: expected a name of small letters, digits and _, got " + name);
    std::error_code error;
    if (!std::filesystem::create_directory(name, error))
        throw UsageError("plugin new: the folder " + name + " is there already, or cannot be made");
    for (const auto& [file, text] : scaffoldOf(name, kind)) {
        std::ofstream out(std::filesystem::path(name) / file);
        if (!(out << text).flush()) throw std::runtime_error(name + "/" + file + " cannot be written");
        console.out << name << "/" << file << "\n";
    }
    console.out << "Next: see " << name << "/README.md\n";
    return done;
}

} // namespace

int plugin(const Console& console, const std::vector<std::string>& words) {
    auto flags = settingsFlags();
    flags.insert(
        flags.end(),
        {{"settings", "FILE",
          "of the check (default check.yaml): the plugin's settings, and which tokens it takes or which calls it "
          "answers; `gatehouse plugin new` writes one with comments"},
         {"backend", "", "with new: a backend instead of a token validator"},
         helpFlag()});
    const Arguments arguments(words, flags);
    const auto& rest = arguments.words();
    if (arguments.has("help") || rest.empty())
        return console.out << pluginHelp
                           << flagHelp({settingsFlag("config"), flags.end()[-3], flags.end()[-2], helpFlag()}),
               arguments.has("help") ? done : wrongUse;
    if (rest.size() == 1 && rest[0] == "list")
        return list(console, pluginFolderOf(readSettings(console, arguments), console.executableFolder));
    if (rest.size() == 2 && rest[0] == "inspect") return inspect(console, rest[1]);
    if (rest.size() == 2 && rest[0] == "new")
        return begin(console, rest[1], arguments.has("backend") ? PluginKind::backend : PluginKind::validator);
    if (rest.size() == 2 && rest[0] == "check")
        return checkPlugin(console, pluginFolderOf(readSettings(console, arguments), console.executableFolder), rest[1],
                           arguments.value("settings").value_or("check.yaml"));
    throw UsageError("plugin: expected list, inspect or check with a file, or new with a name");
}

} // namespace gatehouse::cli
