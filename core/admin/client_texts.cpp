#include "admin/client_texts.hpp"

#include <algorithm>

#include <gatehouse/ascii.hpp>

#include "base/url_parts.hpp"

namespace gatehouse::admin {

namespace {

constexpr std::string_view tokenVariable = "GATEHOUSE_TOKEN";
constexpr std::size_t maxNameLength = 64;

const std::vector<ClientText> table{
    {.name = "claude-code",
     .title = "Claude Code",
     .file = ".mcp.json in a project",
     .windowsFile = ".mcp.json in a project",
     .text =
         R"({"mcpServers": {"NAME": {"type": "http", "url": "URL", "headers": {"Authorization": "Bearer ${GATEHOUSE_TOKEN}"}}}})",
     .command =
         R"(claude mcp add --transport http --scope user NAME URL --header "Authorization: Bearer $GATEHOUSE_TOKEN")",
     .note = ""},
    {.name = "claude-desktop",
     .title = "Claude Desktop",
     .file = "~/Library/Application Support/Claude/claude_desktop_config.json",
     .windowsFile = R"(%APPDATA%\Claude\claude_desktop_config.json)",
     .text = R"({"mcpServers": {"NAME": {"command": "npx",
  "args": ["-y", "mcp-remote", "URL", "--header", "Authorization:${AUTH}"], "env": {"AUTH": "Bearer TOKEN"}}}})",
     .command = "",
     .note =
         "It starts programs, so a bridge (needs Node.js) goes in between; plain http to another host also needs "
         "\"--allow-http\" among its args.\nOn the server's own machine it starts the server instead, without a token: "
         R"({"command": "/path/gatehouse", "args": ["serve", "--stdio", "--config", "/path/gatehouse.yaml"]})"},
    {.name = "cursor",
     .title = "Cursor",
     .file = "~/.cursor/mcp.json, or .cursor/mcp.json in a project",
     .windowsFile = R"(%USERPROFILE%\.cursor\mcp.json, or .cursor\mcp.json in a project)",
     .text =
         R"({"mcpServers": {"NAME": {"type": "http", "url": "URL", "headers": {"Authorization": "Bearer ${env:GATEHOUSE_TOKEN}"}}}})",
     .command = "",
     .note = ""},
    {.name = "vscode",
     .title = "VS Code",
     .file = ".vscode/mcp.json in a project, or the user's mcp.json (\"MCP: Open User Configuration\")",
     .windowsFile = R"(.vscode\mcp.json in a project, or the user's mcp.json ("MCP: Open User Configuration"))",
     .text =
         R"({"servers": {"NAME": {"type": "http", "url": "URL", "headers": {"Authorization": "Bearer ${input:gatehouse-token}"}}},
 "inputs": [{"type": "promptString", "id": "gatehouse-token", "description": "Gatehouse token", "password": true}]})",
     .command = "",
     .note = "It asks for the token once and keeps it."},
    {.name = "windsurf",
     .title = "Windsurf",
     .file = "~/.codeium/windsurf/mcp_config.json",
     .windowsFile = R"(%USERPROFILE%\.codeium\windsurf\mcp_config.json)",
     .text =
         R"({"mcpServers": {"NAME": {"serverUrl": "URL", "headers": {"Authorization": "Bearer ${env:GATEHOUSE_TOKEN}"}}}})",
     .command = "",
     .note = "Its plugins for other editors read ~/.codeium/mcp_config.json."},
    {.name = "zed",
     .title = "Zed",
     .file = "its settings.json (\"zed: open settings file\")",
     .windowsFile = "its settings.json (\"zed: open settings file\")",
     .text = R"({"context_servers": {"NAME": {"url": "URL", "headers": {"Authorization": "Bearer TOKEN"}}}})",
     .command = "",
     .note = ""},
    {.name = "continue",
     .title = "Continue",
     .file = "~/.continue/config.yaml, or .continue/mcpServers/NAME.yaml in a project",
     .windowsFile = R"(%USERPROFILE%\.continue\config.yaml, or .continue\mcpServers\NAME.yaml in a project)",
     .text = R"(name: NAME
version: 0.0.1
schema: v1
mcpServers:
  - name: NAME
    type: streamable-http
    url: URL
    requestOptions: { headers: { Authorization: "Bearer TOKEN" } })",
     .command = "",
     .note = ""},
    {.name = "cline",
     .title = "Cline",
     .file = "~/.cline/data/settings/cline_mcp_settings.json",
     .windowsFile = R"(%USERPROFILE%\.cline\data\settings\cline_mcp_settings.json)",
     .text =
         R"({"mcpServers": {"NAME": {"type": "streamableHttp", "url": "URL", "headers": {"Authorization": "Bearer TOKEN"}}}})",
     .command = "",
     .note = "That file is its command line's; in the editor: MCP Servers, Configure."},
    {.name = "goose",
     .title = "Goose",
     .file = "~/.config/goose/config.yaml",
     .windowsFile = R"(%APPDATA%\Block\goose\config\config.yaml)",
     .text = R"(extensions:
  NAME: { enabled: true, type: streamable_http, name: NAME, uri: "URL", headers: { Authorization: "Bearer TOKEN" }, timeout: 300 })",
     .command = "",
     .note = ""},
    {.name = "codex",
     .title = "Codex",
     .file = "~/.codex/config.toml",
     .windowsFile = R"(%USERPROFILE%\.codex\config.toml)",
     .text = R"([mcp_servers.NAME]
url = "URL"
bearer_token_env_var = "GATEHOUSE_TOKEN")",
     .command = "codex mcp add NAME --url URL --bearer-token-env-var GATEHOUSE_TOKEN",
     .note = "A \"bearer_token\" in the file is refused by it."},
    {.name = "gemini",
     .title = "Gemini CLI",
     .file = "~/.gemini/settings.json",
     .windowsFile = R"(%USERPROFILE%\.gemini\settings.json)",
     .text =
         R"({"mcpServers": {"NAME": {"url": "URL", "type": "http", "headers": {"Authorization": "Bearer TOKEN"}}}})",
     .command = R"(gemini mcp add --scope user --transport http --header "Authorization: Bearer TOKEN" NAME URL)",
     .note = "Older versions want \"httpUrl\" instead of \"url\"."},
    {.name = "librechat",
     .title = "LibreChat",
     .file = "librechat.yaml",
     .windowsFile = "librechat.yaml",
     .text = R"(mcpServers:
  NAME: { type: streamable-http, url: "URL", headers: { Authorization: "Bearer ${GATEHOUSE_TOKEN}" } }
mcpSettings: { allowedAddresses: ["HOST"] })",
     .command = "",
     .note = "mcpSettings is needed for a private address only."},
    {.name = "opencode",
     .title = "opencode",
     .file = "~/.config/opencode/opencode.json",
     .windowsFile = R"(%USERPROFILE%\.config\opencode\opencode.json)",
     .text =
         R"({"mcp": {"NAME": {"type": "remote", "url": "URL", "oauth": false, "headers": {"Authorization": "Bearer TOKEN"}}}})",
     .command = "",
     .note = "Without \"oauth\": false a wrong token is an empty failure instead of \"401\"."},
    {.name = "mcp-proxy",
     .title = "mcp-proxy",
     .file = "",
     .windowsFile = "",
     .text = "",
     .command = R"(mcp-proxy --transport streamablehttp -H Authorization "Bearer TOKEN" URL)",
     .note = ""},
    {.name = "supergateway",
     .title = "supergateway",
     .file = "",
     .windowsFile = "",
     .text = "",
     .command = "supergateway --streamableHttp URL --oauth2Bearer TOKEN",
     .note = ""},
    {.name = "fastmcp",
     .title = "fastmcp",
     .file = "",
     .windowsFile = "",
     .text = "",
     .command = "fastmcp list URL --auth TOKEN",
     .note = ""},
};

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

