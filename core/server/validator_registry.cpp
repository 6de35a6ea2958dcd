#include "server/validator_registry.hpp"

#include <algorithm>

#include "auth/chain.hpp"

namespace gatehouse {

namespace {

// Settings without the key that says which plugin they are for.
Json ownSettings(const AuthSettings& settings, const std::string& name) {
    const auto found = settings.validators.find(name);
    if (found == settings.validators.end() || found->second.is_null()) return Json::object();
    Json own = found->second;
    if (own.is_object()) own.erase("plugin");
    return own;
}

} // namespace

ValidatorRegistry::~ValidatorRegistry() {
    chain_.reset();
    while (!made_.empty()) made_.pop_back();
}

std::string ValidatorRegistry::pluginOf(const AuthSettings& settings, const std::string& name) {
    const auto found = settings.validators.find(name);
    if (found == settings.validators.end() || !found->second.is_object()) return name;
    return Settings(found->second, "auth.validators." + name).string("plugin", name);
}

TokenValidator& ValidatorRegistry::primary() {
    if (settings_.validator.size() == 1) return find(settings_.validator.front());
    std::vector<Chain::Member> members;
    for (const std::string& name : settings_.validator) {
        const bool isTwice =
            std::any_of(members.begin(), members.end(), [&](const Chain::Member& m) { return m.name == name; });
        if (isTwice) throw SettingsError("auth.validator: " + name + " is named twice");
        members.push_back({name, &find(name)});
    }
    chain_ = std::make_unique<Chain>(std::move(members));
    return *chain_;
}

bool ValidatorRegistry::has(std::string_view name) const {
    return std::any_of(made_.begin(), made_.end(), [&](const Made& made) { return made.name == name; });
}

TokenValidator& ValidatorRegistry::find(std::string_view view) {
    const std::string name(view);
    const auto found = std::find_if(made_.begin(), made_.end(), [&](const Made& made) { return made.name == name; });
    if (found != made_.end()) return *found->validator;
    if (std::find(beingMade_.begin(), beingMade_.end(), name) != beingMade_.end())
        throw SettingsError("validator " + name + ": it asks itself, by way of " + beingMade_.back());
    struct Making {
        explicit Making(std::vector<std::string>& all, const std::string& name) : names(all) { names.push_back(name); }
        ~Making() { names.pop_back(); }
        std::vector<std::string>& names;
    };
    const Making making(beingMade_, name);
    auto validator = make_(name, pluginOf(settings_, name), ownSettings(settings_, name));
    made_.push_back({name, std::move(validator)});
    return *made_.back().validator;
}

} // namespace gatehouse
