#include "plugin/settings_schema.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <gatehouse/settings.hpp>

#include "base/near_word.hpp"
#include "schema/json_schema.hpp"

namespace gatehouse {

namespace {

std::string textOf(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

bool hasType(const Json& schema, const char* type) {
    const Json types = schema.is_object() ? schema.value("type", Json()) : Json();
    return types == type || (types.is_array() && std::find(types.begin(), types.end(), type) != types.end());
}

std::string rangeOf(const Json& schema) {
    const bool low = schema.contains("minimum"), high = schema.contains("maximum");
    if (low && high) return " from " + textOf(schema["minimum"]) + " to " + textOf(schema["maximum"]);
    if (low) return " of at least " + textOf(schema["minimum"]);
    return high ? " of at most " + textOf(schema["maximum"]) : "";
}

std::string oneOfWords(const Json& words) {
    std::string out;
    for (const Json& word : words)
        out.append(out.empty() ? "one of " : ", ").append(word.is_string() ? word.get<std::string>() : textOf(word));
    return out;
}

// What a key wants, in the words of gatehouse/settings.hpp.
std::string wantedBy(const Json& schema) {
    if (schema.contains("enum")) return oneOfWords(schema["enum"]);
    if (hasType(schema, "array") && hasType(schema.value("items", Json()), "object")) return "a list of maps";
    if (hasType(schema, "array")) return "a list of strings";
    if (hasType(schema, "string")) return "a string";
    if (hasType(schema, "integer")) return "a whole number" + rangeOf(schema);
    if (hasType(schema, "number")) return "a number" + rangeOf(schema);
    if (hasType(schema, "boolean")) return "true or false";
    return hasType(schema, "object") ? "a map" : "anything";
}

// A number or a flag that came as text; anything else as it came.
Json plain(const Json& schema, const Json& value) {
    const bool scalar = hasType(schema, "integer") || hasType(schema, "number") || hasType(schema, "boolean");
    if (!value.is_string() || !scalar || hasType(schema, "string")) return value;
    const Json read = Json::parse(value.get_ref<const std::string&>(), nullptr, false);
    return read.is_number() || read.is_boolean() ? read : value;
}

// 10.0 is a whole number for JSON Schema; integer() gets it as one.
Json whole(const Json& schema, const Json& value) {
    constexpr double exact = 1LL << 53;
    if (!value.is_number_float() || !hasType(schema, "integer") || hasType(schema, "number")) return value;
    const double number = value.get<double>();
    const bool isWhole = std::abs(number) <= exact && std::trunc(number) == number;
    return isWhole ? Json(static_cast<std::int64_t>(number)) : value;
}

// "/databases/0/url" -> "databases[0].url", as places are written everywhere (RFC 6901 section 4).
std::string placeOf(const std::string& pointer, const Json& given) {
    std::string out;
    const Json* at = &given;
    for (std::size_t begin = 1; begin <= pointer.size();) {
        const std::size_t end = std::min(pointer.find('/', begin), pointer.size());
        std::string token = pointer.substr(begin, end - begin);
        begin = end + 1;
        const bool isIndex = at && at->is_array();
        for (const auto& [code, sign] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}})
            for (std::size_t found = token.find(code); found != std::string::npos; found = token.find(code, found + 1))
                token.replace(found, 2, sign);
        out.append(isIndex ? "[" + token + "]" : (out.empty() ? "" : ".") + token);
        if (isIndex) at = &at->at(std::stoul(token));
        else at = at && at->contains(token) ? &at->at(token) : nullptr;
    }
    return out;
}

void append(std::string& lines, const std::string& line) {
    if (line.empty()) return;
    lines.append(lines.empty() ? "" : "\n").append(line);
}

Json parsed(std::string_view text) {
    Json root = Json::parse(text, nullptr, false);
    if (!root.is_object() || !root.contains("properties") || !root["properties"].is_object())
        throw std::runtime_error("is no JSON object with `properties`");
    if (root["properties"].size() > SettingsSchema::maxKeys)
        throw std::runtime_error("has more than " + std::to_string(SettingsSchema::maxKeys) + " keys");
    return root;
}

// With what a local `$ref` of it says.
Json resolved(const Json& root, const Json& part) {
    constexpr std::string_view local = "#/$defs/";
    if (!part.is_object()) return Json::object();
    const Json reference = part.value("$ref", Json());
    if (!reference.is_string() || reference.get_ref<const std::string&>().rfind(local, 0) != 0) return part;
    const Json defined = root.value("$defs", Json::object());
    Json out = defined.value(reference.get<std::string>().substr(local.size()), Json());
    if (!out.is_object()) return part;
    out.update(part);
    return out;
}

} // namespace

