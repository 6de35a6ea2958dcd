#include "mcp/transport/accept.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::mcp;

namespace {

http::RequestHead headWith(std::vector<http::Field> fields) {
    http::RequestHead head;
    head.fields = std::move(fields);
    return head;
}

} // namespace

TEST_CASE("what a client takes is read from Accept") {
    struct Row {
        const char* what;
        std::vector<http::Field> fields;
        bool json, stream;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"no Accept means JSON", {}, true, false},
             {"both", {{"Accept", "application/json, text/event-stream"}}, true, true},
             {"both without space", {{"Accept", "text/event-stream,application/json"}}, true, true},
             {"both in two headers", {{"Accept", "application/json"}, {"accept", "text/event-stream"}}, true, true},
             {"JSON alone", {{"Accept", "application/json"}}, true, false},
             {"streams alone", {{"Accept", "text/event-stream"}}, false, true},
             {"any case", {{"Accept", "Application/JSON, TEXT/Event-Stream"}}, true, true},
             {"parameters", {{"Accept", "application/json; charset=utf-8;q=0.9"}}, true, false},
             {"everything means JSON", {{"Accept", "*/*"}}, true, false},
             {"application/*", {{"Accept", "application/*"}}, true, false},
             {"text/*", {{"Accept", "text/*"}}, false, true},
             {"something else", {{"Accept", "text/html"}}, false, false},
             {"an empty Accept takes nothing", {{"Accept", ""}}, false, false},
             {"a type that begins alike", {{"Accept", "application/jsonx"}}, false, false},
             {"weight zero is a refusal", {{"Accept", "application/json;q=0, text/event-stream"}}, false, true},
             {"weight zero with digits", {{"Accept", "application/json;q=0.000"}}, false, false},
             {"weight zero in capitals", {{"Accept", "application/json;Q=0"}}, false, false},
             {"weight zero with white space around",
              {{"Accept", "application/json ; q=0 , text/event-stream"}},
              false,
              true},
             {"a small weight is none", {{"Accept", "application/json;q=0.001"}}, true, false},
             {"a parameter that ends in q is no weight", {{"Accept", "application/json;seq=0"}}, true, false}}) {
        DYNAMIC_SECTION(row.what) {
            const Accepts taken = acceptsOf(headWith(row.fields));
            CHECK(taken.json == row.json);
            CHECK(taken.stream == row.stream);
        }
    }
}

TEST_CASE("a body is JSON when its one Content-Type says so, and nothing is wound around it") {
    struct Row {
        const char* what;
        std::vector<http::Field> fields;
        bool json;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"application/json", {{"Content-Type", "application/json"}}, true},
             {"any case and a parameter", {{"content-type", "Application/JSON ; charset=utf-8"}}, true},
             {"none", {}, false},
             {"what a form can send", {{"Content-Type", "text/plain"}}, false},
             {"a form", {{"Content-Type", "application/x-www-form-urlencoded"}}, false},
             {"text/json", {{"Content-Type", "text/json"}}, false},
             {"a suffix", {{"Content-Type", "application/ld+json"}}, false},
             {"JSON as a parameter", {{"Content-Type", "text/plain;application/json"}}, false},
             {"two types", {{"Content-Type", "application/json"}, {"Content-Type", "application/json"}}, false},
             {"two types in one", {{"Content-Type", "application/json, text/plain"}}, false},
             {"compressed", {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}}, false},
             {"identity", {{"Content-Type", "application/json"}, {"Content-Encoding", "Identity"}}, true}}) {
        DYNAMIC_SECTION(row.what) { CHECK(bringsJson(headWith(row.fields)) == row.json); }
    }
}
