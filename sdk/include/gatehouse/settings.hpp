// Settings: a plugin's own part of the settings file, with errors that name the key.
//
// Every getter throws SettingsError, which the host prints as "<file>:<line>: <key>: <what>" before it exits with
// code 3. Read all of them in the constructor: a key that was not read when it returns is refused as unknown.
//
// Threads: one.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <set>
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

// `given`, with the `default` of each of the schema's properties that is not there: what a plugin gets of a declaration
// with GATEHOUSE_SETTINGS.
inline Json withDefaults(Json given, const Json& schema) {
    for (const auto& property : schema.at("properties").items())
        if (property.value().is_object() && property.value().contains("default") &&
            given.value(property.key(), Json()).is_null())
            given[property.key()] = property.value().at("default");
    return given;
}

// A getter without a fallback wants its key to be there, given or by the default that the plugin has declared.
//
// A number or a flag may stand as a string: ${NAME} in a settings file always is one.
class Settings {
public:
    Settings() : Settings(Json::object()) {}
    explicit Settings(Json values, std::string at = "")
        : Settings(std::move(values), std::move(at), std::make_shared<Asked>()) {}

    bool has(const std::string& key) const {
        asked_->keys.insert(name(key));
        return values_.contains(key) && !values_.at(key).is_null();
    }

