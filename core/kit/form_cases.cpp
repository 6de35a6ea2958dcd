// Texts that are no token, or nearly one.
#include <algorithm>

#include <gatehouse/base64.hpp>

#include "kit/token_class.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::size_t large = 1 << 20;

std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

void wrongParts(ClassMaker& make, const std::string& good) {
    const std::size_t first = good.find('.'), last = good.rfind('.');
    const std::string header = good.substr(0, first), payload = good.substr(first + 1, last - first - 1);
    const std::string signature = good.substr(last + 1);
    for (const std::string& text :
         {header + "." + payload, header, good + ".", good + "." + signature, "." + good,
          "." + payload + "." + signature, header + ".." + signature, header + "..", ".." + signature,
          good + "." + payload + "." + signature, payload + "." + header + "." + signature})
        make.refuse("a text with too many or too few parts", text);
    make.refuse("a token as JSON (RFC 7515 section 7.2.2)",
                Json{{"protected", header}, {"payload", payload}, {"signature", signature}}.dump());
}

// Other spellings of the same bytes: a token has one only.
void respelled(ClassMaker& make, const std::string& good) {
    const std::size_t first = good.find('.'), last = good.rfind('.');
    for (const char* letter : {"=", "==", " ", "\n", "\r\n", "\t", "%3D", "+", "/", "\xc2\xa0"}) {
        for (const std::size_t at : {std::size_t{0}, first, first + 1, last, last + 1, good.size()}) {
            std::string other = good;
            other.insert(at, letter);
            make.refuse("a token with a letter in it that base64url has not", other);
        }
    }
    std::string standard = good;
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    if (standard != good) make.refuse("a token in the alphabet of base64", standard);
    for (const std::string& text : {good + std::string(1, '\0'), std::string(1, '\0') + good,
                                    good.substr(0, last) + std::string(1, '\0') + good.substr(last)})
        make.refuse("a token with a NUL in it", text);
}

void wrongPayloads(ClassMaker& make) {
    const KitIssuer& issuer = make.issuer();
    const std::string& algorithm = issuer.firstAlgorithm();
    const std::string header = issuer.header(algorithm).dump(), claims = issuer.claims().dump();
    const auto refuse = [&](const char* what, const std::string& payload) {
        make.refuse(what, issuer.signText(header, payload, algorithm));
    };
    for (const char* text : {"", "[]", "null", "1", "\"a\"", "{", "}", "{\"a\"}", "{'a':1}", "\xff\xfe"})
        refuse("a signed token whose payload is no JSON object", text);
    refuse("a signed token with more after its payload", claims + "{}");
    refuse("a signed token whose payload is not UTF-8", "{\"x\":\"\xff\"," + claims.substr(1));
    refuse("a signed token with exp twice", "{\"exp\":1," + claims.substr(1));
    refuse("a signed token nested 3,000 deep",
           "{\"x\":" + repeated("[", 3000) + repeated("]", 3000) + "," + claims.substr(1));
    make.refuse("a token whose header is nested 3,000 deep",
                issuer.signText(R"({"x":)" + repeated("[", 3000) + repeated("]", 3000) + "," + header.substr(1), claims,
                                algorithm));
}

} // namespace

TokenClass strangeTexts() {
    TokenClass made{"strange", "RFC 6750 section 2.1", {}};
    const auto refuse = [&](const char* what, std::string text) {
        made.cases.push_back({what, std::move(text), Wanted::refused, {}});
    };
    for (const char* text : {"",
                             ".",
                             "..",
                             "...",
                             "....",
                             " ",
                             "null",
                             "undefined",
                             "Bearer",
                             "a",
                             "a.b",
                             "a.b.c",
                             "a.b.c.d.e",
                             "{}",
                             "[]",
                             "%00",
                             "\xff\xfe",
                             "' OR '1'='1",
                             "${jndi:ldap://127.0.0.1/a}",
                             "../../etc/passwd",
                             "\u200b",
                             "admin",
                             "0",
                             "true"})
        refuse("a strange text", text);
    for (const char letter : {'a', '.', '{', '\0', '\xff', ' ', '='})
        refuse("1 MB of one letter", std::string(large, letter));
    refuse("1 MB of what looks like a token", repeated("eyJhbGciOiJSUzI1NiJ9.", large / 21));
    refuse("16 KB of dots", std::string(16 << 10, '.'));
    return made;
}

TokenClass wrongForms(const KitIssuer& issuer) {
    ClassMaker make(issuer, "form", "RFC 7515 section 7.1, RFC 7519 section 7.2");
    const std::string good = issuer.goodToken();
    wrongParts(make, good);
    respelled(make, good);
    wrongPayloads(make);
    const std::string header = base64Url(issuer.header(issuer.firstAlgorithm()).dump());
    make.refuse("a token with a payload of 1 MB", header + "." + std::string(large, 'A') + ".AAAA");
    make.refuse("a token with a signature of 1 MB", good + std::string(large, 'A'));
    make.refuse("an encrypted token (JWE)", base64Url(R"({"alg":"dir","enc":"A256GCM"})") + "..AAAA.AAAA.AAAA");
    make.refuse("a token with its scheme before it", "Bearer " + good);
    return make.done();
}

TokenClass wrongKeys(const std::string& key) {
    TokenClass made{"key", "RFC 6750 section 5.2", {}};
    const auto refuse = [&](const char* what, std::string text) {
        made.cases.push_back({what, std::move(text), Wanted::refused, {}});
    };
    for (std::size_t cut = 1; cut < key.size(); cut += 5) {
        refuse("the beginning of the right text", key.substr(0, key.size() - cut));
        refuse("the end of the right text", key.substr(cut));
    }
    for (const char* more : {"a", " ", "\n", "=", "."}) {
        refuse("the right text and more", key + more);
        refuse("more and the right text", more + key);
    }
    refuse("the right text and a NUL", key + std::string(1, '\0'));
    refuse("the right text twice", key + key);
    for (std::size_t at = 0; at < key.size(); at += 3) {
        std::string other = key;
        other[at] = other[at] == 'x' ? 'y' : 'x';
        refuse("the right text with one letter changed", other);
    }
    std::string upper = key;
    for (char& letter : upper)
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    if (upper != key) refuse("the right text in capitals", upper);
    return made;
}

} // namespace gatehouse::kit
