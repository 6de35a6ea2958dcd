#include "uri/uri_template.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <stdexcept>
#include <vector>

#include "support/thread_time.hpp"

using namespace gatehouse;

namespace {

std::string told(const std::optional<UriVariables>& values) {
    if (!values) return "no match";
    std::string out;
    for (const auto& [name, value] : *values) out += (out.empty() ? "" : " ") + name + "=<" + value + ">";
    return out;
}

struct Row {
    const char *text, *uri, *values;
};

void checkAll(std::initializer_list<Row> rows) {
    for (const Row& row : rows) {
        INFO(row.text << " and " << row.uri);
        CHECK(told(UriTemplate(row.text).match(row.uri)) == row.values);
    }
}

} // namespace

TEST_CASE("a template without variables matches itself") {
    checkAll({{"x://a", "x://a", ""},
              {"", "", ""},
              {"x://a", "x://ab", "no match"},
              {"x://a", "y://a", "no match"},
              {"x://a", "X://a", "no match"},
              {"x://a", "", "no match"},
              {"x://caf\xC3\xA9", "x://caf%C3%A9", ""},
              {"x://a%2fb", "x://a%2Fb", "no match"}});
}

TEST_CASE("{x} is one segment") {
    checkAll({{"test://template/{id}/data", "test://template/123/data", "id=<123>"},
              {"test://template/{id}/data", "test://template//data", "no match"},
              {"test://template/{id}/data", "test://template/1/2/data", "no match"},
              {"test://template/{id}/data", "test://template/123/dat", "no match"},
              {"test://template/{id}/data", "test://template/123/data/", "no match"},
              {"u://{mail}", "u://bob@example.com:1", "mail=<bob@example.com:1>"},
              {"u://{x}", "u://a!$'()*+=~", "x=<a!$'()*+=~>"},
              {"u://{x}", "u://a?b", "no match"},
              {"u://{x}", "u://a#b", "no match"},
              {"u://{x}", "u://a,b", "no match"},
              {"u://{x}", "u://a;b", "no match"},
              {"u://{x}", "u://a&b", "no match"},
              {"u://{x}", "u://[a]", "no match"},
              {"u://{a}/{b}", "u://1/2", "a=<1> b=<2>"},
              {"{x}", "x", "x=<x>"},
              {"{x}", "", "no match"},
              {"u://{a,b}", "u://1,2", "a=<1> b=<2>"},
              {"u://{a,b}", "u://1", "no match"},
              {"u://{a,b}", "u://1,", "no match"},
              {"u://{a,b}", "u://1,2,3", "no match"}});
}

TEST_CASE("a URI that can be read in two ways does not match") {
    checkAll({{"u://{a}-{b}", "u://x-y", "a=<x> b=<y>"},
              {"u://{a}-{b}", "u://x-y-z", "no match"},
              {"u://{a}-{b}", "u://x%2Dy-z", "a=<x-y> b=<z>"},
              {"u://{a}-{b}", "u://--", "no match"},
              {"u://{a}-{b}", "u://---", "a=<-> b=<->"},
              {"u://{name}.txt", "u://a.txt.txt", "name=<a.txt>"},
              {"u://{a}aa{b}", "u://aaaa", "a=<a> b=<a>"},
              {"u://{a}aa{b}", "u://aaaaa", "no match"},
              {"u://{+a}/{+b}", "u://x/y", "a=<x> b=<y>"},
              {"u://{+a}/{+b}", "u://x/y/z", "no match"},
              {"u://{+a,b}", "u://1,2,3", "no match"}});
}

