#include "plugin/plugin_folder.hpp"

#include <algorithm>

#include "plugin/library.hpp"

namespace gatehouse {

namespace {

std::string prefixOf(PluginKind kind) {
    return kind == PluginKind::validator ? "gatehouse_validator_" : "gatehouse_backend_";
}

bool isPluginName(const std::string& name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
    return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

std::string namesIn(const std::filesystem::path& folder, const std::string& prefix) {
    std::string names;
    for (const auto& file : pluginsIn(folder)) {
        const std::string stem = file.stem().string();
        if (stem.compare(0, prefix.size(), prefix) == 0)
            names += (names.empty() ? "" : ", ") + stem.substr(prefix.size());
    }
    return names.empty() ? "none" : names;
}

} // namespace

std::filesystem::path findPlugin(const std::filesystem::path& folder, PluginKind kind, const std::string& name) {
    if (!name.empty() && name.front() == '/') return name;
    const std::string prefix = prefixOf(kind);
    const auto file = folder / (prefix + name + ".so");
    if (isPluginName(name) && std::filesystem::exists(file)) return file;
    throw PluginError((kind == PluginKind::validator ? "auth.validator" : "backend.plugin") +
                      (": expected a full path or one of: " + namesIn(folder, prefix)) + " (in " + folder.string() +
                      "), got \"" + name + "\"");
}

std::vector<std::filesystem::path> pluginsIn(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".so") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace gatehouse
