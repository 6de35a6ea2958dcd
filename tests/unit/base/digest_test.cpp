#include "base/digest.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <thread>
#include <vector>

using namespace gatehouse;

TEST_CASE("SHA-256 is that of FIPS 180-4") {
    struct Row {
        const char* what;
        std::string text;
        const char* digest;
    };
    for (const Row& row :
         std::vector<Row>{{"of nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                          {"of one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                          {"of two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
                          {"of a million letters", std::string(1'000'000, 'a'),
                           "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
                          {"of a text with NUL in it", std::string("a\0b", 3),
                           "59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(hex(sha256(row.text)) == row.digest); }
    }
}

TEST_CASE("threads that hash at once do not disturb each other") {
    const std::string wanted = hex(sha256("shared"));
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (int& count : wrong)
        threads.emplace_back([&wanted, &count] {
            for (int i = 0; i < 2000; ++i) count += hex(sha256("shared")) == wanted ? 0 : 1;
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("a digest is read from exactly 64 hexadecimal digits") {
    const std::string good(64, 'a');
    struct Row {
        const char* what;
        std::string text;
        bool read;
    };
    for (const Row& row : std::vector<Row>{{"lower case", good, true},
                                           {"upper case", std::string(64, 'F'), true},
                                           {"both cases", std::string(32, 'a') + std::string(32, 'A'), true},
                                           {"nothing", "", false},
                                           {"one digit less", good.substr(1), false},
                                           {"one digit more", good + "0", false},
                                           {"a letter that is no digit", good.substr(1) + "g", false},
                                           {"a blank at the front", " " + good.substr(1), false},
                                           {"a NUL in it", good.substr(1) + std::string(1, '\0'), false},
                                           {"a prefix as of a number", "0x" + good.substr(2), false}}) {
        DYNAMIC_SECTION(row.what) { CHECK(digestFromHex(row.text).has_value() == row.read); }
    }
}

TEST_CASE("reading what was printed gives the same digest") {
    const Sha256 digest = sha256("there and back");
    const auto read = digestFromHex(hex(digest));
    REQUIRE(read.has_value());
    CHECK(*read == digest);
    CHECK(hex(*digestFromHex(std::string(64, 'A'))) == std::string(64, 'a'));
}

TEST_CASE("the constant-time comparison sees a difference in any byte") {
    const Sha256 digest = sha256("compare");
    CHECK(equalInConstantTime(digest, sha256("compare")));
    for (std::size_t i = 0; i < digest.size(); ++i) {
        Sha256 other = digest;
        other[i] ^= 0x80;
        INFO("byte " << i);
        CHECK_FALSE(equalInConstantTime(digest, other));
    }
}

TEST_CASE("the map hash spreads digests") {
    std::set<std::size_t> hashes;
    for (int i = 0; i < 1000; ++i) hashes.insert(DigestHash()(sha256(std::to_string(i))));
    CHECK(hashes.size() == 1000);
    CHECK(DigestHash()(sha256("same")) == DigestHash()(sha256("same")));
}
