// SettingsSchema: what a plugin declares of its settings, as data in its library that is read without running it: a
// JSON Schema 2020-12 of an object, in the symbol gatehouse_plugin_settings (GATEHOUSE_SETTINGS in
// gatehouse/plugin.hpp).
//
// The settings are held against it before the plugin is made. `default` of a key stands in when the key is absent.
// `properties` name all keys there are, unless additionalProperties, patternProperties or unevaluatedProperties say
// otherwise. A text where a number or a flag is
// expected is read as one, as ${NAME} in a settings file is always a string.
//
// Threads: any; it never changes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/json.hpp>

namespace gatehouse {

class SettingsSchema {
public:
    static constexpr std::size_t maxKeys = 256; // that one plugin may declare

    // Throws std::runtime_error that says why `text` cannot be served.
    explicit SettingsSchema(std::string_view text);

    // The settings as the plugin gets them. Throws SettingsError with each key that is wrong in a line of its own.
    Json settled(Json given) const;

    // A key for people who read of it.
    struct Row {
        std::string name;
        std::string wanted; // "a whole number from 1 to 10; default 5"
        std::string about;  // its description, or empty
    };
    std::vector<Row> rows() const; // in the order of names

private:
    struct Declared;
    std::shared_ptr<const Declared> declared_;
};

} // namespace gatehouse
