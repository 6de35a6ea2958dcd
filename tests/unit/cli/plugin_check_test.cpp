#include "cli/plugin_check.hpp"

#include <catch2/catch.hpp>

#include <fstream>

#include "plugin/library.hpp"
#include "support/given_environment.hpp"
#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string libraries = TEST_LIBRARIES "/gatehouse";

struct Checked {
    int code = -1;
    std::string said, wrongUse, wrongSettings;
};

// A check in a folder of its own; what is said in the other process comes by a file.
struct Folder {
    ScratchFolder folder;
    TurnableClock clock;

    Checked check(const std::string& settingsFile, const std::string& plugin = "jwt") const {
        std::istringstream in;
        std::ostringstream err;
        std::ofstream out(folder.file("report"));
        Checked checked;
        try {
            checked.code =
                cli::checkPlugin({"gatehouse", folder.path(), in, out, err, clock}, libraries, plugin, settingsFile);
        } catch (const cli::UsageError& fault) {
            checked.wrongUse = fault.what();
        } catch (const SettingsError& fault) {
            checked.wrongSettings = fault.what();
        }
        out.flush();
        checked.said = readText(folder.file("report"));
        return checked;
    }
    Checked checkText(const std::string& yaml) const { return check(folder.write("check.yaml", yaml)); }
};

} // namespace

TEST_CASE("a right validator passes, and is named with its library") {
    const Folder at;
    const Checked checked = at.checkText(
        "algorithms: [HS256]\n"
        "without: [leaks]\n"
        "settings: {secret: \"${kit.secret}\", issuer: \"${kit.issuer}\", "
        "audience: \"${kit.audience}\"}\n");
    INFO(checked.said);
    CHECK(checked.code == 0);
    CHECK(checked.said.rfind("gatehouse plugin check: jwt ", 0) == 0);
    CHECK(checked.said.find(libraries + "/gatehouse_validator_jwt.so\n") != std::string::npos);
    CHECK(checked.said.find("\npassed: ") != std::string::npos);
}

TEST_CASE("a plugin may be named by its path, and one that is not there is refused") {
    const Folder at;
    const std::string file =
        at.folder.write("check.yaml", "algorithms: [HS256]\nclasses: [time]\nsettings: {secret: \"${kit.secret}\"}\n");
    CHECK(at.check(file, libraries + "/gatehouse_validator_jwt.so").code == 0);
    CHECK_THROWS_AS(at.check(file, at.folder.file("none.so")), PluginError);
}

TEST_CASE("settings that are right for a server may be wrong for the tokens that it gets") {
    const Folder at;
    const Checked checked = at.checkText(
        "algorithms: [HS256]\n"
        "classes: [issuer]\n"
        "settings: {secret: \"${kit.secret}\", audience: \"${kit.audience}\"}\n");
    CHECK(checked.code == 1);
    CHECK(checked.said.find("FAULT issuer: a token of another issuer is accepted") != std::string::npos);
}

TEST_CASE("the kit's values are its own, and the environment's are the environment's") {
    const Folder at;
    const GivenEnvironment audience("GATEHOUSE_TEST_AUDIENCE", "https://kit.example/mcp"),
        kit("kit.secret", "not this");
    const std::string yaml =
        "algorithms: [HS256]\nclasses: [good, audience]\n"
        "settings: {secret: \"${kit.secret}\", audience: \"${GATEHOUSE_TEST_AUDIENCE}\"}\n";
    CHECK(at.checkText(yaml).code == 0);
    const GivenEnvironment other("GATEHOUSE_TEST_AUDIENCE", "https://other.example");
    CHECK(at.checkText(yaml).code == 1);
}

TEST_CASE("others that a validator asks are made from the plan's validators") {
    const Folder at;
    const Checked checked = at.check(
        at.folder.write("check.yaml",
                        "algorithms: [HS256]\nclasses: [good, time, exchange]\n"
                        "settings: {validator: jwt, token_endpoint: \"${kit.token_endpoint}\", audience: backend, "
                        "client_id: kit, client_secret: kit-secret}\n"
                        "validators: {jwt: {secret: \"${kit.secret}\", audience: \"${kit.audience}\"}}\n"),
        "token_exchange");
    INFO(checked.said);
    CHECK(checked.code == 0);
    CHECK(checked.said.find("  exchange ") != std::string::npos);
}

TEST_CASE("a plan that cannot be read is wrong use, and says what it is for") {
    const Folder at;
    for (const std::string& file : {at.folder.file("none.yaml"), at.folder.path().string()}) {
        const Checked checked = at.check(file);
        CHECK(checked.wrongUse ==
              file + " cannot be read: it holds the plugin's settings for the check (--settings FILE)");
        CHECK(checked.said.empty());
    }
}

TEST_CASE("what is wrong with a plan is told with its file, and its line where it has one") {
    const Folder at;
    const std::string file = at.folder.file("check.yaml");
    struct Row {
        const char *yaml, *words;
    };
    for (const Row& row :
         {Row{"tokens: jwt\nsettings: [", ":"},
          Row{"tokens: jwt\n\nsettings: {a: \"${GATEHOUSE_TEST_UNSET}\"}\n",
              ":3: settings.a: ${GATEHOUSE_TEST_UNSET}: this environment variable is not set, or empty"},
          Row{"tokens: jwt\ntokens: key\n", ":2: tokens: duplicate key"},
          Row{"tokens: cookies\n", ": tokens: expected jwt, opaque, key, stored or listed, got \"cookies\""},
          Row{"- jwt\n", ": : expected a map, got array"}}) {
        const Checked checked = at.checkText(row.yaml);
        CHECK(checked.wrongSettings.rfind(file + row.words, 0) == 0);
        CHECK(checked.said.empty());
    }
    CHECK(at.checkText("tokens: jwt\nsettings: [").wrongSettings.rfind(file + ":2: ", 0) == 0);
}