struct SettingsSchema::Declared {
    struct Key {
        std::string name;
        Json schema; // an object
        bool isSecret = false;
    };

    Json root;
    schema::JsonSchema whole;
    schema::JsonSchema values; // without what is required: of the keys that are there
    std::vector<std::string> required;
    std::vector<Key> keys;

    explicit Declared(Json from)
        : root(std::move(from)), whole(schema::JsonSchema::compile(root)),
          values(schema::JsonSchema::compile(withoutRequired(root))),
          required(root.value("required", std::vector<std::string>())) {
        for (const auto& [name, part] : root["properties"].items()) add(name, resolved(root, part));
    }
    static Json withoutRequired(Json schema) {
        schema.erase("required");
        return schema;
    }
    void add(const std::string& name, const Json& part) {
        const Json secret = part.value("writeOnly", Json(false));
        if (!secret.is_boolean())
            throw std::runtime_error("says of " + name + " neither that it is a secret nor that it is none");
        keys.push_back({name, part, secret.get<bool>()});
        if (!part.contains("default")) return;
        const auto wrong = values.checkText(textOf({{name, part["default"]}}));
        if (wrong && !wrong->instancePath.empty())
            throw std::runtime_error("has a default of " + name + " that is not what it wants");
    }
    const Key* find(const std::string& name) const {
        const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& each) { return each.name == name; });
        return key == keys.end() ? nullptr : &*key;
    }
    bool isOpen() const {
        return root.contains("additionalProperties") || root.contains("patternProperties") ||
               root.contains("unevaluatedProperties");
    }
    std::string unknown(const std::string& name) const {
        std::vector<std::string_view> names;
        for (const Key& key : keys) names.push_back(key.name);
        return name + ": " + unknownKey(name, names);
    }
    // "<key>: <what>"
    std::string words(const schema::Violation& violation, const Json& given) const {
        const std::string place = placeOf(violation.instancePath, given);
        const Key* key = find(place);
        if (!key || given[place].is_structured()) return place + (place.empty() ? "" : ": ") + violation.message;
        if (key->isSecret) return place + ": expected " + wantedBy(key->schema) + "; put the secret in quotes";
        return place + ": expected " + wantedBy(key->schema) + ", got " + textOf(given[place]);
    }
    // All of them, a line each.
    std::string faultsOf(Json given) const {
        std::string lines;
        const Json all = given;
        for (const auto& item : all.items())
            if (!find(item.key()) && !isOpen()) append(lines, unknown(item.key())), given.erase(item.key());
        for (const std::string& name : required)
            if (!given.contains(name)) append(lines, name + ": missing");
        while (const auto violation = values.checkText(textOf(given))) {
            if (violation->instancePath.empty()) break; // of all keys together
            append(lines, words(*violation, given));
            if (given.erase(topOf(violation->instancePath, given)) == 0) break;
        }
        if (!lines.empty()) return lines;
        const auto violation = whole.checkText(textOf(given));
        return violation ? words(*violation, given) : "";
    }
    // The key of the settings that a pointer leads into.
    static std::string topOf(const std::string& pointer, const Json& given) {
        return placeOf(pointer.substr(0, pointer.find('/', 1)), given);
    }
};

SettingsSchema::SettingsSchema(std::string_view text) : declared_(std::make_shared<Declared>(parsed(text))) {}

Json SettingsSchema::settled(Json given) const {
    if (given.is_null()) given = Json::object();
    if (!given.is_object()) throw SettingsError(std::string("expected a map, got ") + given.type_name());
    for (const Declared::Key& key : declared_->keys) {
        const auto found = given.find(key.name);
        if (found != given.end() && found->is_null()) given.erase(found); // null is as absent
        else if (found != given.end()) *found = whole(key.schema, plain(key.schema, *found));
    }
    const std::string faults = declared_->faultsOf(given);
    if (!faults.empty()) throw SettingsError(faults);
    return withDefaults(std::move(given), declared_->root);
}

std::vector<SettingsSchema::Row> SettingsSchema::rows() const {
    std::vector<Row> out;
    const auto& required = declared_->required;
    for (const Declared::Key& key : declared_->keys) {
        const Json& part = key.schema;
        std::string wanted = wantedBy(part);
        if (part.contains("default")) wanted += "; default " + textOf(part["default"]);
        if (std::find(required.begin(), required.end(), key.name) != required.end()) wanted += "; required";
        const Json about = part.value("description", Json());
        out.push_back({key.name, wanted, about.is_string() ? about.get<std::string>() : ""});
    }
    return out;
}

} // namespace gatehouse
