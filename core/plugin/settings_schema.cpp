#include "plugin/settings_schema.hpp"

#include <algorithm>

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
    if (!schema.is_object()) return "anything";
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

// "/databases/0/url" -> "databases.0.url"
std::string dotted(std::string path) {
    std::replace(path.begin(), path.end(), '/', '.');
    return path;
}

void append(std::string& lines, const std::string& line) {
    if (line.empty()) return;
    lines.append(lines.empty() ? "" : "\n").append(line);
}

Json parsed(std::string_view text) {
    Json root = Json::parse(text, nullptr, false);
    if (!root.is_object() || !root.contains("properties") || !root["properties"].is_object())
        throw std::runtime_error("is no JSON object with `properties`");
    return root;
}

} // namespace

struct SettingsSchema::Declared {
    struct Key {
        std::string name;
        Json schema;
        schema::JsonSchema check;

        // "<key>: <what>", or empty.
        std::string faultOf(const Json& value) const {
            const auto violation = check.checkText(textOf(value));
            if (!violation) return "";
            if (value.is_structured()) return name + dotted(violation->instancePath) + ": " + violation->message;
            const bool isSecret = schema.is_object() && schema.value("writeOnly", false);
            if (isSecret) return name + ": wanted " + wantedBy(schema) + "; put the secret in quotes";
            return name + ": got " + textOf(value) + ", wanted " + wantedBy(schema);
        }
    };

    Json root;
    std::vector<Key> keys;
    schema::JsonSchema whole; // what holds between keys
    std::vector<std::string> required;

    explicit Declared(Json from)
        : root(std::move(from)), whole(schema::JsonSchema::compile(root)),
          required(root.value("required", std::vector<std::string>())) {
        for (const auto& [name, part] : root["properties"].items()) add(name, part);
    }

    void add(const std::string& name, const Json& part) {
        Json alone = part;
        if (alone.is_object() && root.contains("$defs")) alone["$defs"] = root["$defs"];
        keys.push_back({name, part, schema::JsonSchema::compile(alone)});
        if (part.is_object() && part.contains("default") && !keys.back().faultOf(part["default"]).empty())
            throw std::runtime_error("has a default of " + name + " that is not what it wants");
    }
    const Key* find(const std::string& name) const {
        const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& each) { return each.name == name; });
        return key == keys.end() ? nullptr : &*key;
    }
    std::string unknown(const std::string& name) const {
        std::vector<std::string_view> names;
        for (const Key& key : keys) names.push_back(key.name);
        return name + ": " + unknownKey(name, names);
    }
    // All of them, a line each.
    std::string faultsOf(const Json& given) const {
        std::string lines;
        for (const auto& [name, value] : given.items()) {
            if (const Key* key = find(name)) append(lines, key->faultOf(value));
            else if (!root.contains("additionalProperties")) append(lines, unknown(name));
        }
        for (const std::string& name : required)
            if (!given.contains(name)) append(lines, name + ": missing");
        if (!lines.empty()) return lines;
        const auto violation = whole.checkText(textOf(given));
        return violation ? violation->message : "";
    }
};

SettingsSchema::SettingsSchema(std::string_view text) : declared_(std::make_shared<Declared>(parsed(text))) {}

Json SettingsSchema::settled(Json given) const {
    if (given.is_null()) given = Json::object();
    if (!given.is_object()) throw SettingsError(std::string("got ") + given.type_name() + ", wanted a map");
    for (const Declared::Key& key : declared_->keys) {
        const auto found = given.find(key.name);
        if (found != given.end() && found->is_null()) given.erase(found); // null is as absent
        else if (found != given.end()) *found = plain(key.schema, *found);
    }
    const std::string faults = declared_->faultsOf(given);
    if (!faults.empty()) throw SettingsError(faults);
    return withDefaults(std::move(given), declared_->root);
}

std::vector<SettingsSchema::Row> SettingsSchema::rows() const {
    std::vector<Row> out;
    const auto& required = declared_->required;
    for (const Declared::Key& key : declared_->keys) {
        const Json part = key.schema.is_object() ? key.schema : Json::object();
        std::string wanted = wantedBy(part);
        if (part.contains("default")) wanted += ", default " + textOf(part["default"]);
        if (std::find(required.begin(), required.end(), key.name) != required.end()) wanted += ", required";
        const Json about = part.value("description", Json());
        out.push_back({key.name, wanted, about.is_string() ? about.get<std::string>() : ""});
    }
    return out;
}

} // namespace gatehouse