TEST_CASE("{+x} holds slashes, and stops before the query or fragment that the template has") {
    checkAll({{"file:///{+path}", "file:///a/b/c.txt", "path=<a/b/c.txt>"},
              {"file:///{+path}", "file:///a?b#c", "path=<a?b#c>"},
              {"file:///{+path}", "file:///", "no match"},
              {"file:///{+path}/{name}", "file:///a/b/c", "name=<c> path=<a/b>"},
              {"file:///{+path}.json", "file:///a/b.json", "path=<a/b>"},
              {"file:///{+path}{?q}", "file:///a/b?q=1", "path=<a/b> q=<1>"},
              {"file:///{+path}{?q}", "file:///a/b", "path=<a/b>"},
              {"file:///{+path}{?q}", "file:///a?b", "no match"},
              {"file:///{+path}?q={q}", "file:///a?q=1", "path=<a> q=<1>"},
              {"file:///{+path}{#f}", "file:///a#b", "f=<b> path=<a>"},
              {"file:///{+path}{#f}", "file:///a", "no match"},
              {"file:///{+path}{#f}", "file:///a?x#b#c", "f=<b#c> path=<a?x>"},
              {"u://{+a}{&b}", "u://x&b=1", "a=<x> b=<1>"},
              {"u://{+a}{;b}", "u://x;b=1", "a=<x> b=<1>"},
              {"u://{+a}{;b}", "u://x;c=1", "no match"}});
}

TEST_CASE("labels and segments") {
    checkAll({{"u://f{.ext}", "u://f.txt", "ext=<txt>"},
              {"u://f{.ext}", "u://f", "no match"},
              {"u://f{.ext}", "u://f.", "no match"},
              {"u://f{.ext}", "u://f.tar.gz", "no match"},
              {"u://f{.ext}", "u://f.tar%2Egz", "no match"},
              {"u://{name}{.ext}", "u://f.tar.gz", "ext=<gz> name=<f.tar>"},
              {"u://f{.a,b}", "u://f.tar.gz", "a=<tar> b=<gz>"},
              {"u://f{/a}", "u://f/x", "a=<x>"},
              {"u://f{/a}", "u://f", "no match"},
              {"u://f{/a,b}", "u://f/x/y", "a=<x> b=<y>"},
              {"u://f{/a}{/b}", "u://f/x/y", "a=<x> b=<y>"},
              {"u://f{/a}", "u://f/x/y", "no match"},
              {"u://f{#a}", "u://f#x/y", "a=<x/y>"}});
}

TEST_CASE("parameters come in any order, each once or not at all") {
    checkAll({{"u://s{?q,n}", "u://s?q=1&n=2", "n=<2> q=<1>"},
              {"u://s{?q,n}", "u://s?n=2&q=1", "n=<2> q=<1>"},
              {"u://s{?q,n}", "u://s?n=2", "n=<2>"},
              {"u://s{?q,n}", "u://s", ""},
              {"u://s{?q,n}", "u://s?", "no match"},
              {"u://s{?q,n}", "u://s?q=1&", "no match"},
              {"u://s{?q,n}", "u://s?&q=1", "no match"},
              {"u://s{?q,n}", "u://s&q=1", "no match"},
              {"u://s{?q,n}", "u://s?q=1&q=2", "no match"},
              {"u://s{?q,n}", "u://s?q=1&x=2", "no match"},
              {"u://s{?q,n}", "u://s?Q=1", "no match"},
              {"u://s{?q,n}", "u://s?q=1#f", "no match"},
              {"u://s{?q}", "u://s?q=", "q=<>"},
              {"u://s{?q}", "u://s?q", "q=<>"},
              {"u://s{?q}", "u://s?q=a/b?c=d,e;f+g", "q=<a/b?c=d,e;f+g>"},
              {"u://s{?q}", "u://s?q=%26%3D%23", "q=<&=#>"},
              {"u://s{?q}{&n}", "u://s?n=2", "n=<2>"},
              {"u://s{?q}{#f}", "u://s?q=1#x", "f=<x> q=<1>"},
              {"u://s{?q}{#f}", "u://s#x", "f=<x>"},
              {"u://s?v=1{&q}", "u://s?v=1&q=2", "q=<2>"},
              {"u://s?v=1{&q}", "u://s?v=1", ""},
              {"u://s?v=1{&q}", "u://s?q=2&v=1", "no match"},
              {"u://s{;a,b}", "u://s;b=2;a", "a=<> b=<2>"},
              {"u://s{;a,b}", "u://s", ""},
              {"u://s{;a,b}", "u://s;", "no match"},
              {"u://s{;a}/t", "u://s;a=1/t", "a=<1>"},
              {"u://s{;a}{/b}{?q}", "u://s;a=1/2?q=3", "a=<1> b=<2> q=<3>"},
              {"u://s{;a}{?q}", "u://s?q=3", "q=<3>"}});
}

