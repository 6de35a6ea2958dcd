#include <catch2/catch.hpp>

#include <openssl/crypto.h>

#include "plugin/library.hpp"
#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

using Equal = std::function<bool(std::string_view, std::string_view)>;

struct Compared : KitBench {
    Compared() : KitBench(Json{{"tokens", "key"}, {"settings", {{"key", "${kit.secret}"}}}}) {
        values["secret"] = issuer.secret();
    }
    Words by(const Equal& isEqual) {
        return faultsOf(checkComparison, [&](HostDeps&, const Json& settings, const auto&) {
            return std::make_unique<ScriptedValidator>(
                Script{[&isEqual, key = settings.at("key").get<std::string>()](const TokenRequest& request) {
                    return keyVerdict(isEqual(request.token, key));
                }});
        });
    }
};

bool endsEarly(std::string_view one, std::string_view other) {
    for (std::size_t i = 0; i < one.size() && i < other.size(); ++i)
        if (one[i] != other[i]) return false;
    return one.size() == other.size();
}
bool takesAsLong(std::string_view one, std::string_view other) {
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

} // namespace

TEST_CASE("a comparison that takes as long whatever is wrong has no fault") {
    Compared at;
    CHECK(at.by(takesAsLong).empty());
    CHECK_THAT(at.said, Catch::Contains("  comparison     of 256 KiB: wrong at the end takes "));
}

TEST_CASE("a comparison that ends at the first letter that is wrong is named") {
    Compared at;
    CHECK(
        at.by(endsEarly) ==
        Words{"comparison: a key that is wrong at its end takes longer than one that is wrong at its beginning: it can "
              "be guessed letter by letter (RFC 6750 section 5.2, CWE-208)"});
}

TEST_CASE("a validator that takes no long key is not measured") {
    Compared at;
    CHECK(
        at.by([](std::string_view one, std::string_view other) { return one == other && one.size() < 1000; }).empty());
    CHECK(at.said == "  comparison     not measured: a key of 256 KiB is not taken\npassed: 0 tokens, 0 faults\n");
    for (const bool isPlugin : {false, true}) {
        const auto refuses = [isPlugin](auto&&...) -> std::unique_ptr<MadeValidator> {
            if (isPlugin) throw PluginError("key: too long");
            throw SettingsError("key: too long");
        };
        CHECK(at.faultsOf(checkComparison, MakeValidator(refuses)).empty());
        CHECK(at.said == "  comparison     not measured: a key of 256 KiB is refused\npassed: 0 tokens, 0 faults\n");
    }
}
