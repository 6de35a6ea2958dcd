#include "config/yaml_json.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include <yaml-cpp/yaml.h>

#include "base/yaml_nesting.hpp"
#include "base/yaml_trouble.hpp"

namespace gatehouse {

namespace {

constexpr std::size_t maxValues = 100'000;
constexpr std::size_t maxPath = 2048; // of one key, from the root

// Nothing when a name has no value; it is in `lacking` then.
std::optional<std::string> replaced(const std::string& text, const ValueOfName& valueOf, std::string& lacking) {
    std::string out;
    std::size_t at = 0;
    while (true) {
        const std::size_t mark = text.find("${", at);
        const std::size_t end = mark == std::string::npos ? mark : text.find('}', mark);
        if (end == std::string::npos) return out + text.substr(at);
        lacking = text.substr(mark + 2, end - mark - 2);
        const auto value = valueOf(lacking);
        if (!value) return std::nullopt;
        out.append(text, at, mark - at).append(*value);
        at = end + 1;
    }
}

template <class Number>
std::optional<Number> numberIn(const std::string& text) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

class Reader {
public:
    Reader(YamlDocument& out, const ValueOfName& valueOf) : out_(out), valueOf_(valueOf) {}
    Json read(const YAML::Node& node, const std::string& at) {
        const int line = std::max(node.Mark().line, 0) + 1;
        // An anchor may contain itself: what it stands for is bounded by the number of values read.
        if (++read_ > maxValues || at.size() > maxPath) throw YamlError(line, "too many or too deeply nested values");
        if (!at.empty()) out_.lines[at] = line;
        if (node.IsMap()) return readMap(node, at);
        if (node.IsSequence()) {
            Json list = Json::array();
            for (const auto& item : node) list.push_back(read(item, at + "[" + std::to_string(list.size()) + "]"));
            return list;
        }
        if (!node.IsScalar()) return nullptr;
        std::string lacking;
        const auto text = valueOf_ ? replaced(node.Scalar(), valueOf_, lacking) : node.Scalar();
        if (text) return node.Tag() == "!" || *text != node.Scalar() ? Json(*text) : readYamlScalar(*text);
        out_.faults.push_back({line, at, "${" + lacking + "}: this environment variable is not set, or empty"});
        return nullptr;
    }

private:
    Json readMap(const YAML::Node& node, const std::string& at) {
        Json map = Json::object();
        for (const auto& pair : node) {
            const std::string key = pair.first.Scalar();
            const int line = std::max(pair.first.Mark().line, 0) + 1;
            const std::string path = at.empty() ? key : at + "." + key;
            if (map.contains(key)) {
                out_.faults.push_back(
                    {line, path, "duplicate key; the first is in line " + std::to_string(out_.lines[path])});
                continue;
            }
            map[key] = read(pair.second, path);
            out_.lines[path] = line;
        }
        return map;
    }
    YamlDocument& out_;
    const ValueOfName& valueOf_; // none: texts stay as they are
    std::size_t read_ = 0;
};

bool holdsInQuotes(const YAML::Node& node, const std::string& part) {
    if (node.IsScalar()) return node.Tag() == "!" && node.Scalar().find(part) != std::string::npos;
    if (node.IsMap())
        return std::any_of(node.begin(), node.end(), [&](const auto& pair) {
            return holdsInQuotes(pair.first, part) || holdsInQuotes(pair.second, part);
        });
    return node.IsSequence() &&
           std::any_of(node.begin(), node.end(), [&](const auto& item) { return holdsInQuotes(item, part); });
}

// yaml-cpp takes the end of a text for the end of a quoted scalar: all that follows the quote would be lost without a
// word. Then what is appended is in the scalar as well.
void refuseOpenQuote(const std::string& text) {
    const auto open = openQuote(text);
    if (!open) return;
    constexpr const char* mark = "the-end-of-the-text";
    try {
        if (!holdsInQuotes(YAML::Load(text + "\n" + mark + "\n"), mark)) return;
    } catch (const YAML::Exception&) { // so it was closed
        return;
    }
    throw YamlError(open->line, open->words);
}

YamlDocument readDocument(const std::string& text, const ValueOfName& valueOf) {
    if (const auto line = lineNestedTooDeeply(text)) throw YamlError(*line, "nested too deeply");
    YamlDocument out;
    try {
        out.root = Reader(out, valueOf).read(YAML::Load(text), "");
        refuseOpenQuote(text);
    } catch (const YAML::Exception& fault) {
        const YamlTrouble trouble = yamlTrouble(text, std::max(fault.mark.line, 0) + 1, fault.msg);
        throw YamlError(trouble.line, trouble.words);
    }
    return out;
}

} // namespace

std::optional<std::string> environmentValue(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

YamlDocument readYaml(const std::string& text, const ValueOfName& valueOf) { return readDocument(text, valueOf); }

Json readYamlValue(const std::string& text) {
    YamlDocument document = readDocument(text, nullptr);
    if (document.faults.empty()) return std::move(document.root);
    throw YamlError(document.faults.front().line, document.faults.front().key + ": " + document.faults.front().words);
}

Json readYamlScalar(const std::string& text) {
    if (text.empty() || text == "~" || text == "null") return nullptr;
    if (text == "true" || text == "True") return true;
    if (text == "false" || text == "False") return false;
    if (text.find_first_not_of("-0123456789") == std::string::npos) {
        const auto whole = numberIn<std::int64_t>(text);
        return whole && std::to_string(*whole) == text ? Json(*whole) : Json(text);
    }
    const bool startsWithZeros = text.size() > 1 && text[0] == '0' && std::isdigit(static_cast<unsigned char>(text[1]));
    const bool isNumeric = text.find_first_not_of("0123456789.+-eE") == std::string::npos && !startsWithZeros;
    const auto number = isNumeric ? numberIn<double>(text) : std::nullopt;
    return number ? Json(*number) : Json(text);
}

} // namespace gatehouse
