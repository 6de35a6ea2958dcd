#include "config/config_loader.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file_text.hpp"
#include "base/joined.hpp"
#include "config/config_keys.hpp"
#include "config/document_environment.hpp"
#include "config/environment_names.hpp"
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
        config_.warnings = unknownNames(sources_.environmentNames);
        if (!errors_.empty()) throw ConfigError(errors_);
        return std::move(config_);
    }

private:
    bool flagChose() const {
        return isFlag("auth.validator") || isFlag("auth.enabled") || isSet("GATEHOUSE_AUTH_VALIDATOR");
    }
    bool isFlag(const std::string& key) const { return sources_.flags.count(key) != 0; }
    bool isSet(const char* variable) const {
        const char* value = sources_.environment(variable);
        return value && *value;
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
            if (!item.value().is_null()) noteChoice(key, item.value() == false);
            if (findConfigKey(key)) applyFromFile(key, item.value());
            else if (item.value().is_object() && isPrefix(key)) walk(item.value(), key);
            else if (isPrefix(key) && !item.value().is_null())
                complain(key, "got " + shown(item.value()) + ", wanted a map");
            else if (!isPrefix(key)) complain(key, "unknown key" + suggestion(at));
        }
    }

    // A relative path in a file is meant from where the file is; on a command line, from where one stands.
    void applyFromFile(const std::string& key, const Json& value) {
        apply(key, value, config_.file, lineOf(key));
        std::string& tokenFile = config_.auth.tokenFile;
        if (key == "auth.token_file" && !tokenFile.empty())
            tokenFile = (std::filesystem::path(config_.file).parent_path() / tokenFile).string();
    }

    void noteChoice(const std::string& key, bool isFalse) {
        if (key == "auth.enabled" && isFalse) fileChose_ = true;
        if (key != "auth.validator") return;
        fileChose_ = true;
        namedBy_ = config_.auth.chosenBy = config_.file + lineOf(key);
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
        const bool wasOn = config_.auth.enabled;
        for (const ConfigKey& key : configKeys()) {
            const std::string name = environmentName(key.name);
            if (isSet(name.c_str())) applyTyped(key.name, sources_.environment(name.c_str()), name);
        }
        if (isSet("GATEHOUSE_AUTH_VALIDATOR")) namedBy_ = config_.auth.chosenBy = "GATEHOUSE_AUTH_VALIDATOR";
        if (wasOn && !config_.auth.enabled && !namedBy_.empty() && !isFlag("auth.enabled"))
            errors_.push_back(contradiction("GATEHOUSE_AUTH_ENABLED=false", namedBy_));
        if (isSet("LOG_LEVEL")) apply("log.level", Json(sources_.environment("LOG_LEVEL")), "LOG_LEVEL", "");
        if (isSet("APP_DEBUG")) readDebug(sources_.environment("APP_DEBUG"));
    }

    void readDebug(std::string text) {
        for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        const bool yes = text == "true" || text == "1" || text == "yes" || text == "on";
        const bool no = text == "false" || text == "0" || text == "no" || text == "off";
        if (yes) config_.logLevel = LogLevel::debug;
        if (!yes && !no) errors_.push_back("APP_DEBUG: got \"" + text + "\", wanted true or false");
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
        if (key && (key->set(config_, value) || setsAsScalar(*key, value))) return;
        errors_.push_back(source + line + ": " + name + ": got " +
                          (key && key->isSecret ? "something else" : shown(value)) + ", wanted " +
                          (key ? key->wanted : "a known key"));
    }

    // ${NAME} is always a string: where a number or a flag is wanted, the string is read as one.
    bool setsAsScalar(const ConfigKey& key, const Json& value) {
        const Json scalar = value.is_string() ? readYamlScalar(value.get<std::string>()) : Json();
        return (scalar.is_number() || scalar.is_boolean()) && key.set(config_, scalar);
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
    bool fileChose_ = false; // the file names a validator, or turns authentication off
    std::string namedBy_;    // where the file or our own variable names the validator; empty: nowhere
};

} // namespace

ConfigError::ConfigError(const std::vector<std::string>& errors) : std::runtime_error(joined(errors, "\n")) {}

Config loadConfig(const ConfigSources& sources) { return Loader(sources).load(); }

} // namespace gatehouse
