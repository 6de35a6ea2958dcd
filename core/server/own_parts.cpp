#include "server/own_parts.hpp"

#include "base/joined.hpp"

namespace gatehouse {

namespace {

template <class Part>
std::vector<std::string> namesOf(const std::map<std::string, PartFactory<Part>>& parts) {
    std::vector<std::string> names;
    for (const auto& [name, factory] : parts) names.push_back(name);
    return names;
}

// The one that is in force when the settings name none; empty: the settings decide.
std::string unnamedChoice(Config& config, const std::string& key, bool isChosen,
                          const std::vector<std::string>& names) {
    if (names.empty() || isChosen) return {};
    if (names.size() > 1)
        config.faults.add(config.fault(key, "not set, and the program brings several: " + joined(names, ", ")));
    return names.front();
}

} // namespace

Config withOwnParts(Config config, const ServerParts* parts) {
    if (!parts) return config;
    if (const auto name = unnamedChoice(config, "auth.validator", config.auth.validator != Config().auth.validator,
                                        namesOf(parts->validators));
        !name.empty()) {
        config.auth.validator = {name};
        config.auth.chosenBy = "the program";
    }
    if (const auto name = unnamedChoice(config, "backend.plugin", config.backend.plugin != Config().backend.plugin,
                                        namesOf(parts->backends));
        !name.empty())
        config.backend.plugin = name;
    return config;
}

WorkerAnswer OwnRoute::answer(const WorkerRequest& request) {
    RouteAnswer given = route_.handle({request.context->caller->identity, request.method, request.path, request.query,
                                       request.body, request.parameters});
    return {given.status, std::move(given.contentType), std::move(given.body), std::move(given.headers)};
}

} // namespace gatehouse
