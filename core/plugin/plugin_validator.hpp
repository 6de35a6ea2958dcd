// Turns a library's token validator into the SDK's class, so that the gate sees no difference to one in-process.
#pragma once

#include <memory>
#include <string>

#include <gatehouse/token_validator.hpp>

#include "plugin/host_services.hpp"
#include "plugin/library.hpp"

namespace gatehouse {

// Throws PluginRefused when the library offers no validator; PluginSettingsRefused when its constructor
// refuses the settings.
std::unique_ptr<TokenValidator> makePluginValidator(const Library& library, HostPort& port,
                                                    const std::string& settingsJson);

} // namespace gatehouse
