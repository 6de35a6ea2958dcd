// gatehouse generate-key, and gatehouse jose verify.
#include <istream>
#include <iterator>
#include <ostream>

#include <gatehouse/jose/jws.hpp>

#include "base/file_text.hpp"
#include "base/random.hpp"
#include "cli/command.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* generateHelp = R"(Usage: gatehouse generate-key [--length BYTES]

Prints a new secret of BYTES random bytes (default 32, which makes 43 characters), fit for an API key, a shared secret
or secrets.keys.

)";

constexpr const char* verifyHelp = R"(Usage: gatehouse jose verify --key FILE < JWS

Reads a compact JWS on standard input. Prints "valid" (exit code 0) or "invalid: <reason>" (exit code 1).

)";

constexpr int leastBytes = 16, mostBytes = 1024, usualBytes = 32;

int bytesFrom(const std::string& text) {
    const bool isNumber =
        !text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == std::string::npos;
    const int bytes = isNumber ? std::stoi(text) : 0;
    if (bytes < leastBytes || bytes > mostBytes)
        throw UsageError("--length: expected a number from 16 to 1024, got " + text);
    return bytes;
}

std::string readAll(std::istream& in) { return {std::istreambuf_iterator<char>(in), {}}; }

// Empty when the token is good, else why not.
std::string complaint(const std::string& token, const std::string& keyText) {
    auto keys = jose::KeySet::fromFileText(keyText);
    if (const auto* fault = std::get_if<jose::KeyFault>(&keys)) return "key: " + fault->words;
    const auto& set = std::get<jose::KeySet>(keys);
    const auto parsed = jose::parseJws(token);
    if (const auto* refusal = std::get_if<jose::JwsRefusal>(&parsed)) return refusal->words;
    jose::AlgorithmSet all = jose::AlgorithmSet::asymmetric();
    for (const auto algorithm : {jose::Algorithm::HS256, jose::Algorithm::HS384, jose::Algorithm::HS512})
        all.add(algorithm);
    const auto refusal = jose::verifyJws(std::get<jose::UnverifiedJws>(parsed), set, all);
    if (!refusal) return {};
    return refusal->words + (set.leftOut().empty() ? "" : "; " + set.leftOut().front());
}

} // namespace

int generateKey(const Console& console, const std::vector<std::string>& words) {
    const std::vector<FlagSpec> flags{{"length", "BYTES", "how many (default 32)"}, helpFlag()};
    const Arguments arguments(words, flags);
    if (arguments.has("help")) return console.out << generateHelp << flagHelp(flags), done;
    if (!arguments.words().empty())
        throw UsageError("generate-key takes no further words, got \"" + arguments.words().front() + "\"");
    const int bytes = arguments.has("length") ? bytesFrom(*arguments.value("length")) : usualBytes;
    console.out << randomBase64Url(static_cast<std::size_t>(bytes), false) << "\n";
    return done;
}

int jose(const Console& console, const std::vector<std::string>& words) {
    const std::vector<FlagSpec> flags{{"key", "FILE", "a JWK, a JWK Set, or a public key or certificate in PEM"},
                                      helpFlag()};
    const Arguments arguments(words, flags);
    if (arguments.has("help")) return console.out << verifyHelp << flagHelp(flags), done;
    if (arguments.words() != std::vector<std::string>{"verify"} || !arguments.has("key"))
        throw UsageError("jose: expected verify --key FILE");
    const auto keyText = fileText(*arguments.value("key"));
    if (!keyText) throw UsageError("--key: " + *arguments.value("key") + " cannot be read");
    std::string token = readAll(console.in);
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
    const std::string why = complaint(token, *keyText);
    console.out << (why.empty() ? "valid" : "invalid: " + why) << "\n";
    return why.empty() ? done : failed;
}

} // namespace gatehouse::cli
