#include <gatehouse/jose/algorithm.hpp>

#include <array>

namespace gatehouse::jose {

namespace {

struct Row {
    std::string_view name;
    std::size_t hashBytes;
};

// In the order of the enumeration.
constexpr std::array<Row, 14> rows{{{"RS256", 32},
                                    {"RS384", 48},
                                    {"RS512", 64},
                                    {"PS256", 32},
                                    {"PS384", 48},
                                    {"PS512", 64},
                                    {"ES256", 32},
                                    {"ES384", 48},
                                    {"ES512", 64},
                                    {"ES256K", 32},
                                    {"EdDSA", 0},
                                    {"HS256", 32},
                                    {"HS384", 48},
                                    {"HS512", 64}}};

const Row& rowOf(Algorithm algorithm) { return rows[static_cast<std::size_t>(algorithm)]; }

} // namespace

std::string_view name(Algorithm algorithm) { return rowOf(algorithm).name; }

std::optional<Algorithm> algorithmNamed(std::string_view name) {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].name == name) return static_cast<Algorithm>(i);
    return std::nullopt;
}

std::size_t hashBytes(Algorithm algorithm) { return rowOf(algorithm).hashBytes; }

bool isSymmetric(Algorithm algorithm) { return algorithm >= Algorithm::HS256; }

AlgorithmSet AlgorithmSet::asymmetric() {
    AlgorithmSet set;
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (!isSymmetric(static_cast<Algorithm>(i))) set.add(static_cast<Algorithm>(i));
    return set;
}

AlgorithmSet AlgorithmSet::symmetric() { return {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512}; }

std::optional<AlgorithmSet> AlgorithmSet::named(const std::vector<std::string>& names, std::string& unknown) {
    AlgorithmSet set;
    for (const std::string& text : names) {
        const auto algorithm = algorithmNamed(text);
        if (!algorithm) return unknown = text, std::nullopt;
        set.add(*algorithm);
    }
    return set;
}

std::string AlgorithmSet::names() const {
    std::string out;
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (contains(static_cast<Algorithm>(i))) out.append(out.empty() ? "" : ", ").append(rows[i].name);
    return out;
}

} // namespace gatehouse::jose
