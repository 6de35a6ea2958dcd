#include "admin/client_texts.hpp"

#include <set>

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

using namespace gatehouse;
using namespace gatehouse::admin;

namespace {

const ServerPlace place{"shop", "https://mcp.example:8443/mcp"};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string said(const char* name) {
    REQUIRE(findClient(name) != nullptr);
    return instructions(*findClient(name), place);
}

} // namespace

TEST_CASE("each client has a name of its own, and a text with its file, or a command") {
    std::set<std::string_view> names;
    for (const ClientText& client : clientTexts()) {
        INFO(client.name);
        CHECK(names.insert(client.name).second);
        CHECK(client.file.empty() == client.text.empty());
        CHECK(client.file.empty() == client.windowsFile.empty());
        CHECK_FALSE((client.text.empty() && client.command.empty()));
    }
    CHECK(names.size() == 16);
    CHECK(findClient("nobody") == nullptr);
}

TEST_CASE("the server's URL and name are in every text and command, and no placeholder but TOKEN is left") {
    for (const ClientText& client : clientTexts()) {
        const std::string text = instructions(client, place);
        INFO(text);
        CHECK(has(text, "https://mcp.example:8443/mcp"));
        if (!client.text.empty()) CHECK(has(text, "shop"));
        CHECK_FALSE(has(text, "NAME"));
        CHECK_FALSE(has(text, "URL"));
        CHECK_FALSE(has(text, "\"HOST\""));
        CHECK(has(text, "Token:") == (client.name != "vscode"));
    }
}

TEST_CASE("a text in JSON is JSON") {
    for (const ClientText& client : clientTexts())
        if (!client.text.empty() && client.text.front() == '{') CHECK(Json::accept(client.text));
}

TEST_CASE("a client that reads the environment is not given the token, another is told where it belongs") {
    CHECK(has(said("cursor"), "Token:   set the environment variable GATEHOUSE_TOKEN"));
    CHECK(has(said("codex"), "Token:   set the environment variable GATEHOUSE_TOKEN"));
    CHECK(has(said("zed"), "Token:   put it in place of TOKEN."));
}

TEST_CASE("file, text and command of one client, as a person reads them") {
    CHECK(said("codex") == R"(Codex

File:    ~/.codex/config.toml
Windows: %USERPROFILE%\.codex\config.toml

[mcp_servers.shop]
url = "https://mcp.example:8443/mcp"
bearer_token_env_var = "GATEHOUSE_TOKEN"

Command: codex mcp add shop --url https://mcp.example:8443/mcp --bearer-token-env-var GATEHOUSE_TOKEN
Token:   set the environment variable GATEHOUSE_TOKEN where the client is started.
Note:    A "bearer_token" in the file is refused by it.
)");
    CHECK(has(said("librechat"), R"(allowedAddresses: ["mcp.example:8443"])"));
}

TEST_CASE("words in a name or URL that look like placeholders stay") {
    const ServerPlace odd{"URL", "http://name.example/NAME"};
    CHECK_FALSE(faultOf(odd));
    CHECK(
        has(instructions(*findClient("cursor"), odd), R"({"URL": {"type": "http", "url": "http://name.example/NAME")"));
}

TEST_CASE("a place that a settings file would read in its own way is refused") {
    for (const char* url :
         {"", "mcp.example/mcp", "ftp://a/mcp", "http://", "https:///mcp", "http://a/\"", "http://a/ b", "http://a/'",
          "http://a/$(id)", "http://a/`id`", "http://a/\\", "http://a/\n", "http://a/{}"}) {
        INFO(url);
        CHECK(faultOf({"n", url}) == "--url: expected the server's URL, for example https://mcp.example/mcp, got \"" +
                                         std::string(url) + "\"");
    }
    for (const std::string& name :
         {std::string(), std::string("a b"), std::string("a.b"), std::string("\xc3\xa9"), std::string(65, 'a')})
        CHECK(faultOf({name, "http://a/mcp"}) ==
              "--name: expected 1 to 64 letters, digits, - and _, got \"" + name + "\"");
    CHECK_FALSE(faultOf({std::string(64, 'a'), "http://[::1]:8080/mcp?x=1&y=%20"}));
}
