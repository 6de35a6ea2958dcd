#include "kit/sample_arguments.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "schema/json_schema.hpp"

namespace gatehouse::kit {

namespace {

constexpr int deepest = 16;
constexpr std::size_t longest = 64; // of strings and arrays that a schema wants long

class Sampler {
public:
    explicit Sampler(const Json& root) : root_(root) {}

    Json of(const Json& schema, int depth = 0) const {
        if (!schema.is_object() || depth > deepest) return Json::object();
        for (const char* key : {"const", "default"})
            if (schema.contains(key)) return schema[key];
        for (const char* key : {"examples", "enum"})
            if (schema.contains(key) && schema[key].is_array() && !schema[key].empty()) return schema[key].front();
        if (const Json* target = referred(schema)) return of(*target, depth + 1);
        for (const char* key : {"anyOf", "oneOf", "allOf"})
            if (schema.contains(key) && schema[key].is_array() && !schema[key].empty())
                return of(schema[key].front(), depth + 1);
        return ofType(typeOf(schema), schema, depth);
    }

private:
    const Json* referred(const Json& schema) const {
        if (!schema.contains("$ref") || !schema["$ref"].is_string()) return nullptr;
        const auto& target = schema["$ref"].get_ref<const std::string&>();
        if (target.empty() || target.front() != '#') return nullptr;
        if (target.size() > 1 && target[1] != '/') return nullptr; // an anchor
        const Json::json_pointer at(target.substr(1));
        return root_.contains(at) ? &root_[at] : nullptr;
    }
    static std::string typeOf(const Json& schema) {
        const Json type = schema.value("type", Json());
        if (type.is_string()) return type;
        if (type.is_array() && !type.empty() && type.front().is_string()) return type.front();
        return schema.contains("properties") || schema.contains("required") ? "object" : "string";
    }
    Json ofType(const std::string& type, const Json& schema, int depth) const {
        if (type == "object") return objectOf(schema, depth);
        if (type == "array") return arrayOf(schema, depth);
        if (type == "string") return std::string(std::clamp<std::size_t>(sizeIn(schema, "minLength"), 1, longest), 'a');
        if (type == "integer" || type == "number") return numberOf(schema, type == "integer");
        if (type == "boolean") return false;
        return nullptr;
    }
    Json objectOf(const Json& schema, int depth) const {
        Json out = Json::object();
        const Json properties = schema.value("properties", Json::object());
        for (const Json& name : schema.value("required", Json::array())) {
            if (!name.is_string()) continue;
            const auto& key = name.get_ref<const std::string&>();
            out[key] = of(properties.value(key, Json::object({{"type", "string"}})), depth + 1);
        }
        return out;
    }
    Json arrayOf(const Json& schema, int depth) const {
        Json out = Json::array();
        const Json items = schema.value("items", Json::object({{"type", "string"}}));
        for (std::size_t i = 0; i < std::min(sizeIn(schema, "minItems"), longest); ++i)
            out.push_back(of(items, depth + 1));
        return out;
    }
    static Json numberOf(const Json& schema, bool isWhole) {
        double least = schema.value("minimum", 0.0);
        if (schema.contains("exclusiveMinimum")) least = schema.value("exclusiveMinimum", 0.0) + 1;
        if (schema.contains("maximum")) least = std::min(least, schema.value("maximum", 0.0));
        const double step = schema.value("multipleOf", 0.0);
        if (step > 0) least = std::ceil(least / step) * step;
        if (isWhole) return static_cast<std::int64_t>(std::ceil(least));
        return least;
    }
    static std::size_t sizeIn(const Json& schema, const char* key) {
        return schema.contains(key) && schema[key].is_number_unsigned() ? schema[key].get<std::size_t>() : 0;
    }

    const Json& root_;
};

} // namespace

std::optional<Json> sampleFor(const Json& schema) {
    const Json sample = Sampler(schema).of(schema);
    const auto judge = schema::JsonSchema::compile(schema);
    return judge.checkText(sample.dump()) ? std::nullopt : std::optional(sample);
}

} // namespace gatehouse::kit
