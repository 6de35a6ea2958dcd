#include "cli/plugin_check.hpp"

#include <ostream>

#include "base/file_text.hpp"
#include "config/yaml_json.hpp"
#include "kit/backend_run.hpp"
#include "kit/check_run.hpp"
#include "plugin/plugin_backend.hpp"
#include "plugin/plugin_folder.hpp"
#include "plugin/plugin_validator.hpp"
#include "server/validator_registry.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* subjectName = "the validator under check";

// ${kit.NAME} stays for the kit; everything else is the environment's.
std::optional<std::string> valueOf(const std::string& name) {
    if (name.rfind("kit.", 0) == 0) return "${" + name + "}";
    return environmentValue(name);
}

template <class Plan>
Plan readPlan(const std::string& file, Plan (*planFrom)(const Json&)) {
    const auto text = fileText(file);
    if (!text)
        throw UsageError(file + " cannot be read: it holds the plugin's settings for the check (--settings FILE)");
    try {
        const YamlDocument read = readYaml(*text, valueOf);
        for (const YamlFault& fault : read.faults) throw YamlError(fault.line, fault.key + ": " + fault.words);
        return planFrom(read.root.is_null() ? Json::object() : read.root);
    } catch (const YamlError& fault) {
        throw SettingsError(file + ":" + std::to_string(fault.line) + ": " + fault.what());
    } catch (const SettingsError& fault) {
        throw SettingsError(file + ": " + fault.what());
    }
}

AuthSettings authSettings(const std::string& plugin, const Json& settings, const std::map<std::string, Json>& others) {
    AuthSettings auth;
    auth.validator = {subjectName};
    auth.validators = others;
    Json own = settings.is_null() ? Json::object() : settings;
    own["plugin"] = plugin;
    auth.validators[subjectName] = std::move(own);
    return auth;
}

// Libraries are loaded once; they stay loaded.
class LoadedLibraries {
public:
    explicit LoadedLibraries(std::filesystem::path folder) : folder_(std::move(folder)) {}
    const Library& of(const std::string& plugin) {
        const auto known = libraries_.find(plugin);
        if (known != libraries_.end()) return known->second;
        return libraries_.emplace(plugin, Library(findPlugin(folder_, PluginKind::validator, plugin), ""))
            .first->second;
    }

private:
    const std::filesystem::path folder_;
    std::map<std::string, Library> libraries_;
};

class MadeSet final : public kit::MadeValidator {
public:
    MadeSet(LoadedLibraries& libraries, HostDeps& deps, AuthSettings settings)
        : settings_(std::move(settings)),
          set_(settings_, [&libraries, &deps](const std::string& /*name*/, const std::string& plugin, const Json& own) {
              return makePluginValidator(libraries.of(plugin), deps, own.dump());
          }) {
        deps.validator = [this](std::string_view name) -> TokenValidator& { return set_.find(name); };
        primary_ = &set_.primary();
    }
    TokenValidator& validator() override { return *primary_; }

private:
    const AuthSettings settings_;
    ValidatorRegistry set_;
    TokenValidator* primary_ = nullptr;
};

int checkValidator(const Console& console, const std::filesystem::path& pluginFolder, const std::string& plugin,
                   const kit::CheckPlan& plan) {
    LoadedLibraries libraries(pluginFolder);
    const kit::MakeValidator make = [&](HostDeps& deps, const Json& settings,
                                        const std::map<std::string, Json>& others) {
        return std::make_unique<MadeSet>(libraries, deps, authSettings(plugin, settings, others));
    };
    return kit::runChecks(plan, make, console.out);
}

int checkBackend(const Console& console, const std::filesystem::path& file, const kit::BackendPlan& plan) {
    std::optional<Library> library; // opened in the process that checks
    const kit::MakeBackend make = [&](HostDeps& deps, const Json& settings) {
        if (!library) library.emplace(file, "");
        return makePluginBackend(*library, deps, settings.dump());
    };
    return kit::runBackendChecks(plan, make, console.out);
}

std::filesystem::path pluginNamed(const std::filesystem::path& folder, const std::string& plugin) {
    try {
        return findPlugin(folder, PluginKind::validator, plugin);
    } catch (const PluginError&) {
        return findPlugin(folder, PluginKind::backend, plugin);
    }
}

} // namespace

int checkPlugin(const Console& console, const std::filesystem::path& pluginFolder, const std::string& word,
                const std::string& settingsFile) {
    const std::string plugin = std::filesystem::exists(word) ? std::filesystem::absolute(word).string() : word;
    // Loaded in the process that checks it, never in this one: a library may have threads, which no fork takes along.
    const LibraryReport library = inspectLibrary(pluginNamed(pluginFolder, plugin));
    const std::string_view offered = library.elf.entry->interfaces;
    const bool isBackend = offered.find(GATEHOUSE_TOKEN_VALIDATOR_1) == std::string_view::npos &&
                           offered.find(GATEHOUSE_BACKEND_1) != std::string_view::npos;
    const auto announce = [&] {
        console.out << "gatehouse plugin check: " << library.elf.entry->name << " " << library.elf.entry->version
                    << ", " << library.file.string() << std::endl;
    };
    if (isBackend) {
        const kit::BackendPlan plan = readPlan(settingsFile, kit::backendPlanFrom);
        announce();
        return checkBackend(console, library.file, plan);
    }
    const kit::CheckPlan plan = readPlan(settingsFile, kit::checkPlanFrom);
    announce();
    return checkValidator(console, pluginFolder, plugin, plan);
}

} // namespace gatehouse::cli
