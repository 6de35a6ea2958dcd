// The macros that turn a C++ class into a plugin, and the wrapper behind them. Authors need only this:
//
//     class MyValidator : public gatehouse::TokenValidator {
//     public:
//         MyValidator(const gatehouse::Settings& settings, const gatehouse::Host& host);
//         gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override;
//     };
//     GATEHOUSE_TOKEN_VALIDATOR(MyValidator, "my_validator", "1.0.0")
//
// The constructor checks every setting and throws SettingsError (or any std::exception) to refuse to start. What a
// plugin declares with GATEHOUSE_SETTINGS is checked before it is made, filled with its defaults, and shown by
// `gatehouse plugin inspect`: a JSON Schema 2020-12 of an object, whose `properties` are all the keys there are.
//
//     GATEHOUSE_SETTINGS(R"json({"properties": {
//       "rows": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100, "description": "of an
//       answer"}}})json")
#pragma once

#include <gatehouse/backend_door.hpp>
#include <gatehouse/validator_door.hpp>

#define GATEHOUSE_EXPORT_PLUGIN(pluginName, pluginVersion, interfaceIds, interfaceFunction)                \
    extern "C" __attribute__((visibility("default"))) const gatehouse_plugin_table gatehouse_plugin_entry; \
    const gatehouse_plugin_table gatehouse_plugin_entry = {                                                \
        GATEHOUSE_ABI_MAGIC, GATEHOUSE_ABI_MAJOR, GATEHOUSE_ABI_MINOR, sizeof(gatehouse_plugin_table),     \
        pluginName,          pluginVersion,       interfaceIds,        interfaceFunction};

#define GATEHOUSE_SETTINGS(schemaText)                                                        \
    extern "C" __attribute__((visibility("default"))) const char gatehouse_plugin_settings[]; \
    const char gatehouse_plugin_settings[] = schemaText;

#define GATEHOUSE_TOKEN_VALIDATOR(Class, pluginName, pluginVersion)                 \
    GATEHOUSE_EXPORT_PLUGIN(pluginName, pluginVersion, GATEHOUSE_TOKEN_VALIDATOR_1, \
                            ::gatehouse::door::validatorInterface<Class>)

#define GATEHOUSE_BACKEND(Class, pluginName, pluginVersion) \
    GATEHOUSE_EXPORT_PLUGIN(pluginName, pluginVersion, GATEHOUSE_BACKEND_1, ::gatehouse::door::backendInterface<Class>)
