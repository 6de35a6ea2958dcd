// gatehouse client-config.
#include <ostream>

#include "admin/client_texts.hpp"
#include "cli/command.hpp"

namespace gatehouse::cli {

namespace {

using gatehouse::admin::ClientText;
using gatehouse::admin::clientTexts;
using gatehouse::admin::findClient;
using gatehouse::admin::ServerPlace;

constexpr const char* help = R"(Usage: gatehouse client-config CLIENT [--url URL] [--name NAME]
       gatehouse client-config

Prints what an MCP client wants in its settings: the file, its text, and the command where there is one. Without a
client: the clients that are known. No token is printed: read it from the environment, or put it in by hand.

)";

std::string known() {
    std::string out;
    for (const ClientText& client : clientTexts()) out += (out.empty() ? "" : ", ") + std::string(client.name);
    return out;
}

ServerPlace placeFrom(const Arguments& arguments) {
    ServerPlace place;
    place.name = arguments.value("name").value_or(place.name);
    place.url = arguments.value("url").value_or(place.url);
    if (const auto fault = faultOf(place)) throw UsageError(*fault);
    return place;
}

} // namespace

int clientConfig(const Console& console, const std::vector<std::string>& words) {
    const std::vector<FlagSpec> flags{{"url", "URL", "the server's (default http://localhost:8080/mcp)"},
                                      {"name", "NAME", "what the client calls it (default gatehouse)"},
                                      helpFlag()};
    const Arguments arguments(words, flags);
    if (arguments.has("help")) return console.out << help << flagHelp(flags), done;
    const ServerPlace place = placeFrom(arguments);
    if (arguments.words().empty()) {
        for (const ClientText& client : clientTexts()) console.out << client.name << "\n";
        return done;
    }
    if (arguments.words().size() > 1)
        throw UsageError("client-config takes one client, got \"" + arguments.words()[1] + "\" too");
    const ClientText* const client = findClient(arguments.words().front());
    if (!client) throw UsageError("unknown client \"" + arguments.words().front() + "\"; known: " + known());
    console.out << instructions(*client, place);
    return done;
}

} // namespace gatehouse::cli
