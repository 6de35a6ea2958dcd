#include "config/config_loader.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <gatehouse/ascii.hpp>

#include "base/file_text.hpp"
#include "base/near_word.hpp"
#include "config/compat_environment.hpp"
#include "config/config_keys.hpp"
#include "config/environment_names.hpp"
#include "config/yaml_json.hpp"

namespace gatehouse {

namespace {

std::string shown(const Json& value) {
    return value.is_string() ? "\"" + value.get<std::string>() + "\"" : value.dump();
}

// "address:8080" is one text: the space that makes it a key and a value is missing.
std::string missingSpace(const Json& value) {
    if (!value.is_string()) return "";
    const auto& text = value.get_ref<const std::string&>();
    const std::size_t end = text.find(':');
    const bool isKey = end != std::string::npos && end > 0 && end + 1 < text.size() && text[end + 1] != '/' &&
                       text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == end;
    return isKey ? "; a space is missing after \"" + text.substr(0, end + 1) + "\"" : "";
}

class Loader {
public:
    explicit Loader(const ConfigSources& sources) : sources_(sources) {}

    Config load() {
        readFile();
        readEnvironment();
        for (const auto& [key, value] : sources_.flags) applyTyped(key, value, flagName(key));
        std::vector<std::string> errors;
        applyCompatEnvironment({sources_.environment, flagChose(), fileChose_}, config_, errors);
        for (const std::string& error : errors) complainOf("auth.validator", error);
        config_.warnings = unknownNames(sources_.environmentNames);
        return std::move(config_);
    }

private:
    std::string flagName(const std::string& key) const {
        const auto found = sources_.flagNames.find(key);
        return found == sources_.flagNames.end() ? "--" + key : found->second;
    }
    bool flagChose() const {
        return isFlag("auth.validator") || isFlag("auth.enabled") || isSet("GATEHOUSE_AUTH_VALIDATOR");
    }
    bool isFlag(const std::string& key) const { return sources_.flags.count(key) != 0; }
    bool isSet(const char* variable) const {
        const char* value = sources_.environment(variable);
        return value && *value;
    }
    void readFile() {
        if (sources_.text) return readText(*sources_.text);
        const std::string file = fileToRead();
        if (file.empty()) return;
        const auto text = fileText(file);
        if (!text) return complainOf("", file + ": cannot be read");
        config_.file = file;
        readText(*text);
    }

    void readText(const std::string& text) {
        try {
            const YamlDocument document = readYaml(text);
            if (document.root.is_null()) return;
            if (!document.root.is_object())
                return complainOf("", placeOf(1) + ": expected a map of settings, such as \"log: {level: info}\"");
            for (const auto& [key, line] : document.lines) config_.places.set(key, placeOf(line));
            for (const YamlFault& fault : document.faults)
                config_.faults.add({placeOf(fault.line), fault.key, fault.words});
            walk(withCompatForm(document.root), "");
        } catch (const YamlError& fault) {
            complainOf("", placeOf(fault.line) + ": " + fault.what());
        }
    }

    std::string fileToRead() const {
        if (!sources_.file.empty()) return sources_.file;
        for (const std::string& place : sources_.places)
            if (std::filesystem::exists(place)) return place;
        return "";
    }

    // `http.auth.{enabled,token_file}` means `auth.{enabled,token_file}`.
    Json withCompatForm(Json root) {
        if (!root.contains("http") || !root["http"].is_object() || !root["http"].contains("auth")) return root;
        const Json inner = root["http"]["auth"];
        root["http"].erase("auth");
        if (inner.is_null()) return root;
        if (!inner.is_object()) return complain("http.auth", "expected a map, got " + shown(inner)), root;
        if (root.contains("auth") && !root["auth"].is_object() && !root["auth"].is_null()) return root; // told later
        for (const auto& item : inner.items()) {
            const std::string key = item.key();
            if (root.contains("auth") && root["auth"].is_object() && root["auth"].contains(key)) {
                complain("http.auth." + key, "is there as auth." + key + " as well; keep one");
                continue;
            }
            root["auth"][key] = item.value();
            config_.places.copy("http.auth." + key, "auth." + key);
        }
        return root;
    }

    void walk(const Json& node, const std::string& at) {
        for (const auto& item : node.items()) {
            const std::string key = at.empty() ? item.key() : at + "." + item.key();
            if (!item.value().is_null()) noteChoice(key, item.value() == false);
            if (findConfigKey(key)) applyFromFile(key, item.value());
            else if (item.value().is_object() && isPrefix(key)) walk(item.value(), key);
            else if (isPrefix(key) && !item.value().is_null())
                complain(key, "expected a map, got " + shown(item.value()) + missingSpace(item.value()));
            else if (!isPrefix(key)) complain(key, unknown(item.key(), at));
        }
    }

    // A relative path in a file is meant from where the file is; on a command line, from where one stands.
    void applyFromFile(const std::string& key, const Json& value) {
        apply(key, value);
        if (sources_.text) return;
        const auto besideFile = [&](const std::string& path) {
            return (std::filesystem::path(config_.file).parent_path() / path).string();
        };
        std::string &tokenFile = config_.auth.tokenFile, &store = config_.auth.tokenStore;
        if (key == "auth.token_file" && !tokenFile.empty()) tokenFile = besideFile(tokenFile);
        const std::size_t colon = store.find(':');
        const std::string kind = store.substr(0, std::min(colon, store.size()));
        if (key == "auth.tokens.store" && (kind == "file" || kind == "sqlite") && colon + 1 < store.size())
            store = kind + ":" + besideFile(store.substr(colon + 1));
    }

