#include "tokens/gone_tokens.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/time_text.hpp"
#include "tokens/token_yaml.hpp"

namespace gatehouse {

namespace {

std::string scalarOf(const YAML::Node& item, const char* key) {
    const YAML::Node value = item[key];
    return value && value.IsScalar() ? value.Scalar() : "";
}

std::optional<GoneToken> goneFrom(const YAML::Node& item) {
    if (!item.IsMap()) return std::nullopt;
    const auto digest = digestFromHex(scalarOf(item, "sha256"));
    const auto why = whyFrom(scalarOf(item, "reason"));
    const auto goneAt = parseRfc3339(scalarOf(item, "removed_at"));
    if (!digest || !why || !goneAt) return std::nullopt;
    GoneToken token;
    token.digest = *digest;
    token.id = scalarOf(item, "id");
    token.note = scalarOf(item, "note");
    token.expiresAt = parseRfc3339(scalarOf(item, "expires_at")).value_or(never);
    token.why = *why;
    token.goneAt = *goneAt;
    token.because = scalarOf(item, "because");
    if (const YAML::Node rest = item["token"]; rest && rest.IsMap()) token.rest = jsonOf(rest);
    return token;
}

YAML::Node nodeOf(const GoneToken& token) {
    YAML::Node node(YAML::NodeType::Map);
    node["id"] = token.id;
    node["sha256"] = hex(token.digest);
    node["note"] = token.note;
    if (token.expiresAt != never) node["expires_at"] = rfc3339(token.expiresAt);
    node["reason"] = std::string(whyName(token.why));
    if (!token.because.empty()) node["because"] = token.because;
    node["removed_at"] = rfc3339(token.goneAt);
    if (!token.rest.empty()) node["token"] = yamlOf(token.rest);
    return node;
}

void forget(std::vector<GoneToken>& tokens, WallTime now) {
    const auto tooOld = [&](const GoneToken& token) { return token.goneAt + goneTokensKept <= now; };
    tokens.erase(std::remove_if(tokens.begin(), tokens.end(), tooOld), tokens.end());
    std::stable_sort(tokens.begin(), tokens.end(),
                     [](const GoneToken& a, const GoneToken& b) { return a.goneAt < b.goneAt; });
    if (tokens.size() <= maxGoneTokens) return;
    tokens.erase(tokens.begin(), std::prev(tokens.end(), static_cast<std::ptrdiff_t>(maxGoneTokens)));
}

} // namespace

std::vector<GoneToken> goneTokens(const YAML::Node& root, WallTime now) {
    std::vector<GoneToken> tokens;
    const YAML::Node list = root.IsMap() ? root["removed"] : YAML::Node();
    if (!list || !list.IsSequence()) return tokens;
    for (const auto& item : list)
        if (auto token = goneFrom(item)) tokens.push_back(std::move(*token));
    forget(tokens, now);
    return tokens;
}

void keepGoneTokens(YAML::Node& root, std::vector<GoneToken> more, WallTime now) {
    std::vector<GoneToken> tokens = goneTokens(root, now);
    std::move(more.begin(), more.end(), std::back_inserter(tokens));
    forget(tokens, now);
    YAML::Node list(YAML::NodeType::Sequence);
    for (const GoneToken& token : tokens) list.push_back(nodeOf(token));
    if (tokens.empty()) root.remove("removed");
    else root["removed"] = list;
}

} // namespace gatehouse
