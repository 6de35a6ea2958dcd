#include "server/validator_runtime.hpp"

#include <algorithm>

#include <gatehouse/base64.hpp>

#include "base/digest.hpp"
#include "base/file_text.hpp"
#include "plugin/in_process_validator.hpp"
#include "plugin/plugin_backend.hpp"
#include "plugin/plugin_validator.hpp"
#include "server/server.hpp"
#include "server/server_settings.hpp"
#include "server/setting_trial.hpp"
#include "server/token_store_choice.hpp"

namespace gatehouse {

namespace {

// What a plugin is told that fetches while the settings are only checked. What it then says of it is no fault of its
// settings.
constexpr const char* notAsked = "nothing is fetched while the settings are checked";
// What is wrong with a validator has been told; the one that needed it has nothing to add.
constexpr const char* toldAlready = "is refused, as told";

class ToldAlready : public std::exception { // no runtime_error, which is told
public:
    explicit ToldAlready(const std::string& name) : words_("validator " + name + " " + toldAlready) {}
    const char* what() const noexcept override { return words_.c_str(); }

private:
    std::string words_;
};

template <class Part>
const PartFactory<Part>* ownPart(const std::map<std::string, PartFactory<Part>>& parts, const std::string& name) {
    const auto found = parts.find(name);
    return found == parts.end() ? nullptr : &found->second;
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

} // namespace

ValidatorRuntime::ValidatorRuntime(const Config& config, Origin origin, const Clock& clock, Log& log,
                                   Telemetry& telemetry, Events events, Purpose purpose)
    : config_(config), origin_(std::move(origin)), purpose_(purpose), asksNobody_(purpose == Purpose::trial),
      clock_(clock), log_(log), telemetry_(telemetry),
      fetcher_({config.fetchCaFile}), hostDeps_{.clock = clock,
                                                .log =
                                                    [&log](LogLevel level, std::string_view line) {
                                                        if (!holds(line, notAsked)) log.write(level, line);
                                                    },
                                                .findToken =
                                                    [this](const Sha256& digest) {
                                                        return tokens_ ? tokens_->find(digest)
                                                                       : TokenLookup(TokenUnknown{});
                                                    },
                                                .dropVerdicts = std::move(events.dropVerdicts),
                                                .notify = std::move(events.notify),
                                                .fetch = [this](const FetchRequest& request) { return fetch(request); },
                                                .validator = [this](std::string_view name) -> TokenValidator& {
                                                    return otherValidator(name);
                                                },
                                                .resourceUrl = resourceUrlOf(config)} {}

// Asked by a part that is being made.
TokenValidator& ValidatorRuntime::otherValidator(std::string_view name) {
    if (!validators_) throw SettingsError("validator \"" + std::string(name) + "\": authentication is off");
    return validators_->find(name);
}

FetchResult ValidatorRuntime::fetch(const FetchRequest& request) {
    if (asksNobody_ || probing_.load() == std::this_thread::get_id()) return FetchFault{notAsked};
    return fetcher_.fetch(request);
}

static void mustHoldCertificates(const std::string& file) {
    const auto text = fileText(file);
    if (!text || text->find("-----BEGIN ") == std::string::npos)
        throw UnusableConfigError("fetch.ca_file: " + file + ": cannot be read, or no certificate in PEM is in it");
}

void ValidatorRuntime::open(SettingFaults& faults) {
    if (!config_.fetchCaFile.empty())
        tried(config_, "fetch.ca_file", faults, [this] { mustHoldCertificates(config_.fetchCaFile); });
    tried(config_, "auth.tokens.store", faults, [&] {
        if (hasTokenStore()) tokens_ = tokenStoreOf(config_, origin_.executableFolder, clock_, log_, telemetry_);
    });
    for (const char* key : {"auth.validator", "auth.enabled", "plugins.dir"})
        if (faults.covers(key)) return;
    telling_ = &faults;
    validators_.emplace(config_.auth, [this](const std::string& name, const std::string& plugin, const Json& settings) {
        return makeValidator(name, plugin, settings);
    });
    bool areMade = true;
    for (const std::string& name : config_.auth.validator) {
        try {
            areMade = tried(config_, "auth.validator", faults, [&] { validators_->find(name); }) && areMade;
        } catch (const ToldAlready&) {
            areMade = false;
        }
    }
    if (areMade) tried(config_, "auth.validator", faults, [this] { validator_ = &validators_->primary(); });
    telling_ = nullptr;
}

// Not every validator needs one. A program with parts of its own takes no file that it did not name.
bool ValidatorRuntime::hasTokenStore() const {
    const TokenStoreChoice choice = tokenStoreChoice(config_, origin_.executableFolder);
    if (choice.kind != TokenStoreChoice::Kind::file) return true;
    const bool isNamed = !config_.auth.tokenFile.empty() || !config_.auth.tokenStore.empty();
    return std::filesystem::exists(choice.place) && (isNamed || !origin_.parts);
}

std::unique_ptr<TokenValidator> ValidatorRuntime::makeValidator(const std::string& name, const std::string& plugin,
                                                                const Json& settings) {
    SettingFaults late; // a later caller gets the exception only
    SettingFaults& faults = telling_ ? *telling_ : late;
    const std::string key = "auth.validators." + name;
    if (faults.covers(key)) throw ToldAlready(name);
    if (!settings.is_object()) throw SettingsError(key + ": expected a map, got " + settings.type_name());
    if (const auto* own = origin_.parts ? ownPart(origin_.parts->validators, plugin) : nullptr) {
        auto validator = makeOwn<TokenValidator>(*own, name, key, settings, faults);
        if (!validator) throw ToldAlready(name);
        return validator;
    }
    if (plugin == "static_file" && !tokens_) {
        reportMissingTokenFile(faults);
        throw ToldAlready(name);
    }
    const Library library = openLibrary(PluginKind::validator, plugin);
    auto validator = made<TokenValidator>(key, settings, faults, [&](const Json& values) {
        return makePluginValidator(library, hostDeps_, values.dump(), [this](const Sha256& digest) {
            return tokens_ ? tokens_->findGone(digest) : std::nullopt;
        });
    });
    if (!validator) throw ToldAlready(name);
    return validator;
}

std::unique_ptr<Backend> ValidatorRuntime::makeBackend(SettingFaults& faults) {
    const std::string key = "backend.settings";
    const BackendSettings& chosen = config_.backend;
    if (const auto* own = origin_.parts ? ownPart(origin_.parts->backends, chosen.plugin) : nullptr)
        return makeOwn<Backend>(*own, chosen.plugin, key, chosen.settings, faults);
    const Library library = openLibrary(PluginKind::backend, chosen.plugin);
    return made<Backend>(key, chosen.settings, faults,
                         [&](const Json& values) { return makePluginBackend(library, hostDeps_, values.dump()); });
}

template <class Part>
std::unique_ptr<Part> ValidatorRuntime::makeOwn(const PartFactory<Part>& factory, const std::string& name,
                                                const std::string& key, const Json& settings, SettingFaults& faults) {
    const InProcessHost& host = ownHosts_.emplace_back(hostDeps_, name);
    return made<Part>(key, settings, faults, [&](const Json& values) {
        try {
            const Settings own(values);
            auto part = factory(own, host);
            own.refuseUnread();
            if (!part) throw SettingsError("nothing was made");
            if constexpr (std::is_same_v<Part, TokenValidator>) return inProcessValidator(std::move(part), host);
            else return part;
        } catch (const std::exception& fault) { // as a plugin's constructor may throw
            throw PluginSettingsError(name, fault.what());
        }
    });
}

bool ValidatorRuntime::isTaken(const std::string& key, const Json& settings, SettingFaults& faults,
                               const std::function<void(const Json&)>& make) {
    const auto refusal = [&](const Json& values) -> std::string {
        try {
            return make(values), "";
        } catch (const PluginSettingsError& fault) {
            return fault.words;
        }
    };
    std::string words = refusal(settings);
    Json values = settings;
    if (holds(words, notAsked) && values.erase("startup") > 0) words = refusal(values); // as if it had not to ask
    if (words.empty()) return true;
    if (holds(words, toldAlready) || holds(words, notAsked)) return false;
    const bool before = asksNobody_.exchange(true);
    reportRefused(config_,
                  {key, values, words,
                   [&](const Json& rest) {
                       const std::string more = refusal(rest);
                       return holds(more, toldAlready) || holds(more, notAsked) ? "" : more;
                   }},
                  faults);
    asksNobody_ = before;
    return false;
}

Library ValidatorRuntime::openLibrary(PluginKind kind, const std::string& name) {
    const auto file = findPlugin(pluginFolderOf(config_, origin_.executableFolder), kind, name);
    opened_.insert(file.filename().string());
    const auto pin = config_.plugins.pins.find(file.filename().string());
    Library library(file, pin == config_.plugins.pins.end() ? "" : pin->second);
    log_.info("plugin " + library.name() + " " + library.version() + " (ABI " + library.abi() + ", SHA-256 " +
              library.sha256() + ") loaded from " + library.file().string());
    return library;
}

std::vector<std::string> ValidatorRuntime::unusedSettings(SettingFaults& faults) const {
    if (faults.covers("plugins.dir")) return {};
    const auto folder = pluginFolderOf(config_, origin_.executableFolder);
    for (const auto& [name, settings] : config_.auth.validators) {
        const std::string key = "auth.validators." + name;
        const auto& chosen = config_.auth.validator;
        if ((validators_ && validators_->has(name)) || faults.touches(key)) continue;
        if (validators_ && std::find(chosen.begin(), chosen.end(), name) != chosen.end()) continue; // told already
        if (origin_.parts && origin_.parts->validators.count(ValidatorRegistry::pluginOf(config_.auth, name)) != 0)
            continue;
        try {
            static_cast<void>(
                findPlugin(folder, PluginKind::validator, ValidatorRegistry::pluginOf(config_.auth, name)));
        } catch (const std::runtime_error& fault) {
            faults.add(config_.fault(
                key, std::string("there is no such validator, and none in force uses it: ") + fault.what()));
        }
    }
    std::vector<std::string> unused;
    for (const auto& [file, digest] : config_.plugins.pins) {
        if (opened_.count(file) != 0) continue;
        if (!std::filesystem::exists(folder / file))
            faults.add(config_.fault("plugins.pins." + file, "there is no such plugin in " + folder.string()));
        else unused.push_back("plugins.pins: " + file + ": not in use, so its pin protects nothing");
    }
    return unused;
}

void ValidatorRuntime::openTokens(SettingFaults& faults, TokenStore::Access access) {
    const std::string key = config_.auth.tokenStore.empty() ? "auth.token_file" : "auth.tokens.store";
    if (!tokens_ || faults.touches(key)) return;
    const bool isLooked = purpose_ == Purpose::trial || !faults.empty();
    tried(config_, key, faults, [&] {
        try {
            if (!isLooked) {
                tokens_->load(access);
                return tellEmptyStore();
            }
            for (const std::string& warning : tokens_->check()) log_.warning(warning);
        } catch (const TokenStoreMissing&) { // it went the moment before
            reportMissingTokenFile(faults);
        }
    });
}

// A new store beside a token file that is in use: its tokens would be missed, one client after the other.
void ValidatorRuntime::tellEmptyStore() const {
    const TokenStoreChoice choice = tokenStoreChoice(config_, origin_.executableFolder);
    const std::string file = tokenFileOf(config_, origin_.executableFolder);
    if (choice.kind == TokenStoreChoice::Kind::file || !std::filesystem::exists(file) || !tokens_->isEmpty()) return;
    log_.warning(choice.name + ": holds no token, and there is a token file, " + file + ": " + origin_.program +
                 " token import " + file + " takes its tokens over");
}

void ValidatorRuntime::reportMissingTokenFile(SettingFaults& faults) const {
    if (faults.touches("auth.token_file") || faults.touches("auth.tokens.store")) return;
    const std::string file = tokenStoreChoice(config_, origin_.executableFolder).name;
    faults.add({"", "",
                "Token file not found: " + file + "\nCreate a token with: " + origin_.program +
                    " token add --token-file " + file + "\nOr disable authentication with: --no-auth"});
}

// One that throws has not said that the token is another's.
static bool isNotMine(TokenValidator& member, const TokenRequest& request) {
    try {
        const Verdict verdict = member.validate(request);
        const auto* no = std::get_if<Rejected>(&verdict);
        return no && no->reason == Rejected::Reason::notMine;
    } catch (const std::exception&) {
        return false;
    }
}

bool ValidatorRuntime::ownsEveryToken(const std::string& name) {
    TokenValidator& member = validators_->find(name);
    const bool asksByUs =
        ValidatorRegistry::pluginOf(config_.auth, name) == "introspection"; // so it can be kept from asking
    const ValidatorTraits traits = member.traits();
    if (!traits.runsInline && !asksByUs) return false;
    const std::string scheme = traits.scheme;
    const std::string jwt = base64Url(R"({"alg":"RS256","typ":"at+jwt"})") + "." +
                            base64Url(R"({"iss":"https://issuer.invalid","sub":"s","exp":32503680000})") + "." +
                            base64Url("no signature");
    probing_ = std::this_thread::get_id();
    bool ownsAll = true;
    for (const std::string& token : {std::string("a-token-that-nobody-has-made"), jwt}) {
        TokenRequest request;
        request.token = token;
        request.scheme = scheme;
        request.method = "POST";
        request.url = hostDeps_.resourceUrl;
        request.peer = "127.0.0.1";
        request.tokenSha256 = sha256(token);
        ownsAll = ownsAll && !isNotMine(member, request);
    }
    probing_ = std::thread::id();
    return ownsAll;
}

std::vector<std::string> ValidatorRuntime::shadowingMembers() {
    std::vector<std::string> out;
    const auto& names = config_.auth.validator;
    for (std::size_t i = 0; validator_ && i + 1 < names.size(); ++i)
        if (ownsEveryToken(names[i]))
            out.push_back("auth.validator: " + names[i] + " judges every token itself and refuses those that it does " +
                          "not know, so " + names[i + 1] + " behind it is never asked; put " + names[i] + " last");
    return out;
}

} // namespace gatehouse
