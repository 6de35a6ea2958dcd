// Turns a library's token validator into the SDK's class, so that the gate sees no difference to one in-process.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <gatehouse/token_validator.hpp>

#include "plugin/host_services.hpp"
#include "plugin/library.hpp"
#include "tokens/token_entry.hpp"

namespace gatehouse {

// Throws PluginError when the library offers no validator; PluginSettingsError when its constructor refuses the
// settings.
//
// `findGone` says why a token is in force no more (any thread): it rewords a plugin's "unknown", and decides nothing.
using FindGone = std::function<std::optional<GoneToken>(const Sha256&)>;
std::unique_ptr<TokenValidator> makePluginValidator(const Library& library, HostDeps& deps,
                                                    const std::string& settingsJson, FindGone findGone = {});

} // namespace gatehouse
