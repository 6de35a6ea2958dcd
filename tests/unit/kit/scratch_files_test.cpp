#include "kit/scratch_files.hpp"

#include <catch2/catch.hpp>

#include "support/kit_tokens.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

TEST_CASE("the issuer's public keys are in files for as long as they are needed") {
    std::string keySet, publicKey;
    {
        const ScratchFiles files;
        files.write(issuerFor("ES256"));
        keySet = files.keySet();
        publicKey = files.publicKey();
        CHECK(Json::parse(readText(keySet)) == issuerFor("ES256").keySet());
        CHECK(readText(publicKey) == issuerFor("ES256").publicPem());
        CHECK(modeOf(std::filesystem::path(keySet).parent_path().string()) == 0700);
    }
    CHECK_FALSE(std::filesystem::exists(keySet));
    CHECK_FALSE(std::filesystem::exists(std::filesystem::path(publicKey).parent_path()));
}

TEST_CASE("no two have a folder in common") {
    const ScratchFiles one, other;
    CHECK(one.keySet() != other.keySet());
}

TEST_CASE("what cannot be written is told") {
    const ScratchFiles files;
    std::filesystem::remove_all(std::filesystem::path(files.keySet()).parent_path());
    CHECK_THROWS_WITH(files.write(issuerFor("ES256")), files.keySet() + " cannot be written");
}
