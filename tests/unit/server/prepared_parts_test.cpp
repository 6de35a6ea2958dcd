#include "server/prepared_parts.hpp"

#include <catch2/catch.hpp>

#include "support/kept_log.hpp"
#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Site {
    Site() {
        config.plugins.dir = TEST_LIBRARIES "/gatehouse";
        config.backend.plugin = "echo";
        config.auth.validator = {"api_key"};
        config.auth.validators["api_key"] = {{"key", std::string(40, 'k')}};
        config.auth.tokenFile = folder.file("none.yaml");
    }
    CheckedSettings check() { return checkSettings(config, {folder.path(), "./gh"}, clock, log.log); }
    ScratchFolder folder;
    TurnableClock clock;
    KeptLog log;
    Config config;
};

} // namespace

TEST_CASE("E04: settings that are right are prepared, with what is perhaps not meant") {
    Site site;
    CHECK(site.check().faults.empty());
    CHECK(site.check().warnings.size() == 1); // secrets.keys
    site.config.auth.policy = Json::parse(R"({"rules":[{"tools":["drop_*"],"scopes":["a"]}]})");
    CHECK(site.check().warnings.size() == 2);
}

TEST_CASE("E04: what is wrong with every part is told at once") {
    Site site;
    site.config.http.address = "nowhere";
    site.config.backend.settings = {{"x", 1}};
    site.config.auth.validators["api_key"] = {{"key", "short"}};
    site.config.auth.policy = {{"hide", 5}};
    site.config.auth.resource = {{"x", 1}};
    site.config.plugins.pins["gatehouse_backend_none.so"] = std::string(64, '0');
    std::vector<std::string> keys;
    const CheckedSettings checked = site.check();
    for (const SettingFault& fault : checked.faults.list()) keys.push_back(fault.key);
    CHECK(keys == std::vector<std::string>{"http.address", "auth.validators.api_key.key", "backend.settings.x",
                                           "plugins.pins.gatehouse_backend_none.so", "auth.policy.hide",
                                           "auth.resource.x"});
}

TEST_CASE("E04: what was read wrong is not judged once more by what stands in its place") {
    Site site;
    site.config.faults.add({"g.yaml:2", "backend.plugin", "got 5"});
    site.config.backend.plugin = "none";
    site.config.faults.add({"g.yaml:3", "auth.validator", "got 5"});
    site.config.auth.validator = {"none"};
    CHECK(site.check().faults.list().size() == 2);
}
