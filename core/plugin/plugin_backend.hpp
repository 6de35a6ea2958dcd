// Turns a library's backend into the SDK's class, so that the protocol sees no difference to one in-process.
#pragma once

#include <memory>
#include <string>

#include <gatehouse/backend.hpp>

#include "plugin/host_services.hpp"
#include "plugin/library.hpp"

namespace gatehouse {

// Throws PluginError when the library offers no backend; PluginSettingsError when its constructor
// refuses the settings.
std::unique_ptr<Backend> makePluginBackend(const Library& library, HostDeps& deps, const std::string& settingsJson);

} // namespace gatehouse
