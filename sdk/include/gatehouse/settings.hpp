// Settings: a plugin's own part of the settings file, with errors that name the key.
//
// Every getter throws SettingsError, which the host prints as "<file>: <key>: <what>" before it exits with code 3.
#pragma once

#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/json.hpp>

namespace gatehouse {

class SettingsError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// A secret that an editor or a shell wrote ends in a line end, which is no part of it: one is cut.
inline std::string withoutLineEnd(std::string text) {
    if (text.empty() || text.back() != '\n') return text;
    text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
    return text;
}

// A number or a flag may stand as a string: ${NAME} in a settings file always is one.
class Settings {
public:
    Settings() : values_(Json::object()) {}
    explicit Settings(Json values, std::string at = "") : values_(std::move(values)), at_(std::move(at)) {
        if (values_.is_null()) values_ = Json::object();
        if (!values_.is_object()) throw SettingsError(at_ + ": got " + values_.type_name() + ", wanted a map");
    }

    bool has(const std::string& key) const { return values_.contains(key) && !values_.at(key).is_null(); }

    // A string that must be there, and not blank.
    std::string text(const std::string& key) const {
        require(key);
        std::string value = text(key, "");
        if (isBlank(value)) throw SettingsError(name(key) + ": is empty");
        return value;
    }
    std::string text(const std::string& key, std::string fallback) const {
        if (!has(key)) return fallback;
        const Json& value = values_.at(key);
        if (!value.is_string()) complain(key, value, "a text");
        return value.get<std::string>();
    }
    // `low` <= value <= `high`.
    std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t low, std::int64_t high) const {
        if (!has(key)) return fallback;
        const Json value = wholeNumberIn(values_.at(key));
        const std::string wanted = "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
        if (!value.is_number_integer()) complain(key, value, wanted);
        const bool tooLarge =
            value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
        if (tooLarge) complain(key, value, wanted);
        const auto number = value.get<std::int64_t>();
        if (number < low || number > high) complain(key, value, wanted);
        return number;
    }
    bool flag(const std::string& key, bool fallback) const {
        if (!has(key)) return fallback;
        const Json& value = values_.at(key);
        if (value == "true" || value == "false") return value == "true";
        if (!value.is_boolean()) complain(key, value, "true or false");
        return value.get<bool>();
    }
    // One string or a list of them, none of them blank; empty when the key is not there.
    std::vector<std::string> texts(const std::string& key) const {
        if (!has(key)) return {};
        const Json& value = values_.at(key);
        if (!value.is_string() && !value.is_array()) complain(key, value, "a list of texts");
        std::vector<std::string> out;
        for (const Json& item : value.is_string() ? Json::array({value}) : value) {
            if (!item.is_string()) complain(key, item, "a list of texts");
            out.push_back(item.get<std::string>());
            if (isBlank(out.back())) throw SettingsError(name(key) + ": has an empty text in it");
        }
        return out;
    }
    // The same, with at least one.
    std::vector<std::string> someTexts(const std::string& key) const {
        require(key);
        std::vector<std::string> out = texts(key);
        if (out.empty()) throw SettingsError(name(key) + ": is empty");
        return out;
    }
    // A map within, readable as settings of its own; empty when it is not there.
    Settings map(const std::string& key) const {
        return Settings(has(key) ? values_.at(key) : Json::object(), name(key));
    }
    // A secret: the string itself, or "file:/path" of a file that holds it; one line end at its end is cut. Digits
    // alone are a secret too. Never blank; no error shows it.
    std::string secret(const std::string& key) const {
        constexpr std::string_view mark = "file:";
        require(key);
        const Json& given = values_.at(key);
        if (!given.is_string() && !given.is_number_integer())
            throw SettingsError(name(key) + ": wanted a text; put the secret in quotes");
        std::string value = given.is_string() ? given.get<std::string>() : given.dump();
        if (value.rfind(mark, 0) == 0) value = fileText(key, value.substr(mark.size()));
        value = withoutLineEnd(std::move(value));
        if (isBlank(value)) throw SettingsError(name(key) + ": is empty");
        return value;
    }
    // What is in the file that the setting names.
    std::string fileOf(const std::string& key) const { return fileText(key, text(key)); }
    // A list of maps, each readable as settings of its own.
    std::vector<Settings> list(const std::string& key) const {
        if (!has(key)) return {};
        const Json& value = values_.at(key);
        if (!value.is_array()) complain(key, value, "a list");
        std::vector<Settings> out;
        for (const Json& item : value) out.emplace_back(item, name(key) + "[" + std::to_string(out.size()) + "]");
        return out;
    }
    // Refuses keys that are none of `known`: a misspelt key is an error, not a silence.
    void allowOnly(const std::vector<std::string_view>& known) const {
        for (const auto& item : values_.items()) {
            bool found = false;
            std::string list;
            for (std::string_view key : known) {
                found = found || key == item.key();
                list.append(list.empty() ? "" : ", ").append(key);
            }
            if (!found) throw SettingsError(name(item.key()) + ": unknown key, wanted one of: " + list);
        }
    }

    const Json& json() const { return values_; }
    const std::string& where() const { return at_; } // the key of this map, for messages

private:
    // The number that a string spells as JSON would; anything else stays as it is.
    static Json wholeNumberIn(const Json& value) {
        const auto* text = value.get_ptr<const std::string*>();
        if (!text) return value;
        std::int64_t number = 0;
        const char* end = text->data() + text->size();
        const auto [stop, error] = std::from_chars(text->data(), end, number);
        return error == std::errc() && stop == end && std::to_string(number) == *text ? Json(number) : value;
    }
    static bool isBlank(const std::string& value) { return value.find_first_not_of(" \t\r\n") == std::string::npos; }
    std::string name(const std::string& key) const { return at_.empty() ? key : at_ + "." + key; }
    std::string fileText(const std::string& key, const std::string& path) const {
        std::ifstream file(path, std::ios::binary);
        std::ostringstream content;
        if (file && file.peek() != std::ifstream::traits_type::eof()) content << file.rdbuf();
        if (!file.is_open() || file.bad() || content.bad()) // a folder opens, and then cannot be read
            throw SettingsError(name(key) + ": " + path + " cannot be read");
        return content.str();
    }
    void require(const std::string& key) const {
        if (!has(key)) throw SettingsError(name(key) + ": missing");
    }
    [[noreturn]] void complain(const std::string& key, const Json& got, const std::string& wanted) const {
        throw SettingsError(name(key) + ": got " + got.dump() + ", wanted " + wanted);
    }

    Json values_;
    std::string at_;
};

} // namespace gatehouse