    void noteChoice(const std::string& key, bool isFalse) {
        if (key == "auth.enabled" && isFalse) fileChose_ = true;
        if (key != "auth.validator") return;
        fileChose_ = true;
        namedBy_ = config_.auth.chosenBy = config_.places.of(key);
    }

    static bool isPrefix(const std::string& key) {
        for (const ConfigKey& known : configKeys())
            if (known.name.compare(0, key.size() + 1, key + ".") == 0) return true;
        return false;
    }

    // The keys that there are under `at`.
    static std::vector<std::string> keysUnder(const std::string& at) {
        std::vector<std::string> names;
        const std::string prefix = at.empty() ? "" : at + ".";
        std::set<std::string> told;
        for (const ConfigKey& known : configKeys()) {
            if (known.name.compare(0, prefix.size(), prefix) != 0) continue;
            const std::string next =
                known.name.substr(prefix.size(), known.name.find('.', prefix.size()) - prefix.size());
            if (told.insert(next).second) names.push_back(next);
        }
        return names;
    }
    static std::string unknown(const std::string& key, const std::string& at) {
        const std::vector<std::string> names = keysUnder(at);
        return unknownKey(key, {names.begin(), names.end()}) + missingSpace(Json(key));
    }

    void readEnvironment() {
        const bool wasOn = config_.auth.enabled;
        for (const ConfigKey& key : configKeys()) {
            const std::string name = environmentName(key.name);
            if (isSet(name.c_str())) applyTyped(key.name, sources_.environment(name.c_str()), name);
        }
        if (isSet("GATEHOUSE_AUTH_VALIDATOR")) namedBy_ = config_.auth.chosenBy = "GATEHOUSE_AUTH_VALIDATOR";
        if (wasOn && !config_.auth.enabled && !namedBy_.empty() && !isFlag("auth.enabled"))
            complainOf("auth.enabled", contradiction("GATEHOUSE_AUTH_ENABLED=false", namedBy_));
        if (isSet("LOG_LEVEL")) applyTyped("log.level", sources_.environment("LOG_LEVEL"), "LOG_LEVEL");
        if (isSet("APP_DEBUG")) readDebug(sources_.environment("APP_DEBUG"));
    }

    void readDebug(const std::string& typed) {
        const std::string text = lowered(typed);
        const bool yes = text == "true" || text == "1" || text == "yes" || text == "on";
        const bool no = text == "false" || text == "0" || text == "no" || text == "off";
        if (yes) config_.logLevel = LogLevel::debug;
        if (!yes && !no) complainOf("log.level", "APP_DEBUG: expected true or false, got \"" + text + "\"");
    }

    // A value from a flag or a variable: a string is taken as it is, everything else is read as YAML.
    void applyTyped(const std::string& name, const std::string& value, const std::string& source) {
        const ConfigKey* key = findConfigKey(name);
        try {
            const Json read = key && key->isString ? Json(value) : readYamlValue(value);
            config_.places.set(name, source);
            if (key && key->open && read.is_object()) // the parts that it does not name keep their places
                for (const auto& item : read.items()) config_.places.set(name + "." + item.key(), source);
            apply(name, read);
        } catch (const YamlError& fault) {
            complainOf(name, source + ": " + fault.what());
        }
    }

    void apply(const std::string& name, const Json& value) {
        if (value.is_null()) return;
        const ConfigKey* key = findConfigKey(name);
        if (key && (key->set(config_, value) || setsAsScalar(*key, value))) return;
        complain(name, "expected " + (key ? key->wanted : "a known key") + ", got " +
                           (key && key->isSecret ? "something else" : shown(value)));
    }

    // ${NAME} is always a string: where a number or a flag is wanted, the string is read as one.
    bool setsAsScalar(const ConfigKey& key, const Json& value) {
        const Json scalar = value.is_string() ? readYamlScalar(value.get<std::string>()) : Json();
        return (scalar.is_number() || scalar.is_boolean()) && key.set(config_, scalar);
    }

    std::string placeOf(int line) const {
        return (sources_.text ? "the settings" : config_.file) + ":" + std::to_string(line);
    }
    void complain(const std::string& key, const std::string& words) { config_.faults.add(config_.fault(key, words)); }
    // A fault whose words name its source; `key` (empty: every key) cannot be judged after it.
    void complainOf(const std::string& key, const std::string& words) {
        config_.faults.add({.place = "", .key = "", .words = words, .namesSource = true});
        config_.faults.doubt(key);
    }

    const ConfigSources& sources_;
    Config config_;
    bool fileChose_ = false; // the file names a validator, or turns authentication off
    std::string namedBy_;    // where the file or our own variable names the validator; empty: nowhere
};

} // namespace

ConfigError::ConfigError(const SettingFaults& faults) : std::runtime_error(faults.printed()) {}

Config readConfig(const ConfigSources& sources) { return Loader(sources).load(); }

Config loadConfig(const ConfigSources& sources) {
    Config config = readConfig(sources);
    if (!config.faults.empty()) throw ConfigError(config.faults);
    return config;
}

} // namespace gatehouse