TEST_CASE("prefixes count characters") {
    checkAll({{"u://{x:3}", "u://abc", "x=<abc>"},
              {"u://{x:3}", "u://a", "x=<a>"},
              {"u://{x:3}", "u://abcd", "no match"},
              {"u://{x:1}/{y}", "u://%E2%82%AC/z", "x=<\xE2\x82\xAC> y=<z>"},
              {"u://{x:1}", "u://%E2%82%AC%E2%82%AC", "no match"},
              {"u://{a:1}-{b:1}", "u://---", "a=<-> b=<->"},
              {"u://{a:3}-{b:1}", "u://x-y-z", "a=<x-y> b=<z>"},
              {"u://s{?q:2}", "u://s?q=ab", "q=<ab>"},
              {"u://s{?q:2}", "u://s?q=abc", "no match"},
              {"u://{x:2}{.e}", "u://a.b", "e=<b> x=<a>"}});
}

TEST_CASE("lists keep their separator, and items do not hold it") {
    checkAll({{"u://f{/path*}", "u://f/a/b/c", "path=<a/b/c>"},
              {"u://f{/path*}", "u://f/a", "path=<a>"},
              {"u://f{/path*}", "u://f", "no match"},
              {"u://f{/path*}", "u://f/", "no match"},
              {"u://f{/path*}", "u://f/a//b", "no match"},
              {"u://f{/path*}", "u://f/a/", "no match"},
              {"u://f{/path*}", "u://f/a%2Fb", "no match"},
              {"u://f{/path*}/end", "u://f/a/b/end", "path=<a/b>"},
              {"u://f{/path*,last}", "u://f/a/b/c", "last=<c> path=<a/b>"},
              {"u://{list*}", "u://a,b", "list=<a,b>"},
              {"u://{list*}", "u://a%2Cb", "no match"},
              {"u://{list}", "u://a,b", "no match"},
              {"u://f{.l*}", "u://f.tar.gz", "l=<tar.gz>"},
              {"u://{+l*}", "u://a/b,c", "l=<a/b,c>"},
              {"u://f{#l*}", "u://f#a,,b", "no match"},
              {"u://s{?l*}", "u://s?l=a&l=b", "l=<a,b>"},
              {"u://s{?l*,m}", "u://s?l=a&m=1&l=b", "l=<a,b> m=<1>"},
              {"u://s{?l*}", "u://s?l=a,b", "no match"},
              {"u://s{?l*}", "u://s?l=", "no match"},
              {"u://s{;l*}", "u://s;l=a;l=b", "l=<a,b>"}});
}

TEST_CASE("values are decoded once, and handlers get what was meant") {
    checkAll({{"u://{x}", "u://%41%7e", "x=<A~>"},
              {"u://{x}", "u://a%2Fb", "x=<a/b>"},
              {"u://{x}", "u://%2e%2E%2f", "x=<../>"},
              {"u://{x}", "u://..", "x=<..>"},
              {"u://{+x}", "u://../../etc", "x=<../../etc>"},
              {"u://{x}", "u://%2541", "x=<%41>"},
              {"u://{x}", "u://a+b", "x=<a+b>"},
              {"u://{x}", "u://%E6%97%A5", "x=<\xE6\x97\xA5>"},
              {"u://{x}", "u://%00", "no match"},
              {"u://{x}", "u://%FF", "no match"},
              {"u://{x}", "u://%C0%AF", "no match"},
              {"u://{x}", "u://%4", "no match"},
              {"u://{x}", "u://%zz", "no match"},
              {"u://{x}", "u://a b", "no match"},
              {"u://{x}", "u://a\"", "no match"},
              {"u://{x}", "u://\xE6\x97\xA5", "no match"},
              {"u://{x}4{y}", "u://a%41b4c", "x=<aAb> y=<c>"}, // a triplet is not cut
              {"u://{x}4{y}", "u://a%41b", "no match"},
              {"u://s{?q}", "u://s?q=%00", "no match"}});
    CHECK_FALSE(UriTemplate("u://{x}").match(std::string_view("u://a\0", 6)).has_value());
}

