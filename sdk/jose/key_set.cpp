#include <gatehouse/jose/key_set.hpp>

#include <algorithm>

#include <gatehouse/jose/strict_json.hpp>

#include "key_material.hpp"

namespace gatehouse::jose {

namespace {

std::string nameOf(const Json& jwk, std::size_t index) {
    std::string out = "key " + std::to_string(index + 1);
    const auto id = jwk.is_object() ? jwk.find("kid") : jwk.end();
    if (jwk.is_object() && id != jwk.end() && id->is_string())
        out += " (kid " + shownKeyId(id->get<std::string>()) + ")";
    return out;
}

// Why a published set may not hold this key; null when it may.
const char* unpublishable(const Key& key) {
    if (key.isSymmetric()) return "a secret, which a published set must not hold";
    if (key.isPrivate()) return "a private key, which a published set must not hold";
    return nullptr;
}

bool isMixed(const std::vector<Key>& keys) {
    const auto symmetric = std::count_if(keys.begin(), keys.end(), [](const Key& key) { return key.isSymmetric(); });
    return symmetric > 0 && symmetric < static_cast<std::ptrdiff_t>(keys.size());
}

} // namespace

std::variant<KeySet, KeyFault> KeySet::fromJson(std::string_view text, Origin origin) {
    const auto json = strictJsonObject(text);
    if (!json) return KeyFault{"no JSON object, or it has duplicate members"};
    const auto listed = json->find("keys");
    const Json list = listed == json->end() ? Json::array({*json}) : *listed;
    if (!list.is_array()) return KeyFault{"\"keys\" is no array"};
    if (list.size() > maxKeys) return KeyFault{"more than " + std::to_string(maxKeys) + " keys"};
    KeySet set;
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto read = Key::fromJwk(list[i]);
        auto* key = std::get_if<Key>(&read);
        const char* unfit = key && origin == Origin::published ? unpublishable(*key) : nullptr;
        if (key && !unfit) set.keys_.push_back(std::move(*key));
        else set.leftOut_.push_back(nameOf(list[i], i) + ": " + (unfit ? unfit : std::get<KeyFault>(read).words));
    }
    if (origin == Origin::own && isMixed(set.keys_)) return KeyFault{"secrets and public keys in one set"};
    return set;
}

std::variant<KeySet, KeyFault> KeySet::fromFileText(std::string_view text) {
    if (text.find("-----BEGIN ") == std::string_view::npos) return fromJson(text, Origin::own);
    auto key = Key::fromPem(text);
    if (auto* fault = std::get_if<KeyFault>(&key)) return std::move(*fault);
    return of({std::get<Key>(std::move(key))});
}

KeySet KeySet::of(std::vector<Key> keys) {
    KeySet set;
    set.keys_ = std::move(keys);
    return set;
}

std::variant<KeySet, KeyFault> KeySet::fromFetched(const FetchResult& fetched) {
    const auto* answer = std::get_if<FetchAnswer>(&fetched);
    if (!answer) return KeyFault{std::get<FetchFault>(fetched).words};
    if (answer->status != 200) return KeyFault{"the answer is HTTP " + std::to_string(answer->status)};
    auto set = fromJson(answer->body, Origin::published);
    const auto* read = std::get_if<KeySet>(&set);
    if (!read || !read->keys_.empty()) return set;
    return KeyFault{"no key in it can be used" + (read->leftOut_.empty() ? "" : ": " + read->leftOut_.front())};
}

bool KeySet::has(std::string_view id) const {
    if (id.empty() || (keys_.size() == 1 && keys_.front().id().empty())) return !keys_.empty();
    return std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) { return key.id() == id; });
}

std::vector<const Key*> KeySet::candidates(std::string_view id, Algorithm algorithm) const {
    std::vector<const Key*> out;
    for (const Key& key : keys_) {
        const bool named = id.empty() || key.id() == id || (key.id().empty() && keys_.size() == 1);
        if (named && key.algorithms().contains(algorithm)) out.push_back(&key);
    }
    return out;
}

} // namespace gatehouse::jose
