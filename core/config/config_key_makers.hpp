// Makers of keys: what a key of some kind wants, and how it is read. Threads: any; nothing is kept.
#pragma once

#include <optional>
#include <string>

#include <gatehouse/settings.hpp>

#include "base/file_text.hpp"
#include "config/config_keys.hpp"

namespace gatehouse {

// Reads what `where` gives of a config.
template <class Where>
std::function<Json(const Config&)> reader(Where where) {
    return [where](const Config& config) {
        Config copy = config; // `where` also serves to write
        return Json(where(copy));
    };
}

template <class Where>
ConfigKey string(std::string name, Where where) {
    return {.name = std::move(name),
            .wanted = "a string",
            .set =
                [where](Config& config, const Json& value) {
                    if (!value.is_string()) return false;
                    where(config) = value.get<std::string>();
                    return true;
                },
            .get = reader(where),
            .isString = true};
}

template <class Where>
ConfigKey strings(std::string name, Where where) {
    return {std::move(name), "a list of strings",
            [where](Config& config, const Json& value) {
                const Json list = value.is_string() ? Json::array({value}) : value;
                if (!list.is_array()) return false;
                for (const Json& item : list)
                    if (!item.is_string()) return false;
                where(config) = list.get<std::vector<std::string>>();
                return true;
            },
            reader(where)};
}

template <class Where>
ConfigKey flag(std::string name, Where where) {
    return {std::move(name), "true or false",
            [where](Config& config, const Json& value) {
                const bool yes = value == Json(true) || value == Json("yes") || value == Json(1);
                const bool no = value == Json(false) || value == Json("no") || value == Json(0);
                if (yes || no) where(config) = yes;
                return yes || no;
            },
            reader(where)};
}

template <class Where>
ConfigKey whole(std::string name, std::int64_t low, std::int64_t high, Where where) {
    return {std::move(name), "a whole number from " + std::to_string(low) + " to " + std::to_string(high),
            [=](Config& config, const Json& value) {
                if (!value.is_number_integer() || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high)
                    return false;
                where(config) = value.get<std::int64_t>();
                return true;
            },
            reader(where)};
}

template <class Where>
ConfigKey seconds(std::string name, Where where) {
    return {std::move(name), "seconds from 0.1 to 86400",
            [where](Config& config, const Json& value) {
                if (!value.is_number() || value.get<double>() < 0.1 || value.get<double>() > 86400) return false;
                where(config) = value.get<double>();
                return true;
            },
            reader(where)};
}

// A map that the part it belongs to reads for itself.
template <class Where>
ConfigKey map(std::string name, Where where) {
    return {.name = std::move(name),
            .wanted = "a map",
            .set =
                [where](Config& config, const Json& value) {
                    if (!value.is_object()) return false;
                    where(config) = value;
                    return true;
                },
            .get = reader(where),
            .open = true};
}

// A secret stands in the settings, or in a file: "file:/path". Nothing when the file cannot be read.
inline std::optional<std::string> secretFrom(const std::string& text) {
    constexpr std::string_view mark = "file:";
    const auto secret = text.rfind(mark, 0) == 0 ? fileText(text.substr(mark.size())) : text;
    return secret ? std::optional(withoutLineEnd(*secret)) : std::nullopt;
}

} // namespace gatehouse
