#include "tokens/token_yaml.hpp"

#include <algorithm>

#include <gatehouse/ascii.hpp>

#include "base/yaml_nesting.hpp"

namespace gatehouse {

namespace {

void boundNesting(const std::string& text) {
    const auto line = lineNestedTooDeeply(text);
    if (!line) return;
    YAML::Mark mark;
    mark.line = *line - 1;
    throw YAML::ParserException(mark, "nested too deeply");
}

bool isPlain(const std::string& text) {
    const auto fits = [](char c) { return isAlphanumeric(c) || c == '-' || c == '_'; };
    const bool word = !text.empty() && isLetter(text[0]);
    for (const char* taken : {"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
        if (text == taken) return false;
    return word && std::all_of(text.begin(), text.end(), fits);
}

// `depth`: an anchor may contain itself.
void emit(YAML::Emitter& out, const YAML::Node& node, std::size_t depth = 0) {
    if (depth > maxYamlNesting) throw YAML::ParserException(node.Mark(), "nested too deeply");
    if (node.IsMap()) {
        out << YAML::BeginMap;
        for (const auto& pair : node) {
            out << YAML::Key;
            emit(out, pair.first, depth + 1);
            out << YAML::Value;
            emit(out, pair.second, depth + 1);
        }
        out << YAML::EndMap;
    } else if (node.IsSequence()) {
        if (node.size() == 0) out << YAML::Flow;
        out << YAML::BeginSeq;
        for (const auto& item : node) emit(out, item, depth + 1);
        out << YAML::EndSeq;
    } else if (node.IsScalar()) {
        if (!isPlain(node.Scalar()) && node.Tag() != "?") out << YAML::DoubleQuoted;
        out << node.Scalar();
    } else {
        out << YAML::Null;
    }
}

// `depth`: an anchor may contain itself.
Json jsonAt(const YAML::Node& node, std::size_t depth) {
    if (depth > maxYamlNesting) throw YAML::ParserException(node.Mark(), "nested too deeply");
    if (node.IsScalar()) return node.Scalar();
    Json out;
    if (node.IsSequence()) {
        out = Json::array();
        for (const auto& item : node) out.push_back(jsonAt(item, depth + 1));
    } else if (node.IsMap()) {
        out = Json::object();
        for (const auto& pair : node) out[pair.first.Scalar()] = jsonAt(pair.second, depth + 1);
    }
    return out;
}

} // namespace

YAML::Node loadYaml(const std::string& text) {
    boundNesting(text);
    return YAML::Load(text);
}

Json jsonOf(const YAML::Node& node) { return jsonAt(node, 0); }

YAML::Node yamlOf(const Json& json) {
    YAML::Node out;
    if (json.is_object())
        for (const auto& item : json.items()) out[item.key()] = yamlOf(item.value());
    else if (json.is_array())
        for (const Json& item : json) out.push_back(yamlOf(item));
    else if (json.is_string()) out = json.get<std::string>();
    else if (!json.is_null()) out = json.dump();
    return out;
}

std::string yamlText(const YAML::Node& root) {
    YAML::Emitter out;
    emit(out, root);
    return std::string(out.c_str()) + "\n";
}

} // namespace gatehouse
