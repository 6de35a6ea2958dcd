#include "server/setting_trial.hpp"

#include <catch2/catch.hpp>

#include <gatehouse/settings.hpp>

using namespace gatehouse;

namespace {

// Reads as plugins do: the first thing that is wrong is thrown.
std::string readAll(const Json& values) {
    try {
        const Settings settings(values);
        static_cast<void>(settings.string("name"));
        static_cast<void>(settings.integer("count", 1, 0, 9));
        for (const Settings& item : settings.list("items")) static_cast<void>(item.integer("size", 1, 0, 9));
        static_cast<void>(settings.map("inner").flag("on", true));
        if (!settings.has("key") && !settings.has("file")) throw SettingsError("expected one of key and file");
        if (settings.has("key") && settings.string("key").size() > 9) throw SettingsError("key: is too long");
        if (values.contains("variable")) throw SettingsError("MY_VARIABLE: is not set");
    } catch (const SettingsError& fault) {
        return fault.what();
    }
    return "";
}

std::string told(const Json& values, const Config& config = {}) {
    SettingFaults faults = config.faults;
    reportRefused(config, {"at.x", values, readAll(values), readAll}, faults);
    return faults.printed();
}

} // namespace

TEST_CASE("E04: what a reader refuses one after the other is told at once") {
    CHECK(told({{"name", "n"}, {"key", "k"}}).empty());
    CHECK(told({{"name", 1}, {"key", "k"}, {"count", 10}}) ==
          "ERROR: at.x.name: expected a string, got 1\nERROR: at.x.count: expected a whole number from 0 to 9, got 10");
    const std::string all = told({{"name", "n"}, {"key", 2}, {"count", 10}, {"inner", {{"on", 1}}}});
    CHECK(all ==
          "ERROR: at.x.count: expected a whole number from 0 to 9, got 10\n"
          "ERROR: at.x.inner.on: expected true or false, got 1\nERROR: at.x.key: expected a string, got 2");
}

TEST_CASE("E04: elements of a list keep the number that they have in the file") {
    const Json items{{{"size", 10}}, {{"size", 1}}, {{"size", 11}}, {{"size", 12}}};
    CHECK(told({{"name", "n"}, {"file", "f"}, {"items", items}}) ==
          "ERROR: at.x.items[0].size: expected a whole number from 0 to 9, got 10\n"
          "ERROR: at.x.items[2].size: expected a whole number from 0 to 9, got 11\n"
          "ERROR: at.x.items[3].size: expected a whole number from 0 to 9, got 12");
}

TEST_CASE("E04: what only follows from a fault is not told") {
    CHECK(told({{"name", "n"}, {"key", 2}}) ==
          "ERROR: at.x.key: expected a string, got 2"); // not: wanted one of key and file
    Config config;
    config.faults.add({"g.yaml:2", "at.x.key", "${A}: not set"});
    CHECK(told({{"name", "n"}, {"key", nullptr}, {"count", 10}}, config) ==
          "g.yaml:2: at.x.key: ${A}: not set\nERROR: at.x.count: expected a whole number from 0 to 9, got 10");
}

TEST_CASE("E04: a variable is named as the source") {
    CHECK(told({{"name", "n"}, {"file", "f"}, {"variable", true}}) == "MY_VARIABLE: at.x: is not set");
}

TEST_CASE("what is thrown becomes a fault of the key that it names") {
    Config config;
    config.places.set("http.address", "g.yaml:3");
    config.places.set("auth.validator", "g.yaml:4");
    struct Row {
        const char *words, *told;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"http.address: got 5", "g.yaml:3: http.address: got 5"},
                                    {"something failed", "g.yaml:4: auth.validator: something failed"},
                                    {"/a/b.so: no such plugin", "g.yaml:4: auth.validator: /a/b.so: no such plugin"},
                                    {"other.key: x", "g.yaml:4: auth.validator: other.key: x"}}) {
        SettingFaults faults;
        CHECK_FALSE(tried(config, "auth.validator", faults, [&] { throw SettingsError(row.words); }));
        CHECK(faults.printed() == row.told);
    }
    SettingFaults faults;
    CHECK(tried(config, "auth.validator", faults, [] {}));
    CHECK(faults.empty());
}
