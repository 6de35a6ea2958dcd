#include "config/config_loader.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file_text.hpp"
#include "base/joined.hpp"
#include "config/config_keys.hpp"
#include "config/document_environment.hpp"
#include "config/yaml_json.hpp"

namespace gatehouse {

namespace {

std::string shown(const Json& value) {
    return value.is_string() ? "\"" + value.get<std::string>() + "\"" : value.dump();
}

class Loader {
public:
    explicit Loader(const ConfigSources& sources) : sources_(sources) {}

    Config load() {
        readFile();
        readEnvironment();
        for (const auto& [key, value] : sources_.flags) applyTyped(key, value, "--" + key);
        applyDocumentEnvironment({sources_.environment, flagChose(), fileChose_}, config_, errors_);
        if (!errors_.empty()) throw ConfigError(errors_);
        return std::move(config_);
    }

private:
    bool flagChose() const {
        const char* variable = sources_.environment("GATEHOUSE_AUTH_VALIDATOR");
        const bool byFlag = std::any_of(sources_.flags.begin(), sources_.flags.end(), [](const auto& flag) {
            return flag.first == "auth.validator" || flag.first == "auth.enabled";
        });
        return byFlag || (variable && *variable);
    }
    void readFile() {
        const std::string file = fileToRead();
        if (file.empty()) return;
        const auto text = fileText(file);
        if (!text) return errors_.push_back(file + ": cannot be read");
        config_.file = file;
        try {
            const YamlDocument document = readYaml(*text);
            if (document.root.is_null()) return;
            if (!document.root.is_object()) return errors_.push_back(file + ":1: wanted a map of settings");
            lines_ = document.lines;
            walk(withDocumentForm(document.root), "");
        } catch (const YamlError& fault) {
            errors_.push_back(file + ":" + std::to_string(fault.line) + ": " + fault.what());
        }
    }

    std::string fileToRead() const {
        if (!sources_.file.empty()) return sources_.file;
        for (const std::string& place : sources_.places)
            if (std::filesystem::exists(place)) return place;
        return "";
    }

    // `http.auth.{enabled,token_file}` means `auth.{enabled,token_file}`.
    Json withDocumentForm(Json root) {
        if (!root.contains("http") || !root["http"].is_object() || !root["http"].contains("auth")) return root;
        const Json inner = root["http"]["auth"];
        root["http"].erase("auth");
        if (inner.is_null()) return root;
        if (!inner.is_object()) return complain("http.auth", "got " + shown(inner) + ", wanted a map"), root;
        if (root.contains("auth") && !root["auth"].is_object() && !root["auth"].is_null()) return root; // told later
        for (const auto& item : inner.items()) {
            const std::string key = item.key();
            if (root.contains("auth") && root["auth"].is_object() && root["auth"].contains(key)) {
                complain("http.auth." + key, "is there as auth." + key + " as well; keep one");
                continue;
            }
            root["auth"][key] = item.value();
        }
        const std::map<std::string, int> found = lines_;
        for (const auto& [key, line] : found)
            if (key.rfind("http.auth.", 0) == 0) lines_.emplace(key.substr(5), line);
        return root;
    }

    void walk(const Json& node, const std::string& at) {
        for (const auto& item : node.items()) {
            const std::string key = at.empty() ? item.key() : at + "." + item.key();
            fileChose_ = fileChose_ || key == "auth.validator" || (key == "auth.enabled" && item.value() == false);
            if (findConfigKey(key)) apply(key, item.value(), config_.file, lineOf(key));
            else if (item.value().is_object() && isPrefix(key)) walk(item.value(), key);
            else if (isPrefix(key) && !item.value().is_null())
                complain(key, "got " + shown(item.value()) + ", wanted a map");
            else if (!isPrefix(key)) complain(key, "unknown key" + suggestion(at));
        }
    }

    static bool isPrefix(const std::string& key) {
        for (const ConfigKey& known : configKeys())
            if (known.name.compare(0, key.size() + 1, key + ".") == 0) return true;
        return false;
    }

    static std::string suggestion(const std::string& at) {
        std::string names;
        const std::string prefix = at.empty() ? "" : at + ".";
        std::set<std::string> told;
        for (const ConfigKey& known : configKeys()) {
            if (known.name.compare(0, prefix.size(), prefix) != 0) continue;
            const std::string next =
                known.name.substr(prefix.size(), known.name.find('.', prefix.size()) - prefix.size());
            if (told.insert(next).second) names += (names.empty() ? "" : ", ") + next;
        }
        return ", wanted one of: " + names;
    }

    void readEnvironment() {
        for (const ConfigKey& key : configKeys()) {
            const std::string name = environmentName(key.name);
            const char* value = sources_.environment(name.c_str());
            if (value && *value) applyTyped(key.name, value, name);
        }
        if (const char* level = sources_.environment("LOG_LEVEL"); level && *level)
            apply("log.level", Json(level), "LOG_LEVEL", "");
        if (const char* debug = sources_.environment("APP_DEBUG"); debug && isYes(debug))
            config_.logLevel = LogLevel::debug;
    }

    static bool isYes(const std::string& text) {
        return text == "true" || text == "1" || text == "yes" || text == "True";
    }

    // A value as somebody typed it: a text stands for itself, everything else is read as in a file.
    void applyTyped(const std::string& name, const std::string& value, const std::string& source) {
        const ConfigKey* key = findConfigKey(name);
        try {
            apply(name, key && key->isText ? Json(value) : readYamlValue(value), source, "");
        } catch (const YamlError& fault) {
            errors_.push_back(source + ": " + fault.what());
        }
    }

    void apply(const std::string& name, const Json& value, const std::string& source, const std::string& line) {
        if (value.is_null()) return;
        const ConfigKey* key = findConfigKey(name);
        if (key && key->set(config_, value)) return;
        errors_.push_back(source + line + ": " + name + ": got " +
                          (key && key->isSecret ? "something else" : shown(value)) + ", wanted " +
                          (key ? key->wanted : "a known key"));
    }

    std::string lineOf(const std::string& key) const {
        const auto found = lines_.find(key);
        return found == lines_.end() ? "" : ":" + std::to_string(found->second);
    }

    void complain(const std::string& key, const std::string& what) {
        errors_.push_back(config_.file + lineOf(key) + ": " + key + ": " + what);
    }

    const ConfigSources& sources_;
    Config config_;
    std::map<std::string, int> lines_;
    std::vector<std::string> errors_;
    bool fileChose_ = false; // the validator
};

} // namespace

ConfigError::ConfigError(const std::vector<std::string>& errors) : std::runtime_error(joined(errors, "\n")) {}

Config loadConfig(const ConfigSources& sources) { return Loader(sources).load(); }

} // namespace gatehouse
