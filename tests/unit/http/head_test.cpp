#include "http/head.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse::http;

TEST_CASE("clear leaves nothing of the request before") {
    RequestHead head;
    head.method = head.target = head.path = head.query = "x";
    head.fields = {{"a", "b"}};
    head.http11 = head.keepAlive = false;
    head.chunked = head.expectsContinue = true;
    head.contentLength = 7;
    head.clear();
    CHECK((head.method.empty() && head.target.empty() && head.path.empty() && head.query.empty()));
    CHECK(head.fields.empty());
    CHECK((head.http11 && head.keepAlive));
    CHECK_FALSE((head.chunked || head.expectsContinue || head.hasBody()));
}

TEST_CASE("when the buffer moves, every view moves with it") {
    std::string before = "GET /a?b HTTP/1.1 Name Value";
    const std::string_view text = before;
    RequestHead head;
    head.method = text.substr(0, 3);
    head.target = text.substr(4, 4);
    head.path = text.substr(4, 2);
    head.query = text.substr(7, 1);
    head.fields = {{text.substr(18, 4), text.substr(23)}};
    const std::string after = before;
    head.rebase(before.data(), after.data());
    before.assign(before.size(), '#');
    CHECK(head.method == "GET");
    CHECK(head.target == "/a?b");
    CHECK(head.path == "/a");
    CHECK(head.query == "b");
    CHECK(head.fields[0].name == "Name");
    CHECK(head.fields[0].value == "Value");
}

TEST_CASE("a view of nothing stays a view of nothing when the buffer moves") {
    const std::string from = "abc", to = "abc";
    RequestHead head;
    head.rebase(from.data(), to.data());
    CHECK(head.query.data() == nullptr);
}
