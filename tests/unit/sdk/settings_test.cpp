#include <gatehouse/settings.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <vector>

#include "support/scratch_folder.hpp"

using namespace gatehouse;

namespace {

std::string complaint(const std::function<void()>& work) {
    try {
        work();
    } catch (const SettingsError& fault) {
        return fault.what();
    }
    return "";
}

const Settings sample(Json{{"name", "n"},
                           {"count", 5},
                           {"on", true},
                           {"nothing", nullptr},
                           {"words", {"a", "b"}},
                           {"one", "x"},
                           {"parts", {{{"p", 1}}, {{"p", "two"}}}},
                           {"mixed", {"a", 1}},
                           {"half", 0.5},
                           {"huge", 18446744073709551615ULL}});

} // namespace

TEST_CASE("a setting that is there is read, one that is not has its fallback") {
    CHECK(sample.string("name") == "n");
    CHECK(sample.string("name", "f") == "n");
    CHECK(sample.string("absent", "f") == "f");
    CHECK(sample.integer("count", 1, 0, 10) == 5);
    CHECK(sample.integer("absent", 1, 0, 10) == 1);
    CHECK(sample.flag("on", false));
    CHECK(sample.flag("absent", true));
    CHECK(sample.strings("words") == std::vector<std::string>{"a", "b"});
    CHECK(sample.strings("one") == std::vector<std::string>{"x"});
    CHECK(sample.strings("absent").empty());
    CHECK(sample.list("parts").size() == 2);
    CHECK(sample.list("absent").empty());
    CHECK(sample.json().size() == 10);
}

TEST_CASE("null counts as absent") {
    CHECK(sample.has("name"));
    CHECK_FALSE(sample.has("nothing"));
    CHECK_FALSE(sample.has("absent"));
    CHECK(sample.string("nothing", "f") == "f");
    CHECK(sample.integer("nothing", 7, 0, 10) == 7);
    CHECK_FALSE(Settings(nullptr).has("x"));
    CHECK_FALSE(Settings().has("x"));
}