TEST_CASE("a template that cannot be used is refused by name when it is made") {
    CHECK_THROWS_WITH(UriTemplate("u://{a}{b}"),
                      "URI template \"u://{a}{b}\": a and b touch: no URI tells where the first ends");
    CHECK_THROWS_AS(UriTemplate("u://{"), std::runtime_error);
    CHECK(UriTemplate("u://{a}").text() == "u://{a}");
}

TEST_CASE("two values around a literal: every short URI is read as trying all the cuts reads it") {
    struct Around {
        const char *text, *literal, *notInFirst, *notInSecond;
    };
    std::string wrong;
    for (const Around& row : std::initializer_list<Around>{{"{a}-{b}", "-", "/?", "/?"},
                                                           {"{a}--{b}", "--", "/?", "/?"},
                                                           {"{+a}/{b}", "/", "", "/?"},
                                                           {"{a}{/b}", "/", "/?", "/?"},
                                                           {"{+a}?{+b}", "?", "?", ""},
                                                           {"{+a}x{+b}", "x", "", ""}}) {
        const UriTemplate uris(row.text);
        const std::string letters = "x-/?";
        for (std::size_t number = 0; number < 4 * 4 * 4 * 4 * 4 * 4; ++number) {
            std::string uri;
            for (std::size_t rest = number; uri.size() < 6; rest /= 4) uri += letters[rest % 4];
            std::vector<std::string> readings;
            const std::string literal = row.literal;
            for (std::size_t at = uri.find(literal); at != std::string::npos; at = uri.find(literal, at + 1)) {
                const std::string a = uri.substr(0, at), b = uri.substr(at + literal.size());
                if (a.empty() || b.empty() || a.find_first_of(row.notInFirst) != std::string::npos) continue;
                if (b.find_first_of(row.notInSecond) == std::string::npos)
                    readings.push_back("a=<" + a + "> b=<" + b + ">");
            }
            const std::string wanted = readings.size() == 1 ? readings[0] : "no match";
            if (told(uris.match(uri)) != wanted) wrong += std::string(row.text) + " and " + uri + "\n";
        }
    }
    CHECK(wrong == "");
}

TEST_CASE("the longest URI is read, a longer one is not") {
    const UriTemplate any("u://{+x}");
    CHECK(any.match("u://" + std::string(UriTemplate::maxUri - 4, 'a')).has_value());
    CHECK_FALSE(any.match("u://" + std::string(UriTemplate::maxUri - 3, 'a')).has_value());
}

TEST_CASE("no URI makes matching slow") {
    std::string text = "{+v0}";
    for (int i = 1; i < 32; ++i) text += "a{+v" + std::to_string(i) + "}";
    const auto fill = [](const std::string& piece) {
        std::string uri;
        while (uri.size() + piece.size() <= UriTemplate::maxUri) uri += piece;
        return uri;
    };
    struct Slow {
        std::string text, uri;
    };
    const auto start = gatehouse::test::threadTime();
    for (const Slow& slow : std::initializer_list<Slow>{{text, fill("a")},
                                                        {text, fill("a").substr(1) + "b"},
                                                        {"{+a}" + std::string(900, 'a') + "{+b}", fill("a")},
                                                        {"{+a}{&l*}", fill("&l=1")},
                                                        {"{+a}{;l*}/{+b}{?q*}", fill(";l=1/")},
                                                        {"{a*}-{b*}-{c*}-{d*}", fill("a-,")},
                                                        {"{/a*}{/b*}{/c*}{/d*}{/e*}", fill("/a")}})
        CHECK_FALSE(UriTemplate(slow.text).match(slow.uri).has_value());
    CHECK(gatehouse::test::threadTime() - start < std::chrono::seconds(5)); // some milliseconds, unless sanitized
}
