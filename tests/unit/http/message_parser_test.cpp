#include "http/message_parser.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "support/forked.hpp"

using namespace gatehouse;
using namespace gatehouse::http;

namespace {

struct Decoded {
    std::string body;
    std::size_t consumed = 0;
    bool done = false;
    Refusal refusal;
};

// As a connection does it: what was not consumed is offered again with what comes next.
Decoded decode(const std::string& text, std::size_t pieceSize, const Limits& limits = {}) {
    ChunkedBody chunks(limits);
    Decoded out;
    std::string waiting;
    for (std::size_t at = 0; at < text.size() && !out.done && !out.refusal; at += pieceSize) {
        waiting += text.substr(at, pieceSize);
        const auto step = chunks.parse(waiting, out.body);
        waiting.erase(0, step.consumed);
        out.consumed += step.consumed;
        out.done = step.done;
        out.refusal = step.refusal;
    }
    return out;
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    while (times-- > 0) out += text;
    return out;
}

} // namespace

TEST_CASE("bytes of a head are judged before it is whole") {
    struct Row {
        const char* what;
        std::string bytes;
        const char* reason; // null: let in
    };
    for (const Row& row :
         std::initializer_list<Row>{{"whole lines", "GET / HTTP/1.1\r\nHost: a\r\n", nullptr},
                                    {"half a line", "GET / HT", nullptr},
                                    {"a CR at the end waits for its LF", "GET / HTTP/1.1\r", nullptr},
                                    {"a tab in a value", "A: b\tc\r\n", nullptr},
                                    {"bytes beyond ASCII in a value", "A: \xC3\xA4\xFF\r\n", nullptr},
                                    {"a bare LF", "GET / HTTP/1.1\nHost: a\r\n", "line not ended by CR LF"},
                                    {"an LF as the first byte", "\nGET", "line not ended by CR LF"},
                                    {"a bare CR", "A: b\rc\r\n", "line not ended by CR LF"},
                                    {"two CRs before the LF", "A: b\r\r\n", "line not ended by CR LF"},
                                    {"a bare CR and a bare LF", "A: b\rc\nD: e\r\n", "line not ended by CR LF"},
                                    {"a NUL", std::string("A: b\0c\r\n", 8), "control character in the head"},
                                    {"a backspace", "A: b\x08\r\n", "control character in the head"},
                                    {"a vertical tab", "A: b\x0b\r\n", "control character in the head"},
                                    {"an escape", "A: \x1b[2J\r\n", "control character in the head"},
                                    {"a delete", "A: b\x7f\r\n", "control character in the head"},
                                    {"a line folded by a space", "A: b\r\n c\r\n", "folded header line"},
                                    {"a line folded by a tab", "A: b\r\n\tc\r\n", "folded header line"}}) {
        DYNAMIC_SECTION(row.what) {
            const Refusal refusal = checkHeadBytes(row.bytes, 0);
            CHECK(bool(refusal) == (row.reason != nullptr));
            if (row.reason) CHECK(std::string(refusal.reason) == row.reason);
            if (row.reason) CHECK(refusal.status == 400);
        }
    }
}

TEST_CASE("a later look judges the bytes that came since, with the ones before them in view") {
    const std::string folded = "A: b\r\n c";
    CHECK_FALSE(checkHeadBytes(std::string_view(folded).substr(0, 6), 0));
    CHECK(checkHeadBytes(folded, 6).status == 400);
    const std::string split = "A: b\r\n";
    CHECK_FALSE(checkHeadBytes(split, 4));
    CHECK(checkHeadBytes("A: \x01 b", 3).status == 400);
    CHECK_FALSE(checkHeadBytes("\x01 b", 1));
}

TEST_CASE("a head ends behind its empty line, in whatever pieces it came") {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    CHECK(endOfHead(head, 0) == head.size());
    CHECK(endOfHead(head + "\r\n\r\n", 0) == head.size());
    for (std::size_t size = 0; size < head.size(); ++size) {
        CHECK(endOfHead(std::string_view(head).substr(0, size), 0) == std::string_view::npos);
        CHECK(endOfHead(head, size > 3 ? size - 3 : 0) == head.size());
    }
    for (const char* none : {"\n\r\n", "a\n\r\n", "a\r\n\n", "a\r\n\rb", "\n", ""})
        CHECK(endOfHead(none, 0) == std::string_view::npos);
}

