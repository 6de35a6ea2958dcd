#include "base/secret_text.hpp"

#include <array>
#include <new>
#include <string>
#include <type_traits>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a secret is shown to who asks for it, whole") {
    const std::string text("a\0secret", 8);
    CHECK(SecretText(text).reveal() == text);
    CHECK(SecretText("").reveal().empty());
}

TEST_CASE("a secret cannot be copied, compared or turned into a text by accident") {
    CHECK_FALSE(std::is_copy_constructible_v<SecretText>);
    CHECK_FALSE(std::is_copy_assignable_v<SecretText>);
    CHECK_FALSE(std::is_move_constructible_v<SecretText>);
    CHECK_FALSE(std::is_convertible_v<SecretText, std::string>);
    CHECK_FALSE(std::is_convertible_v<std::string, SecretText>);
    CHECK_FALSE(std::is_convertible_v<SecretText, std::string_view>);
}

TEST_CASE("the bytes of a secret are wiped when it goes") {
    // Short enough to stand within the object itself, whose storage is ours and stays.
    alignas(SecretText) std::array<unsigned char, sizeof(SecretText)> storage{};
    auto* secret = new (storage.data()) SecretText("tiny-secret");
    const std::string before(reinterpret_cast<const char*>(storage.data()), storage.size());
    REQUIRE(before.find("tiny-secret") != std::string::npos);
    secret->~SecretText();
    const volatile unsigned char* left = storage.data();
    std::string after;
    for (std::size_t i = 0; i < storage.size(); ++i) after += static_cast<char>(left[i]);
    CHECK(after.find("iny") == std::string::npos);
    CHECK(after.find("secret") == std::string::npos);
}
