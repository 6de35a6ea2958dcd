#include <gatehouse/jose/algorithm.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse::jose;

TEST_CASE("each algorithm has its name, its hash and its kind") {
    struct Row {
        Algorithm algorithm;
        const char* name;
        std::size_t hash;
        bool symmetric;
    };
    for (const Row& row : std::initializer_list<Row>{{Algorithm::RS256, "RS256", 32, false},
                                                     {Algorithm::RS384, "RS384", 48, false},
                                                     {Algorithm::RS512, "RS512", 64, false},
                                                     {Algorithm::PS256, "PS256", 32, false},
                                                     {Algorithm::PS384, "PS384", 48, false},
                                                     {Algorithm::PS512, "PS512", 64, false},
                                                     {Algorithm::ES256, "ES256", 32, false},
                                                     {Algorithm::ES384, "ES384", 48, false},
                                                     {Algorithm::ES512, "ES512", 64, false},
                                                     {Algorithm::ES256K, "ES256K", 32, false},
                                                     {Algorithm::EdDSA, "EdDSA", 0, false},
                                                     {Algorithm::HS256, "HS256", 32, true},
                                                     {Algorithm::HS384, "HS384", 48, true},
                                                     {Algorithm::HS512, "HS512", 64, true}}) {
        DYNAMIC_SECTION(row.name) {
            CHECK(name(row.algorithm) == row.name);
            CHECK(algorithmNamed(row.name) == row.algorithm);
            CHECK(hashBytes(row.algorithm) == row.hash);
            CHECK(isSymmetric(row.algorithm) == row.symmetric);
            CHECK(AlgorithmSet::symmetric().contains(row.algorithm) == row.symmetric);
            CHECK(AlgorithmSet::asymmetric().contains(row.algorithm) == !row.symmetric);
        }
    }
}

TEST_CASE("J01 none is no algorithm in any spelling, and names are compared with case") {
    for (const char* odd : {"none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", " RS256", "RS1", "HS1", "RS255",
                            "ES512K", "Ed25519", "dir", "RSA1_5", "A128KW", "RS256,none"})
        CHECK_FALSE(algorithmNamed(odd).has_value());
    CHECK_FALSE(algorithmNamed({"RS256\0", 6}).has_value());
}

TEST_CASE("a set holds what was put into it, and says so in one order") {
    AlgorithmSet set;
    CHECK(set.empty());
    CHECK(set.names().empty());
    set.add(Algorithm::ES256);
    set.add(Algorithm::RS256);
    set.add(Algorithm::ES256);
    CHECK(set == AlgorithmSet{Algorithm::RS256, Algorithm::ES256});
    CHECK(set.names() == "RS256, ES256");
    CHECK_FALSE(set.contains(Algorithm::PS256));
    CHECK_FALSE(set.contains(Algorithm::HS256));
}

TEST_CASE("a set is read from names, and an odd name is told") {
    std::string unknown;
    CHECK(AlgorithmSet::named({"ES256", "RS256", "ES256"}, unknown) ==
          AlgorithmSet{Algorithm::RS256, Algorithm::ES256});
    CHECK(AlgorithmSet::named({}, unknown)->empty());
    CHECK(unknown.empty());
    CHECK_FALSE(AlgorithmSet::named({"RS256", "none", "HS1"}, unknown).has_value());
    CHECK(unknown == "none");
}