    // A string that must be there, and not blank.
    std::string string(const std::string& key) const {
        require(key);
        std::string value = string(key, "");
        if (isBlank(value)) throw SettingsError(name(key) + ": is empty");
        return value;
    }
    std::string string(const std::string& key, std::string fallback) const {
        if (!has(key)) return fallback;
        const Json& value = values_.at(key);
        if (!value.is_string()) complain(key, value, "a string");
        return value.get<std::string>();
    }
    // An absolute URL of the scheme https or http.
    std::string url(const std::string& key) const {
        std::string value = string(key);
        const std::size_t host = value.find("://");
        const std::string scheme = value.substr(0, host);
        const bool isUrl = (scheme == "https" || scheme == "http") && value.size() > host + 3 &&
                           value.find_first_of(" \t\r\n") == std::string::npos;
        if (!isUrl) complain(key, value, "a URL that begins with https:// or http://");
        return value;
    }
    // One of these words.
    std::string oneOf(const std::string& key, std::string fallback, std::initializer_list<const char*> words) const {
        std::string value = string(key, std::move(fallback));
        std::string wanted;
        for (const char* word : words) {
            if (value == word) return value;
            wanted.append(wanted.empty() ? "one of " : ", ").append(word);
        }
        complain(key, value, wanted);
    }
    // "250ms", "30s", "5m", "2h" or "1d"; a bare number is seconds. `low` <= value <= `high`.
    std::chrono::milliseconds duration(const std::string& key, std::chrono::milliseconds fallback,
                                       std::chrono::milliseconds low, std::chrono::milliseconds high) const {
        if (!has(key)) return fallback;
        const Json& value = values_.at(key);
        const std::int64_t time = millisecondsIn(value.is_string() ? value.get<std::string>() : value.dump());
        if (time < low.count() || time > high.count())
            complain(key, value,
                     "a time from " + std::to_string(low.count()) + "ms to " + std::to_string(high.count()) + "ms");
        return std::chrono::milliseconds(time);
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
    std::int64_t integer(const std::string& key) const {
        require(key);
        if (!wholeNumberIn(values_.at(key)).is_number_integer()) complain(key, values_.at(key), "a whole number");
        return integer(key, 0, INT64_MIN, INT64_MAX);
    }
    bool flag(const std::string& key) const {
        require(key);
        return flag(key, false);
    }
    bool flag(const std::string& key, bool fallback) const {
        if (!has(key)) return fallback;
        const Json& value = values_.at(key);
        if (value == "true" || value == "false") return value == "true";
        if (!value.is_boolean()) complain(key, value, "true or false");
        return value.get<bool>();
    }
    // One string or a list of them, none of them blank; empty when the key is not there.
    std::vector<std::string> strings(const std::string& key) const {
        if (!has(key)) return {};
        const Json& value = values_.at(key);
        if (!value.is_string() && !value.is_array()) complain(key, value, "a list of strings");
        std::vector<std::string> out;
        for (const Json& item : value.is_string() ? Json::array({value}) : value) {
            if (!item.is_string()) complain(key, item, "a list of strings");
            out.push_back(item.get<std::string>());
            if (isBlank(out.back())) throw SettingsError(name(key) + ": has an empty string in it");
        }
        return out;
    }
    // The same, with at least one.
    std::vector<std::string> someStrings(const std::string& key) const {
        require(key);
        std::vector<std::string> out = strings(key);
        if (out.empty()) throw SettingsError(name(key) + ": is empty");
        return out;
    }
    // A map within, readable as settings of its own; empty when it is not there.
    Settings map(const std::string& key) const {
        return Settings(has(key) ? values_.at(key) : Json::object(), name(key), asked_);
    }
    // A secret: the string itself, or "file:/path" of a file that holds it; one line end at its end is cut. Digits
    // alone are a secret too. Never blank; no error shows it.
    std::string secret(const std::string& key) const {
        constexpr std::string_view mark = "file:";
        require(key);
        const Json& given = values_.at(key);
        if (!given.is_string() && !given.is_number_integer())
            throw SettingsError(name(key) + ": expected a string; put the secret in quotes");
        std::string value = given.is_string() ? given.get<std::string>() : given.dump();
        if (value.rfind(mark, 0) == 0) value = fileText(key, value.substr(mark.size()));
        value = withoutLineEnd(std::move(value));
        if (isBlank(value)) throw SettingsError(name(key) + ": is empty");
        return value;
    }
    // What is in the file that the setting names.
    std::string fileOf(const std::string& key) const { return fileText(key, string(key)); }
    // A list of maps, each readable as settings of its own.
    std::vector<Settings> list(const std::string& key) const {
        if (!has(key)) return {};
        const Json& value = values_.at(key);
        if (!value.is_array()) complain(key, value, "a list");
        std::vector<Settings> out;
        for (const Json& item : value)
            out.push_back(Settings(item, name(key) + "[" + std::to_string(out.size()) + "]", asked_));
        return out;
    }
    // Refuses keys that are none of `known`: a misspelt key is an error, not a silence. For those who want it before
    // the constructor returns, when it is done for them.
    void allowOnly(const std::vector<std::string_view>& known) const {
        std::string list;
        for (const std::string_view key : known) {
            asked_->keys.insert(name(std::string(key)));
            list.append(list.empty() ? "" : ", ").append(key);
        }
        for (const auto& item : values_.items())
            if (std::find(known.begin(), known.end(), item.key()) == known.end())
                throw SettingsError(name(item.key()) + ": unknown key, expected one of: " + list);
    }
    // Refuses keys, here and in maps within, that were not read.
    void refuseUnread() const {
        for (const auto& [at, values] : asked_->maps)
            for (const auto& item : values.items())
                if (asked_->wholes.count(at) == 0 && asked_->keys.count(joined(at, item.key())) == 0)
                    throw SettingsError(joined(at, item.key()) + ": unknown key" + askedIn(at));
    }

    // All of it: no key of it counts as unknown.
    const Json& json() const {
        asked_->wholes.insert(at_);
        return values_;
    }
    const std::string& where() const { return at_; } // the key of this map, for messages

private:
    // What has been asked for, of the whole tree of settings: full names.
    struct Asked {
        std::set<std::string> keys, wholes;
        std::map<std::string, Json> maps;
    };
    Settings(Json values, std::string at, std::shared_ptr<Asked> asked)
        : values_(std::move(values)), at_(std::move(at)), asked_(std::move(asked)) {
        if (values_.is_null()) values_ = Json::object();
        if (!values_.is_object()) throw SettingsError(at_ + ": expected a map, got " + values_.type_name());
        asked_->maps.emplace(at_, values_);
    }
    static std::string joined(const std::string& at, const std::string& key) {
        return at.empty() ? key : at + "." + key;
    }
    std::string askedIn(const std::string& at) const {
        const std::string before = at.empty() ? "" : at + ".";
        std::string list;
        for (const std::string& key : asked_->keys)
            if (key.rfind(before, 0) == 0 && key.find_first_of(".[", before.size()) == std::string::npos)
                list.append(list.empty() ? ", expected one of: " : ", ").append(key, before.size());
        return list;
    }
    // -1 for what is no time.
    static std::int64_t millisecondsIn(const std::string& text) {
        std::int64_t number = 0;
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, number);
        if (error != std::errc() || number < 0 || number > 1'000'000'000) return -1;
        const std::string unit(stop, end);
        if (unit == "ms") return number;
        constexpr std::pair<const char*, int> units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
        for (const auto& [name, seconds] : units)
            if (unit == name) return number * seconds * 1000;
        return -1;
    }
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
    std::string name(const std::string& key) const { return joined(at_, key); }
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
        throw SettingsError(name(key) + ": expected " + wanted + ", got " + got.dump());
    }

    Json values_;
    std::string at_;
    std::shared_ptr<Asked> asked_;
};

} // namespace gatehouse
