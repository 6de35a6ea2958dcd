// What a plugin's create returned, destroyed with the plugin's own function; and the calls that a server starts with.
// Threads: one.
#pragma once

#include <memory>
#include <string>

#include <gatehouse/settings.hpp>

#include "plugin/host_services.hpp"
#include "plugin/library.hpp"
#include "plugin/plugin_call.hpp"
#include "plugin/plugin_words.hpp"

namespace gatehouse {

struct DestroyPlugin {
    const HostServices& services; // outlives the plugin
    void (*destroy)(void* self);

    void operator()(void* self) const {
        const LifecycleCall mark(services.plugin(), "destroy");
        services.guarded("destroy", [&] { destroy(self); });
    }
};

using PluginHandle = std::unique_ptr<void, DestroyPlugin>;

// Calls a function of the plugin that the server starts with: what it throws, against abi.h, refuses the plugin.
template <class Call>
void startCall(const Library& library, const HostServices& services, const char* function, const Call& call) {
    const LifecycleCall mark(services.plugin(), function);
    const std::string where = library.file().string() + ": " + function + " threw, against gatehouse/abi.h";
    try {
        call();
    } catch (const std::exception& fault) {
        throw PluginError(where + ": " + fault.what());
    } catch (...) {
        throw PluginError(where);
    }
}

// The settings as the plugin gets them: as they are, unless it declares some. Throws PluginSettingsError.
inline std::string settledSettings(const Library& library, const std::string& settingsJson) {
    if (!library.settings()) return settingsJson;
    try {
        return library.settings()->settled(Json::parse(settingsJson)).dump();
    } catch (const SettingsError& fault) {
        throw PluginSettingsError(library.file(), fault.what());
    }
}

// `table`: of a validator or a backend. Throws PluginError, and PluginSettingsError with the plugin's own words.
template <class Table>
PluginHandle madePlugin(const Library& library, const HostServices& services, const Table& table,
                        const std::string& settingsJson) {
    const std::string settings = settledSettings(library, settingsJson);
    std::string error;
    void* self = nullptr;
    startCall(library, services, "create", [&] {
        self = table.create(services.table(), border::str(settings), {&error, putText});
    });
    if (!self) throw PluginSettingsError(library.file(), error.empty() ? "create gave no cause" : error);
    return PluginHandle(self, {services, table.destroy});
}

} // namespace gatehouse
