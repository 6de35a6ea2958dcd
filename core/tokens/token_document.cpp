#include "tokens/token_document.hpp"

#include <algorithm>

#include <gatehouse/settings.hpp>

#include "base/time_text.hpp"
#include "tokens/gone_tokens.hpp"
#include "tokens/token_fields.hpp"
#include "tokens/token_yaml.hpp"

namespace gatehouse {

namespace {

[[noreturn]] void complain(const std::string& file, int line, const std::string& what) {
    throw TokenStoreError(file + ":" + std::to_string(line) + ": " + what);
}

int lineOf(const YAML::Node& node) { return std::max(node.Mark().line, 0) + 1; }

// The line of a key of `map`; an empty value has none of its own.
int lineOfKey(const YAML::Node& map, const std::string& key) {
    for (const auto& pair : map)
        if (pair.first.Scalar() == key) return lineOf(pair.first);
    return lineOf(map);
}

// The text of a field; empty when it is absent or null.
std::string textOf(const std::string& file, const YAML::Node& token, const char* key) {
    const YAML::Node value = token[key];
    if (!value || value.IsNull()) return "";
    if (!value.IsScalar()) complain(file, lineOf(value), std::string(key) + ": expected a string");
    return value.Scalar();
}

WallTime timeOf(const std::string& file, const YAML::Node& token, const char* key, WallTime absent) {
    const std::string text = textOf(file, token, key);
    if (text.empty() || text == "never" || text == "Never") return absent;
    const auto time = parseRfc3339(text);
    if (!time)
        complain(file, lineOf(token[key]),
                 std::string(key) + ": expected a time such as 2025-10-30T10:15:30Z, got \"" + text + "\"");
    return *time;
}

// The line of the field that a message of Settings begins with.
int lineOfFault(const YAML::Node& token, const std::string& words) {
    return lineOfKey(token, words.substr(0, words.find_first_of(".:[")));
}

bool isOwnField(const std::string& name) {
    static const std::unordered_set<std::string> names(fieldNames().begin(), fieldNames().end());
    return names.count(name) != 0;
}

void readOwnFields(const std::string& file, const YAML::Node& token, TokenEntry& entry) {
    Json fields = Json::object();
    for (const auto& field : token)
        if (const std::string& name = field.first.Scalar(); isOwnField(name)) fields[name] = jsonOf(field.second);
    if (fields.empty()) return;
    try {
        readFields(fields, entry);
    } catch (const SettingsError& fault) {
        complain(file, lineOfFault(token, fault.what()), fault.what());
    }
}

TokenEntry entryOf(const std::string& file, const YAML::Node& token, std::string id, const char* hashKey) {
    if (!token.IsMap())
        complain(file, lineOf(token), "a token must be a map with id, hash, note, created_at, expires_at");
    TokenEntry entry;
    entry.record.id = id.empty() ? textOf(file, token, "id") : std::move(id);
    if (entry.record.id.empty()) complain(file, lineOf(token), "id: missing");
    const auto digest = digestFromHex(textOf(file, token, hashKey));
    if (!digest)
        complain(file, lineOf(token[hashKey] ? token[hashKey] : token),
                 std::string(hashKey) + ": expected the SHA-256 of the token as 64 hex digits");
    entry.digest = *digest;
    entry.record.note = textOf(file, token, "note");
    if (entry.record.note.empty()) entry.record.note = textOf(file, token, "annotation");
    entry.record.database = textOf(file, token, "database");
    entry.record.createdAt = timeOf(file, token, "created_at", WallTime{});
    entry.record.expiresAt = timeOf(file, token, "expires_at", never);
    readOwnFields(file, token, entry);
    return entry;
}

// Collects entries and refuses what would make one token mean two things.
class Collector {
public:
    explicit Collector(const std::string& file) : file_(file) {}
    void add(const YAML::Node& token, const YAML::Node& at, std::string id, const char* hashKey) {
        if (entries_.size() >= maxFileTokens)
            complain(file_, lineOf(at),
                     "more than " + std::to_string(maxFileTokens) +
                         " tokens: a file holds no more; a SQLite or PostgreSQL store does (auth.tokens.store)");
        TokenEntry entry = entryOf(file_, token, std::move(id), hashKey);
        if (!ids_.insert(entry.record.id).second) complain(file_, lineOf(at), "id: duplicate id " + entry.record.id);
        if (!digests_.insert(entry.digest).second) complain(file_, lineOf(at), "hash: duplicate token");
        if (entry.previous && !digests_.insert(entry.previous->digest).second)
            complain(file_, lineOf(at), "previous: duplicate token");
        entries_.push_back(std::move(entry));
    }
    std::vector<TokenEntry> release() { return std::move(entries_); }

private:
    const std::string& file_;
    std::vector<TokenEntry> entries_;
    std::unordered_set<std::string> ids_;
    std::unordered_set<Sha256, DigestHash> digests_;
};

std::vector<TokenEntry> entriesOf(const std::string& file, const YAML::Node& root) {
    const YAML::Node tokens = root.IsMap() ? root["tokens"] : YAML::Node();
    if (!root.IsMap() || !tokens) complain(file, lineOf(root), "expected \"tokens:\" with a list or a map of tokens");
    Collector collector(file);
    if (tokens.IsSequence())
        for (const auto& token : tokens) collector.add(token, token, "", "hash");
    else if (tokens.IsMap())
        for (const auto& pair : tokens) collector.add(pair.second, pair.first, pair.first.Scalar(), "hash");
    else complain(file, lineOfKey(root, "tokens"), "tokens: expected a list or a map (\"tokens: []\" for none)");
    const YAML::Node held = root["held"];
    if (held && !held.IsSequence() && !held.IsNull()) complain(file, lineOf(held), "held: expected a list");
    if (held)
        for (const auto& token : held) collector.add(token, token, "", "sha256");
    return collector.release();
}

YAML::Node parsed(const std::string& text, const std::string& file) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        complain(file, 1, "the file is empty; \"tokens: []\" is the empty set");
    try {
        return loadYaml(text);
    } catch (const YAML::Exception& fault) {
        complain(file, std::max(fault.mark.line, 0) + 1, fault.msg);
    }
}

YAML::Node nodeOf(const TokenEntry& entry) {
    YAML::Node node(YAML::NodeType::Map);
    node["note"] = entry.record.note;
    node["created_at"] = rfc3339(entry.record.createdAt);
    if (entry.record.expiresAt == never) node["expires_at"] = YAML::Node();
    else node["expires_at"] = rfc3339(entry.record.expiresAt);
    if (!entry.record.database.empty()) node["database"] = entry.record.database;
    const Json fields = fieldsOf(entry);
    for (const auto& field : fields.items()) node[field.key()] = yamlOf(field.value());
    return node;
}

bool isOurs(const std::string& name) { return name == "database" || isOwnField(name); }

// Our own fields anew, in the order that was; the others stay.
YAML::Node rewritten(const YAML::Node& token, const TokenEntry& entry) {
    const YAML::Node fresh = nodeOf(entry);
    const bool isAnnotated = !token["note"] && token["annotation"];
    YAML::Node out(YAML::NodeType::Map);
    for (const auto& field : token) {
        const std::string& name = field.first.Scalar();
        const std::string key = name == "annotation" && isAnnotated ? "note" : name;
        if (const YAML::Node value = fresh[key]) out[name] = value;
        else if (!isOurs(name)) out[name] = field.second;
    }
    for (const auto& field : fresh) {
        const std::string& name = field.first.Scalar();
        if (!token[name] && !(name == "note" && isAnnotated)) out[name] = field.second;
    }
    return out;
}

// `list` without those whose id is in `ids`.
YAML::Node without(const YAML::Node& list, const std::unordered_set<std::string>& ids) {
    YAML::Node kept(list.IsMap() ? YAML::NodeType::Map : YAML::NodeType::Sequence);
    for (const auto& item : list) {
        if (list.IsMap()) {
            if (ids.count(item.first.Scalar()) == 0) kept[item.first] = item.second;
        } else if (ids.count(item["id"].Scalar()) == 0) {
            kept.push_back(item);
        }
    }
    return kept;
}

bool isHeld(const TokenEntry& entry, WallTime now) {
    const TokenStatus status = statusOf(entry, now);
    return entry.purpose != TokenPurpose::mcp || (status != TokenStatus::active && status != TokenStatus::expired);
}

// A map with "hash" first, where it always stood.
YAML::Node withHash(const YAML::Node& token, const std::string& id, const char* key, const Sha256& digest) {
    YAML::Node node(YAML::NodeType::Map);
    if (!id.empty()) node["id"] = id;
    node[key] = hex(digest);
    for (const auto& field : token)
        if (const std::string& name = field.first.Scalar(); name != "id" && name != "hash" && name != "sha256")
            node[field.first] = field.second;
    return node;
}

} // namespace

