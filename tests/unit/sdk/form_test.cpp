#include <gatehouse/form.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a form holds every byte, and nothing of it is mistaken for its own marks") {
    struct Row {
        Form form;
        const char* text;
    };
    for (const Row& row : std::initializer_list<Row>{{{}, ""},
                                                     {{{"a", "b"}}, "a=b"},
                                                     {{{"a", ""}, {"", "b"}}, "a=&=b"},
                                                     {{{"a", "1"}, {"a", "2"}}, "a=1&a=2"},
                                                     {{{"a&b", "c=d+e"}}, "a%26b=c%3Dd%2Be"},
                                                     {{{"s", "a b%20"}}, "s=a%20b%2520"},
                                                     {{{"s", "AZaz09-._~"}}, "s=AZaz09-._~"},
                                                     {{{"s", "\r\n\x7F\xC3\xA4"}}, "s=%0D%0A%7F%C3%A4"},
                                                     {{{"s", std::string(1, '\0')}}, "s=%00"},
                                                     {{{"u", "https://a/b?c#d"}}, "u=https%3A%2F%2Fa%2Fb%3Fc%23d"}}) {
        DYNAMIC_SECTION(row.text) { CHECK(formEncoded(row.form) == row.text); }
    }
}

TEST_CASE("a form is posted, to be answered in JSON") {
    const FetchRequest request = formRequest("https://id.example/introspect", {{"token", "a b"}});
    CHECK(request.url == "https://id.example/introspect");
    CHECK(request.method == "POST");
    CHECK(request.body == "token=a%20b");
    CHECK(request.headers ==
          std::vector<std::pair<std::string, std::string>>{{"Content-Type", "application/x-www-form-urlencoded"},
                                                           {"Accept", "application/json"}});
}
