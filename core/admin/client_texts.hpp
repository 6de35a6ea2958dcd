// What MCP clients want in their settings to call a server with a bearer token: a table, and a text filled in.
// Source: each client's own documentation, and runs of those that can be had; kept beside docs/clients.md by a test.
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::admin {

// NAME, URL and "HOST" (host and port) stand for the server's. TOKEN stands for the token, where the client cannot read
// the environment variable GATEHOUSE_TOKEN.
struct ClientText {
    std::string_view name; // as typed
    std::string_view title;
    std::string_view file;        // where `text` belongs on Linux and macOS; empty: the client is started by `command`
    std::string_view windowsFile; // empty: the same, below %USERPROFILE%
    std::string_view text;
    std::string_view command; // does the same; empty: there is none
    std::string_view note;    // what its user has to know; empty: nothing
};

const std::vector<ClientText>& clientTexts();
const ClientText* findClient(std::string_view name);

// What takes the place of NAME and URL.
struct ServerPlace {
    std::string name = "gatehouse";
    std::string url = "http://localhost:8080/mcp";
};

// Why the place cannot stand in a settings file; nothing: it can. A name is letters, digits, '-' and '_', at most 64;
// a URL begins with http:// or https:// and has no character that a shell, JSON, TOML or YAML would read in its own
// way.
std::optional<std::string> faultOf(const ServerPlace& place);

// For a person: file, text, command and notes. `place` is one without a fault.
std::string instructions(const ClientText& client, const ServerPlace& place);

} // namespace gatehouse::admin
