#include "validator_house.hpp"

#include "base/file_text.hpp"
#include "plugin/plugin_validator.hpp"
#include "server.hpp"
#include "server_settings.hpp"

namespace gatehouse {

ValidatorHouse::ValidatorHouse(const Config& config, Place place, const Clock& clock, Log& log, Observer& observer,
                               Events events)
    : config_(config), place_(std::move(place)), clock_(clock), log_(log), observer_(observer),
      fetcher_({config.fetchCaFile}),
      hostPort_{clock,
                [&log](LogLevel level, std::string_view line) { log.write(level, line); },
                [this](const Sha256& digest) { return tokens_ ? tokens_->find(digest) : TokenLookup(TokenUnknown{}); },
                std::move(events.dropVerdicts),
                std::move(events.notify),
                [this](const FetchRequest& request) { return fetcher_.fetch(request); },
                [this](std::string_view name) -> TokenValidator& { return validators_->named(name); },
                resourceUrlOf(config)} {}

namespace {

void mustHoldCertificates(const std::string& file) {
    const auto text = fileText(file);
    if (!text || text->find("-----BEGIN ") == std::string::npos)
        throw StartRefused("fetch.ca_file: " + file + ": cannot be read, or no certificate in PEM is in it");
}

} // namespace

void ValidatorHouse::open(TokenStore::Access access) {
    if (!config_.fetchCaFile.empty()) mustHoldCertificates(config_.fetchCaFile);
    openTokenStore(access);
    validators_.emplace(config_.auth, [this](const std::string& plugin, const Json& settings) {
        if (plugin == "static_file" && !tokens_) refuseWithoutTokenFile();
        return makePluginValidator(
            openLibrary(PluginKind::validator, plugin), hostPort_, settings.dump(),
            [this](const Sha256& digest) { return tokens_ ? tokens_->findGone(digest) : std::nullopt; });
    });
    validator_ = &validators_->chosen();
}

Library ValidatorHouse::openLibrary(PluginKind kind, const std::string& name) {
    const auto file = findPlugin(pluginFolderOf(config_, place_.executableFolder), kind, name);
    opened_.insert(file.filename().string());
    const auto pin = config_.plugins.pins.find(file.filename().string());
    return Library(file, pin == config_.plugins.pins.end() ? "" : pin->second);
}

std::vector<std::string> ValidatorHouse::unusedSettings() const {
    const auto folder = pluginFolderOf(config_, place_.executableFolder);
    for (const auto& [name, settings] : config_.auth.validators) {
        if (validators_ && validators_->has(name)) continue;
        try {
            static_cast<void>(findPlugin(folder, PluginKind::validator, ValidatorSet::pluginOf(config_.auth, name)));
        } catch (const PluginRefused& fault) {
            throw StartRefused("auth.validators." + name +
                               ": there is no such validator, and none in force uses it: " + fault.what());
        }
    }
    std::vector<std::string> unused;
    for (const auto& [file, digest] : config_.plugins.pins) {
        if (opened_.count(file) != 0) continue;
        if (!std::filesystem::exists(folder / file))
            throw StartRefused("plugins.pins: " + file + ": there is no such plugin in " + folder.string());
        unused.push_back("plugins.pins: " + file + ": not in use, so its pin protects nothing");
    }
    return unused;
}

void ValidatorHouse::openTokenStore(TokenStore::Access access) {
    const std::string file = tokenFileOf(config_, place_.executableFolder);
    if (!std::filesystem::exists(file)) return; // not every validator needs it
    tokens_.emplace(file, clock_, log_, observer_);
    try {
        tokens_->load(access);
    } catch (const TokenFileMissing&) { // it went the moment before
        refuseWithoutTokenFile();
    }
}

void ValidatorHouse::refuseWithoutTokenFile() const {
    const std::string file = tokenFileOf(config_, place_.executableFolder);
    throw StartRefused("Token file not found: " + file + "\nCreate a token with: " + place_.program +
                       " token add --token-file " + file + "\nOr disable authentication with: --no-auth");
}

} // namespace gatehouse