TEST_CASE("what is wrong is told with the key, what came and what was wanted") {
    struct Row {
        const char* what;
        std::function<void()> read;
        const char* told;
    };
    for (const Row& row : std::vector<Row>{
             {"a text that is required", [] { sample.string("absent"); }, "absent: missing"},
             {"null where a text is required", [] { sample.string("nothing"); }, "nothing: missing"},
             {"a number for a text", [] { sample.string("count"); }, "count: expected a string, got 5"},
             {"a text for a number", [] { sample.integer("name", 0, 1, 9); },
              "name: expected a whole number from 1 to 9, got \"n\""},
             {"a fraction for a number", [] { sample.integer("half", 0, 0, 9); },
              "half: expected a whole number from 0 to 9, got 0.5"},
             {"a number that is too small", [] { sample.integer("count", 0, 6, 9); },
              "count: expected a whole number from 6 to 9, got 5"},
             {"a number that is too large", [] { sample.integer("count", 0, 0, 4); },
              "count: expected a whole number from 0 to 4, got 5"},
             {"more than 64 bits hold", [] { sample.integer("huge", 0, -5, 4); },
              "huge: expected a whole number from -5 to 4, got 18446744073709551615"},
             {"a number for a flag", [] { sample.flag("count", true); }, "count: expected true or false, got 5"},
             {"a flag for a list of strings", [] { sample.strings("on"); }, "on: expected a list of strings, got true"},
             {"a number in a list of strings", [] { sample.strings("mixed"); },
              "mixed: expected a list of strings, got 1"},
             {"a text for a list", [] { sample.list("name"); }, "name: expected a list, got \"n\""},
             {"a text in a list of maps", [] { sample.list("words"); }, "words[0]: expected a map, got string"},
             {"a key inside of a list", [] { sample.list("parts").at(1).integer("p", 0, 0, 9); },
              "parts[1].p: expected a whole number from 0 to 9, got \"two\""},
             {"a list for all settings", [] { Settings(Json::array(), "auth.validators.x"); },
              "auth.validators.x: expected a map, got array"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(complaint(row.read) == row.told); }
    }
}

TEST_CASE("a key that nobody knows is an error, not a silence") {
    const Settings settings(Json{{"url", "x"}, {"tiemout", 1}});
    CHECK(complaint([&] {
              settings.allowOnly({"url", "timeout"});
          }) == "tiemout: unknown key, expected one of: url, timeout");
    CHECK(complaint([&] { settings.allowOnly({"url", "tiemout"}); }).empty());
    CHECK(complaint([] { Settings().allowOnly({}); }).empty());
    CHECK(complaint([&] { settings.allowOnly({}); }).find(": unknown key") != std::string::npos);
    CHECK(complaint([] {
              Settings(Json{{"a", 1}}, "databases[2]").allowOnly({"b"});
          }) == "databases[2].a: unknown key, expected one of: b");
}

TEST_CASE("a secret is a text, or stands in a file, and is never empty") {
    const test::ScratchFolder folder;
    const std::string file = folder.write("secret", "of the file \n\r\n"), empty = folder.write("empty", " \n");
    const Settings settings(Json{{"text", "plain"},
                                 {"ended", "plain\n"},
                                 {"inside", "a b"},
                                 {"file", "file:" + file},
                                 {"empty", ""},
                                 {"emptyFile", "file:" + empty},
                                 {"absent", "file:" + folder.file("none")},
                                 {"number", 5},
                                 {"fraction", 5.5}},
                            "auth.validators.x");
    CHECK(settings.secret("text") == "plain");
    CHECK(settings.secret("ended") == "plain");
    CHECK(settings.secret("inside") == "a b");
    CHECK(settings.secret("file") == "of the file \n"); // D13: one line end is cut, nothing else
    CHECK(settings.secret("number") == "5");
    struct Row {
        const char* key;
        std::string told;
    };
    for (const Row& row : std::vector<Row>{{"empty", ": is empty"},
                                           {"emptyFile", ": is empty"},
                                           {"absent", ": " + folder.file("none") + " cannot be read"},
                                           {"fraction", ": expected a string; put the secret in quotes"},
                                           {"missing", ": missing"}}) {
        DYNAMIC_SECTION(row.key) {
            CHECK(complaint([&] { settings.secret(row.key); }) ==
                  "auth.validators.x." + std::string(row.key) + row.told);
        }
    }
}

TEST_CASE("D13: one line end at the end of a text is cut") {
    for (const char* cut : {"a", "a\n", "a\r\n"}) CHECK(withoutLineEnd(cut) == "a");
    CHECK(withoutLineEnd("a\n\n") == "a\n");
    CHECK(withoutLineEnd("a\r") == "a\r");
    CHECK(withoutLineEnd(" a \n") == " a ");
    for (const char* nothing : {"", "\n", "\r\n"}) CHECK(withoutLineEnd(nothing).empty());
}

TEST_CASE("D14: a number or a flag may stand as a string, as ${NAME} brings it in") {
    const Settings settings(Json{{"count", "5"}, {"less", "-5"}, {"on", "true"}, {"off", "false"}, {"odd", "05"}});
    CHECK(settings.integer("count", 0, 0, 9) == 5);
    CHECK(settings.integer("less", 0, -9, 9) == -5);
    CHECK(settings.flag("on", false));
    CHECK_FALSE(settings.flag("off", true));
    CHECK(settings.string("count") == "5");
    CHECK(complaint([&] { settings.integer("count", 0, 0, 4); }) ==
          "count: expected a whole number from 0 to 4, got 5");
    for (const char* odd : {"05", "+5", " 5", "5 ", "5.0", "", "0x5", "-0", "1e1", "99999999999999999999"})
        CHECK_FALSE(complaint([&] { Settings(Json{{"n", odd}}).integer("n", 0, -99, 99); }).empty());
    for (const char* odd : {"True", "yes", "1", ""})
        CHECK_FALSE(complaint([&] { Settings(Json{{"f", odd}}).flag("f", true); }).empty());
}

TEST_CASE("D14: no error shows a secret, whatever it looks like") {
    for (const Json& odd : {Json(1234567.5), Json(true), Json({"1234567"}), Json{{"a", 1234567}}}) {
        const std::string told = complaint([&] { Settings(Json{{"secret", odd}}).secret("secret"); });
        CHECK(told == "secret: expected a string; put the secret in quotes");
    }
}

TEST_CASE("what is in a file is read as it stands") {
    const test::ScratchFolder folder;
    const std::string bytes("-----BEGIN\n\0 \n", 14);
    const Settings settings(Json{{"key_file", folder.write("k", bytes)},
                                 {"other", folder.file("none")},
                                 {"folder", folder.path().string()},
                                 {"empty", folder.write("e", "")}});
    CHECK(settings.fileOf("key_file") == bytes);
    CHECK(settings.fileOf("empty").empty());
    CHECK(complaint([&] { settings.fileOf("folder"); }) == "folder: " + folder.path().string() + " cannot be read");
    CHECK(complaint([&] { settings.fileOf("other"); }) == "other: " + folder.file("none") + " cannot be read");
    CHECK(complaint([&] { settings.fileOf("missing"); }) == "missing: missing");
}

TEST_CASE("a map within is read as settings of its own, and knows where it stands") {
    const Settings settings(Json{{"inner", {{"a", 1}}}, {"list", {1}}}, "outer");
    CHECK(settings.map("inner").integer("a", 0, 0, 9) == 1);
    CHECK(settings.map("inner").where() == "outer.inner");
    CHECK(complaint([&] { settings.map("inner").string("a"); }) == "outer.inner.a: expected a string, got 1");
    CHECK(settings.map("absent").json().empty());
    CHECK(complaint([&] { settings.map("list"); }) == "outer.list: expected a map, got array");
    CHECK(complaint([&] { settings.map("inner").allowOnly({"b"}); }) ==
          "outer.inner.a: unknown key, expected one of: b");
}

TEST_CASE("a URL is absolute, and of http or https") {
    const auto url = [](const char* text) {
        return complaint([text] { static_cast<void>(Settings(Json{{"at", text}}).url("at")); });
    };
    for (const char* good : {"https://a.example/x?y=1", "http://127.0.0.1:8080"}) CHECK(url(good).empty());
    for (const char* bad : {"a.example", "ftp://a.example", "https://", "https:/a", "https://a b", "//a.example"})
        CHECK(url(bad) == "at: expected a URL that begins with https:// or http://, got \"" + std::string(bad) + "\"");
    CHECK(complaint([] { static_cast<void>(Settings().url("at")); }) == "at: missing");
}

TEST_CASE("one of several words, or the fallback") {
    const Settings settings(Json{{"mode", "strict"}, {"other", "lax"}});
    CHECK(settings.oneOf("mode", "lazy", {"lazy", "strict"}) == "strict");
    CHECK(settings.oneOf("absent", "lazy", {"lazy", "strict"}) == "lazy");
    CHECK(complaint([&] {
              static_cast<void>(settings.oneOf("other", "lazy", {"lazy", "strict"}));
          }) == "other: expected one of lazy, strict, got \"lax\"");
}

TEST_CASE("a time has a unit, a bare number is seconds") {
    using namespace std::chrono_literals;
    const auto time = [](const Json& value) { return Settings(Json{{"t", value}}).duration("t", 7s, 0s, 48h); };
    CHECK(time("250ms") == 250ms);
    CHECK(time("30s") == 30s);
    CHECK(time("5m") == 5min);
    CHECK(time("2h") == 2h);
    CHECK(time("1d") == 24h);
    CHECK(time("90") == 90s);
    CHECK(time(90) == 90s);
    CHECK(time(nullptr) == 7s);
    for (const Json& bad : {Json("soon"), Json("5 m"), Json("-1s"), Json("1.5h"), Json("3d"), Json(""),
                            Json("99999999999999999999s"), Json::array(), Json(true)})
        CHECK_THAT(complaint([&] { static_cast<void>(time(bad)); }),
                   Catch::StartsWith("t: expected a time from 0ms to 172800000ms, got "));
}

TEST_CASE("a key that nobody has asked for is refused with those that are known, in maps within as well") {
    const Json values{{"a", 1}, {"inner", {{"b", 2}, {"c", 3}}}, {"rows", {{{"d", 4}}, {{"e", 5}}}}};
    const Settings settings(values);
    CHECK(complaint([&] { settings.refuseUnread(); }) == "a: unknown key");
    static_cast<void>(settings.integer("a", 0, 0, 9));
    static_cast<void>(settings.string("absent", ""));
    CHECK(complaint([&] { settings.refuseUnread(); }) == "inner: unknown key, expected one of: a, absent");
    const Settings inner = settings.map("inner");
    static_cast<void>(inner.integer("b", 0, 0, 9));
    const auto rows = settings.list("rows");
    static_cast<void>(rows[0].has("d"));
    CHECK(complaint([&] { settings.refuseUnread(); }) == "inner.c: unknown key, expected one of: b");
    static_cast<void>(inner.json()); // all of it
    CHECK(complaint([&] { settings.refuseUnread(); }) == "rows[1].e: unknown key");
    CHECK(complaint([&] { rows[1].allowOnly({"e", "f"}); }).empty());
    CHECK(complaint([&] { settings.refuseUnread(); }).empty());
}

TEST_CASE("settings with the defaults that a plugin declares") {
    const Json schema = Json::parse(R"({"properties": {"n": {"type": "integer", "default": 5},
        "on": {"type": "boolean", "default": true}, "bare": {"type": "string"}, "any": true}})");
    CHECK(withDefaults({{"n", 7}}, schema) == Json({{"n", 7}, {"on", true}}));
    const Settings settings(withDefaults(Json::object(), schema));
    CHECK(withDefaults({{"n", nullptr}}, schema)["n"] == 5);
    CHECK(settings.integer("n") == 5);
    CHECK(settings.flag("on"));
}

TEST_CASE("a getter without a fallback wants its key") {
    CHECK(complaint([] { Settings().integer("n"); }) == "n: missing");
    CHECK(complaint([] { Settings().flag("on"); }) == "on: missing");
    CHECK(complaint([] { Settings(Json{{"n", "x"}}).integer("n"); }).find("n: expected a whole number") == 0);
    CHECK(Settings(Json{{"n", "-7"}}).integer("n") == -7);
    CHECK_FALSE(Settings(Json{{"on", "false"}}).flag("on"));
}
