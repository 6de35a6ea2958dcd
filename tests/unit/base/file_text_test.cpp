#include "base/file_text.hpp"

#include <catch2/catch.hpp>

#include "support/scratch_folder.hpp"

using namespace gatehouse;

TEST_CASE("a file is read whole, byte for byte") {
    const test::ScratchFolder folder;
    const std::string bytes("a\0\r\n\xff", 5);
    CHECK(fileText(folder.write("bytes", bytes)) == bytes);
    CHECK(fileText(folder.write("empty", "")) == "");
    const std::string large(300'000, 'x');
    CHECK(fileText(folder.write("large", large)) == large);
}

TEST_CASE("what cannot be read is nothing") {
    const test::ScratchFolder folder;
    CHECK_FALSE(fileText(folder.file("absent")).has_value());
    CHECK_FALSE(fileText(folder.path().string()).has_value());
    CHECK_FALSE(fileText("").has_value());
}