void replaceAll(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

std::string_view authorityOf(std::string_view url) { return urlParts(url).value_or(UrlParts()).authority; }

// In this order: a name or URL may hold a word that is replaced before it.
std::string filled(std::string_view text, const ServerPlace& place) {
    std::string out(text);
    replaceAll(out, "\"HOST\"", "\"" + std::string(authorityOf(place.url)) + "\"");
    replaceAll(out, "NAME", std::string(1, '\0'));
    replaceAll(out, "URL", place.url);
    replaceAll(out, std::string(1, '\0'), place.name);
    return out;
}

bool isNameCharacter(char c) { return isAlphanumeric(c) || c == '-' || c == '_'; }

bool isUrlCharacter(char c) { return isNameCharacter(c) || has(".:/[]%~?=&+,@", std::string_view(&c, 1)); }

std::string whereTheTokenIs(const ClientText& client) {
    if (has(client.text, tokenVariable) || has(client.command, tokenVariable))
        return "Token:   set the environment variable GATEHOUSE_TOKEN where the client is started.\n";
    if (has(client.text, "TOKEN") || has(client.command, "TOKEN")) return "Token:   put it in place of TOKEN.\n";
    return "";
}

} // namespace

const std::vector<ClientText>& clientTexts() { return table; }

const ClientText* findClient(std::string_view name) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const ClientText& one) { return one.name == name; });
    return found == table.end() ? nullptr : &*found;
}

std::optional<std::string> faultOf(const ServerPlace& place) {
    if (place.name.empty() || place.name.size() > maxNameLength ||
        !std::all_of(place.name.begin(), place.name.end(), isNameCharacter))
        return "--name: expected 1 to 64 letters, digits, - and _, got \"" + place.name + "\"";
    const std::string_view url = place.url;
    const bool hasScheme = url.rfind("http://", 0) == 0 || url.rfind("https://", 0) == 0;
    if (!hasScheme || authorityOf(url).empty() || !std::all_of(url.begin(), url.end(), isUrlCharacter))
        return "--url: expected the server's URL, for example https://mcp.example/mcp, got \"" + place.url + "\"";
    return std::nullopt;
}

std::string instructions(const ClientText& client, const ServerPlace& place) {
    std::string out(client.title);
    out += "\n\n";
    if (!client.file.empty()) {
        out += "File:    " + filled(client.file, place) + "\n";
        if (client.windowsFile != client.file) out += "Windows: " + filled(client.windowsFile, place) + "\n";
        out += "\n" + filled(client.text, place) + "\n\n";
    }
    if (!client.command.empty()) out += "Command: " + filled(client.command, place) + "\n";
    out += whereTheTokenIs(client);
    if (!client.note.empty()) out += "Note:    " + std::string(client.note) + "\n";
    return out;
}

} // namespace gatehouse::admin