TEST_CASE("no byte that makes a head suspect is overlooked, wherever it stands") {
    const std::string well = "GET / HTTP/1.1\r\nHost: a\r\n" + repeated("X-Pad: 0123456789\r\n", 8);
    REQUIRE_FALSE(checkHeadBytes(well, 0));
    for (std::size_t at = 0; at < well.size(); ++at)
        for (int byte = 0; byte < 256; ++byte) {
            std::string bytes = well;
            bytes[at] = static_cast<char>(byte);
            const bool isControl = (byte < 0x20 && byte != '\t') || byte == 0x7F;
            const bool isLine = bytes[at] == well[at];
            const bool wasLine = well[at] == '\r' || well[at] == '\n';
            const bool foldsOne = at > 0 && well[at - 1] == '\n' && (byte == ' ' || byte == '\t');
            const bool isBad = !isLine && (isControl || wasLine || foldsOne);
            if (bool(checkHeadBytes(bytes, 0)) != isBad) FAIL("byte " << byte << " at " << at);
        }
}

TEST_CASE("a head is read into views of its bytes") {
    const std::string text = "POST /mcp HTTP/1.1\r\nHost: a\r\nX-Pad: \t two words \t \r\nX-Empty:\r\n\r\n";
    RequestHead head;
    REQUIRE_FALSE(readHead(text, Limits{}, head));
    REQUIRE(head.fields.size() == 3);
    CHECK(head.fields[0].name == "Host");
    CHECK(head.fields[1].value == "two words");
    CHECK(head.fields[2].value.empty());
    CHECK(head.fields[1].value.data() >= text.data());
    CHECK(head.fields[1].value.data() < text.data() + text.size());
    CHECK(head.http11);
}

TEST_CASE("fields keep their order and their doubles") {
    RequestHead head;
    REQUIRE_FALSE(readHead("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\nx: 3\r\n\r\n", Limits{}, head));
    REQUIRE(head.fields.size() == 4);
    CHECK(head.fields[3].name == "x");
    CHECK(head.fields[3].value == "3");
    CHECK(head.fields.count("X") == 2);
}

TEST_CASE("more fields than the limit are refused, as many are let in") {
    Limits limits;
    limits.fields = 5;
    const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\n";
    RequestHead head;
    CHECK_FALSE(readHead(begin + repeated("X: y\r\n", 4) + "\r\n", limits, head));
    RequestHead other;
    CHECK(readHead(begin + repeated("X: y\r\n", 5) + "\r\n", limits, other).status == 431);
}

TEST_CASE("a chunked body is decoded, however it is cut") {
    const std::string text = "5\r\nhello\r\n1;name=value\r\n \r\nA\r\n0123456789\r\n00\r\n\r\n";
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 1000u}) {
        DYNAMIC_SECTION("pieces of " << piece) {
            const Decoded got = decode(text, piece);
            CHECK(got.done);
            CHECK_FALSE(got.refusal);
            CHECK(got.body == "hello 0123456789");
            CHECK(got.consumed == text.size());
        }
    }
}

TEST_CASE("what follows a chunked body is left alone") {
    const std::string body = "1\r\nx\r\n0\r\n\r\n";
    const Decoded got = decode(body + "GET / HTTP/1.1\r\n", 1000);
    CHECK(got.done);
    CHECK(got.body == "x");
    CHECK(got.consumed == body.size());
}

TEST_CASE("trailer fields are read and thrown away") {
    const Decoded got = decode("1\r\nx\r\n0\r\nAuthorization: Bearer evil\r\nX: y\r\n\r\n", 5);
    CHECK(got.done);
    CHECK(got.body == "x");
}