TokenDocument::TokenDocument(const std::string& text, const std::string& file)
    : root_(parsed(text, file)), entries_(entriesOf(file, root_)) {}

std::vector<GoneToken> TokenDocument::gone(WallTime now) const { return goneTokens(root_, now); }

// The token of that id; undefined when there is none.
YAML::Node TokenDocument::tokenNode(const std::string& id) const {
    const YAML::Node tokens = root_["tokens"];
    if (tokens.IsMap() && tokens[id]) return tokens[id];
    for (const YAML::Node& list : {tokens.IsSequence() ? tokens : YAML::Node(), root_["held"]})
        if (list && list.IsSequence())
            for (const auto& token : list)
                if (token["id"].Scalar() == id) return token;
    return YAML::Node(YAML::NodeType::Undefined);
}

void TokenDocument::put(YAML::Node token, const TokenEntry& entry, WallTime now) {
    const std::string& id = entry.record.id;
    if (isHeld(entry, now)) return root_["held"].push_back(withHash(token, id, "sha256", entry.digest));
    YAML::Node tokens = root_["tokens"];
    if (tokens.IsMap()) tokens[id] = withHash(token, "", "hash", entry.digest);
    else tokens.push_back(withHash(token, id, "hash", entry.digest));
}

void TokenDocument::add(const TokenEntry& entry, WallTime now) { put(nodeOf(entry), entry, now); }

// In its place, where it stays in its list.
void TokenDocument::replace(const TokenEntry& entry, WallTime now) {
    YAML::Node token = tokenNode(entry.record.id);
    const char* const key = isHeld(entry, now) ? "sha256" : "hash";
    const YAML::Node& before = token;
    YAML::Node fresh = rewritten(before, entry);
    if (before[key]) {
        fresh[key] = hex(entry.digest);
        token = fresh;
        return;
    }
    remove({entry.record.id});
    put(fresh, entry, now);
}

void TokenDocument::remove(const std::unordered_set<std::string>& ids) {
    root_["tokens"] = without(root_["tokens"], ids);
    if (!root_["held"]) return;
    root_["held"] = without(root_["held"], ids);
    if (root_["held"].size() == 0) root_.remove("held");
}

void TokenDocument::remember(std::vector<GoneToken> gone, WallTime now) { keepGoneTokens(root_, std::move(gone), now); }

std::string TokenDocument::text() const { return yamlText(root_); }

} // namespace gatehouse
