// What a plugin sees of the server, with a clock that tests turn and a token store of one token.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plugin/host_services.hpp"
#include "plugin/library.hpp"
#include "support/kept_log.hpp"
#include "support/turnable_clock.hpp"

namespace gatehouse::test {

struct PluginHost {
    TurnableClock clock;
    KeptLog log;
    TokenLookup token = TokenUnknown{}; // what the store says of every digest
    Sha256 askedFor{};
    std::vector<std::string> dropped;
    std::vector<std::pair<Change, std::string>> told; // of changes
    std::vector<FetchRequest> fetched;
    FetchResult answer = FetchFault{"nobody is there"}; // to every request
    HostDeps port{
        clock,
        [this](LogLevel level, std::string_view line) { log.log.write(level, line); },
        [this](const Sha256& digest) {
            askedFor = digest;
            return token;
        },
        [this](std::string_view key) { dropped.emplace_back(key); },
        [this](Change change, std::string_view uri) { told.emplace_back(change, uri); },
        [this](const FetchRequest& request) {
            fetched.push_back(request);
            return answer;
        },
        [](std::string_view name) -> TokenValidator& { throw SettingsError("no validator " + std::string(name)); },
        "https://mcp.example/mcp"};
};

// What a fixture that opens `file` was told; empty when it was not refused.
template <class Fixture>
std::string refusalOf(const std::string& file, const std::string& settings = "{}") {
    try {
        Fixture fixture(file, settings);
        return "";
    } catch (const PluginError& refusal) {
        return refusal.what();
    }
}

} // namespace gatehouse::test