// Beast asserts that at least five bytes of a last chunk are there once it has seen its line.
TEST_CASE("a chunked body of nothing but the last chunk is decoded, however it is cut") {
    for (const std::string& text : {std::string("0\r\n\r\n"), std::string("0\r\nX: y\r\n\r\n")}) {
        for (const std::size_t piece : {1u, 2u, 3u, 4u, 100u}) {
            DYNAMIC_SECTION(text.size() << " bytes in pieces of " << piece) {
                REQUIRE(test::survives([&] { decode(text, piece); }));
                const Decoded got = decode(text, piece);
                CHECK(got.done);
                CHECK(got.body.empty());
                CHECK(got.consumed == text.size());
            }
        }
    }
}

TEST_CASE("chunks that are written wrongly are refused") {
    struct Row {
        const char* what;
        std::string text;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"no size", "\r\nhello\r\n0\r\n\r\n"},
             {"a size that is no number", "g\r\nhello\r\n0\r\n\r\n"},
             {"a size with a sign", "+5\r\nhello\r\n0\r\n\r\n"},
             {"a negative size", "-5\r\nhello\r\n0\r\n\r\n"},
             {"a size written 0x5", "0x5\r\nhello\r\n0\r\n\r\n"},
             {"white space before the size", " 5\r\nhello\r\n0\r\n\r\n"},
             {"a size beyond 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"},
             {"a size line ended by LF alone", "5\nhello\r\n0\r\n\r\n"},
             {"a size line ended by CR alone", "5\rhello\r\n0\r\n\r\n"},
             {"an LF alone in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"},
             {"a control character in an extension", "5;a=\x01\r\nhello\r\n0\r\n\r\n"},
             {"data longer than its size", "5\r\nhello!\r\n0\r\n\r\n"},
             {"data shorter than its size", "5\r\nhell\r\n0\r\n\r\n"},
             {"data ended by LF alone", "5\r\nhello\n0\r\n\r\n"},
             {"a trailer line without colon", "1\r\nx\r\n0\r\nnonsense\r\n\r\n"},
             {"a trailer with a space before its colon", "1\r\nx\r\n0\r\nX : y\r\n\r\n"},
             {"a trailer line ended by LF alone", "1\r\nx\r\n0\r\nX: y\nY: z\r\n\r\n"},
             {"an extension of 300 characters", "5;" + std::string(300, 'a') + "\r\nhello\r\n0\r\n\r\n"}}) {
        for (const std::size_t piece : {1u, 4096u}) {
            DYNAMIC_SECTION(row.what << ", in pieces of " << piece) {
                const Decoded got = decode(row.text, piece);
                CHECK(got.refusal.status >= 400);
                CHECK_FALSE(got.done);
            }
        }
    }
}

TEST_CASE("lines of a chunked body that do not end are refused") {
    struct Row {
        const char* what;
        std::string text;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"a size of zeros", std::string(20'000, '0')},
                                    {"an extension", "5;" + std::string(20'000, 'a')},
                                    {"a trailer line", "0\r\nX: " + std::string(20'000, 'a')},
                                    {"trailer after trailer", "0\r\n" + repeated("X: yyyyyyyyyyyyyy\r\n", 2'000)}}) {
        for (const std::size_t piece : {100u, 65'536u}) {
            DYNAMIC_SECTION(row.what << ", in pieces of " << piece) {
                const Decoded got = decode(row.text, piece);
                CHECK(got.refusal.status == 400);
            }
        }
    }
}

TEST_CASE("a chunked body may be as large as the limit and no larger, while it arrives") {
    Limits limits;
    limits.bodyBytes = 10;
    struct Row {
        const char* what;
        std::string text;
        bool tooLarge;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"exactly the limit in one chunk", "a\r\n0123456789\r\n0\r\n\r\n", false},
                                    {"exactly the limit in two chunks", "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", false},
                                    {"one more in one chunk: refused at its size line", "b\r\n", true},
                                    {"one more in the second chunk", "5\r\n01234\r\n6\r\n", true},
                                    {"the largest size there is", "ffffffffffffffff\r\n", true}}) {
        DYNAMIC_SECTION(row.what) {
            const Decoded got = decode(row.text, 3, limits);
            CHECK(got.refusal.status == (row.tooLarge ? 413 : 0));
            CHECK(got.done == !row.tooLarge);
            CHECK(got.body.size() <= limits.bodyBytes);
        }
    }
}
