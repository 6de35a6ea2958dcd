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
    CHECK(sample.text("name") == "n");
    CHECK(sample.text("name", "f") == "n");
    CHECK(sample.text("absent", "f") == "f");
    CHECK(sample.integer("count", 1, 0, 10) == 5);
    CHECK(sample.integer("absent", 1, 0, 10) == 1);
    CHECK(sample.flag("on", false));
    CHECK(sample.flag("absent", true));
    CHECK(sample.texts("words") == std::vector<std::string>{"a", "b"});
    CHECK(sample.texts("one") == std::vector<std::string>{"x"});
    CHECK(sample.texts("absent").empty());
    CHECK(sample.list("parts").size() == 2);
    CHECK(sample.list("absent").empty());
    CHECK(sample.json().size() == 10);
}

TEST_CASE("null counts as absent") {
    CHECK(sample.has("name"));
    CHECK_FALSE(sample.has("nothing"));
    CHECK_FALSE(sample.has("absent"));
    CHECK(sample.text("nothing", "f") == "f");
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
             {"a text that is required", [] { sample.text("absent"); }, "absent: missing"},
             {"null where a text is required", [] { sample.text("nothing"); }, "nothing: missing"},
             {"a number for a text", [] { sample.text("count"); }, "count: got 5, wanted a text"},
             {"a text for a number", [] { sample.integer("name", 0, 1, 9); },
              "name: got \"n\", wanted a whole number from 1 to 9"},
             {"a fraction for a number", [] { sample.integer("half", 0, 0, 9); },
              "half: got 0.5, wanted a whole number from 0 to 9"},
             {"a number that is too small", [] { sample.integer("count", 0, 6, 9); },
              "count: got 5, wanted a whole number from 6 to 9"},
             {"a number that is too large", [] { sample.integer("count", 0, 0, 4); },
              "count: got 5, wanted a whole number from 0 to 4"},
             {"more than 64 bits hold", [] { sample.integer("huge", 0, -5, 4); },
              "huge: got 18446744073709551615, wanted a whole number from -5 to 4"},
             {"a number for a flag", [] { sample.flag("count", true); }, "count: got 5, wanted true or false"},
             {"a flag for a list of texts", [] { sample.texts("on"); }, "on: got true, wanted a list of texts"},
             {"a number in a list of texts", [] { sample.texts("mixed"); }, "mixed: got 1, wanted a list of texts"},
             {"a text for a list", [] { sample.list("name"); }, "name: got \"n\", wanted a list"},
             {"a text in a list of maps", [] { sample.list("words"); }, "words[0]: got string, wanted a map"},
             {"a key inside of a list", [] { sample.list("parts").at(1).integer("p", 0, 0, 9); },
              "parts[1].p: got \"two\", wanted a whole number from 0 to 9"},
             {"a list for all settings", [] { Settings(Json::array(), "auth.validators.x"); },
              "auth.validators.x: got array, wanted a map"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(complaint(row.read) == row.told); }
    }
}

TEST_CASE("a key that nobody knows is an error, not a silence") {
    const Settings settings(Json{{"url", "x"}, {"tiemout", 1}});
    CHECK(complaint([&] {
              settings.allowOnly({"url", "timeout"});
          }) == "tiemout: unknown key, wanted one of: url, timeout");
    CHECK(complaint([&] { settings.allowOnly({"url", "tiemout"}); }).empty());
    CHECK(complaint([] { Settings().allowOnly({}); }).empty());
    CHECK(complaint([&] { settings.allowOnly({}); }).find(": unknown key") != std::string::npos);
    CHECK(complaint([] {
              Settings(Json{{"a", 1}}, "databases[2]").allowOnly({"b"});
          }) == "databases[2].a: unknown key, wanted one of: b");
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
                                           {"fraction", ": wanted a text; put the secret in quotes"},
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
    CHECK(settings.text("count") == "5");
    CHECK(complaint([&] { settings.integer("count", 0, 0, 4); }) == "count: got 5, wanted a whole number from 0 to 4");
    for (const char* odd : {"05", "+5", " 5", "5 ", "5.0", "", "0x5", "-0", "1e1", "99999999999999999999"})
        CHECK_FALSE(complaint([&] { Settings(Json{{"n", odd}}).integer("n", 0, -99, 99); }).empty());
    for (const char* odd : {"True", "yes", "1", ""})
        CHECK_FALSE(complaint([&] { Settings(Json{{"f", odd}}).flag("f", true); }).empty());
}

TEST_CASE("D14: no error shows a secret, whatever it looks like") {
    for (const Json& odd : {Json(1234567.5), Json(true), Json({"1234567"}), Json{{"a", 1234567}}}) {
        const std::string told = complaint([&] { Settings(Json{{"secret", odd}}).secret("secret"); });
        CHECK(told == "secret: wanted a text; put the secret in quotes");
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
    CHECK(complaint([&] { settings.map("inner").text("a"); }) == "outer.inner.a: got 1, wanted a text");
    CHECK(settings.map("absent").json().empty());
    CHECK(complaint([&] { settings.map("list"); }) == "outer.list: got array, wanted a map");
    CHECK(complaint([&] { settings.map("inner").allowOnly({"b"}); }) == "outer.inner.a: unknown key, wanted one of: b");
}
