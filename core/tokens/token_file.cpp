#include "tokens/token_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <unordered_set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include "base/time_text.hpp"
#include "tokens/atomic_file.hpp"
#include "tokens/gone_tokens.hpp"
#include "tokens/token_yaml.hpp"

namespace gatehouse {

namespace {

constexpr off_t maxFileBytes = 8 << 20;

[[noreturn]] void complain(const std::string& file, int line, const std::string& what) {
    throw TokenStoreError(file + ":" + std::to_string(line) + ": " + what);
}

int lineOf(const YAML::Node& node) { return std::max(node.Mark().line, 0) + 1; }

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

TokenEntry entryOf(const std::string& file, const YAML::Node& token, std::string id) {
    if (!token.IsMap())
        complain(file, lineOf(token), "a token must be a map with id, hash, note, created_at, expires_at");
    TokenEntry entry;
    entry.record.id = id.empty() ? textOf(file, token, "id") : std::move(id);
    if (entry.record.id.empty()) complain(file, lineOf(token), "id: missing");
    const std::string hash = textOf(file, token, "hash");
    const auto digest = digestFromHex(hash);
    if (!digest)
        complain(file, lineOf(token["hash"] ? token["hash"] : token),
                 "hash: expected the SHA-256 of the token as 64 hex digits");
    entry.digest = *digest;
    entry.record.note = textOf(file, token, "note");
    if (entry.record.note.empty()) entry.record.note = textOf(file, token, "annotation");
    entry.record.database = textOf(file, token, "database");
    entry.record.createdAt = timeOf(file, token, "created_at", WallTime{});
    entry.record.expiresAt = timeOf(file, token, "expires_at", never);
    return entry;
}

// Collects entries and refuses what would make one token mean two things.
class Collector {
public:
    explicit Collector(const std::string& file) : file_(file) {}
    void add(const YAML::Node& token, const YAML::Node& at, std::string id) {
        if (entries_.size() >= maxFileTokens)
            complain(file_, lineOf(at),
                     "more than " + std::to_string(maxFileTokens) +
                         " tokens: a file holds no more; the SQLite and PostgreSQL token stores of a later version do");
        TokenEntry entry = entryOf(file_, token, std::move(id));
        if (!ids_.insert(entry.record.id).second) complain(file_, lineOf(at), "id: duplicate id " + entry.record.id);
        if (!digests_.insert(hex(entry.digest)).second) complain(file_, lineOf(at), "hash: duplicate token");
        entries_.push_back(std::move(entry));
    }
    std::vector<TokenEntry> release() { return std::move(entries_); }

private:
    const std::string& file_;
    std::vector<TokenEntry> entries_;
    std::unordered_set<std::string> ids_;
    std::unordered_set<std::string> digests_;
};

// The line of a key of `map`; an empty value has none of its own.
int lineOfKey(const YAML::Node& map, const std::string& key) {
    for (const auto& pair : map)
        if (pair.first.Scalar() == key) return lineOf(pair.first);
    return lineOf(map);
}

std::vector<TokenEntry> entriesOf(const std::string& file, const YAML::Node& root) {
    const YAML::Node tokens = root.IsMap() ? root["tokens"] : YAML::Node();
    if (!root.IsMap() || !tokens) complain(file, lineOf(root), "expected \"tokens:\" with a list or a map of tokens");
    Collector collector(file);
    if (tokens.IsSequence())
        for (const auto& token : tokens) collector.add(token, token, "");
    else if (tokens.IsMap())
        for (const auto& pair : tokens) collector.add(pair.second, pair.first, pair.first.Scalar());
    else complain(file, lineOfKey(root, "tokens"), "tokens: expected a list or a map (\"tokens: []\" for none)");
    return collector.release();
}

YAML::Node parsed(const std::string& text, const std::string& file) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        complain(file, 1, "the file is empty; \"tokens: []\" is the empty set");
    try {
        return loadYaml(text);
    } catch (const YAML::ParserException& fault) {
        complain(file, fault.mark.line + 1, fault.msg);
    } catch (const YAML::Exception& fault) {
        complain(file, std::max(fault.mark.line, 0) + 1, fault.msg);
    }
}

YAML::Node nodeOf(const TokenEntry& entry, bool withId) {
    YAML::Node node(YAML::NodeType::Map);
    if (withId) node["id"] = entry.record.id;
    node["hash"] = hex(entry.digest);
    node["note"] = entry.record.note;
    node["created_at"] = rfc3339(entry.record.createdAt);
    if (entry.record.expiresAt == never) node["expires_at"] = YAML::Node();
    else node["expires_at"] = rfc3339(entry.record.expiresAt);
    if (!entry.record.database.empty()) node["database"] = entry.record.database;
    return node;
}

// Our own fields anew; the others stay.
void rewrite(YAML::Node token, const TokenEntry& entry) {
    const bool isAnnotated = !token["note"] && token["annotation"];
    const YAML::Node fresh = nodeOf(entry, false);
    for (const auto& field : fresh) {
        const bool isNote = field.first.Scalar() == "note";
        token[isNote && isAnnotated ? "annotation" : field.first.Scalar()] = field.second;
    }
    if (entry.record.database.empty()) token.remove("database");
}

// The token of that id; undefined when there is none.
YAML::Node tokenNode(const YAML::Node& tokens, const std::string& id) {
    if (tokens.IsMap()) return tokens[id];
    for (const auto& token : tokens)
        if (token["id"].Scalar() == id) return token;
    return YAML::Node(YAML::NodeType::Undefined);
}

bool isTooLarge(const std::string& text) { return text.size() > static_cast<std::size_t>(maxFileBytes); }

// `tokens` without those whose id is in `ids`.
YAML::Node without(const YAML::Node& tokens, const std::unordered_set<std::string>& ids) {
    YAML::Node kept(tokens.IsMap() ? YAML::NodeType::Map : YAML::NodeType::Sequence);
    for (const auto& item : tokens) {
        if (tokens.IsMap()) {
            if (ids.count(item.first.Scalar()) == 0) kept[item.first] = item.second;
        } else if (ids.count(item["id"].Scalar()) == 0) {
            kept.push_back(item);
        }
    }
    return kept;
}

std::vector<TokenEntry> without(std::vector<TokenEntry> entries, const std::string& id) {
    std::erase_if(entries, [&](const TokenEntry& one) { return one.record.id == id; });
    return entries;
}

// As the file holds them: times in whole seconds.
bool isSame(const TokenEntry& a, const TokenEntry& b) {
    const auto seconds = [](WallTime time) { return std::chrono::floor<std::chrono::seconds>(time); };
    return a.digest == b.digest && a.record.id == b.record.id && a.record.note == b.record.note &&
           a.record.database == b.record.database && seconds(a.record.expiresAt) == seconds(b.record.expiresAt);
}

// What would be written is read before it is: one token is as wanted, and no other has changed (YAML's anchors).
void mustBe(const std::string& text, const std::string& file, const std::vector<TokenEntry>& others,
            const TokenEntry& wanted) {
    const auto written = parseTokens(text, file);
    const auto hasSame = [&](const TokenEntry& entry) {
        return std::any_of(written.begin(), written.end(), [&](const TokenEntry& one) { return isSame(one, entry); });
    };
    const bool isRight =
        written.size() == others.size() + 1 && hasSame(wanted) && std::all_of(others.begin(), others.end(), hasSame);
    if (!isRight) throw TokenStoreError(file + ": cannot be changed without changing another token; do it by hand");
}

} // namespace

std::vector<TokenEntry> parseTokens(const std::string& text, const std::string& file) {
    return entriesOf(file, parsed(text, file));
}

TokenFileContent parseTokenFile(const std::string& text, const std::string& file, WallTime now) {
    const YAML::Node root = parsed(text, file);
    return {entriesOf(file, root), goneTokens(root, now)};
}

std::string TokenFile::readText() const {
    const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 && errno == ENOENT) throw TokenStoreMissing(path_ + ": no such file");
    if (descriptor < 0) throw TokenStoreError(path_ + ": " + std::strerror(errno));
    const FileHandle handle(descriptor);
    struct stat facts {};
    if (::fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode))
        throw TokenStoreError(path_ + ": is not a regular file");
    if (facts.st_size > maxFileBytes) throw TokenStoreError(path_ + ": is larger than 8 MiB");
    return handle.readAll(path_);
}

std::string TokenFile::openToOthers() const {
    struct stat facts {};
    if (::stat(path_.c_str(), &facts) != 0 || (facts.st_mode & 077) == 0) return "";
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(facts.st_mode & 07777));
    return path_ + ": has mode " + mode.data() + ", so others may read or write it; expected 0600";
}

void TokenFile::add(const TokenEntry& entry) const {
    makeFolder(std::filesystem::path(path_).parent_path());
    const FileLock lock(path_);
    YAML::Node root;
    if (std::filesystem::exists(path_)) root = parsed(readText(), path_);
    else root["tokens"] = YAML::Node(YAML::NodeType::Sequence);
    const auto known = entriesOf(path_, root);
    if (known.size() >= maxFileTokens)
        throw TokenStoreError(path_ + ": holds " + std::to_string(maxFileTokens) +
                              " tokens already, the most a file can hold");
    for (const TokenEntry& other : known) {
        if (other.record.id == entry.record.id)
            throw TokenStoreError(path_ + ": " + entry.record.id + " exists already");
        if (other.digest == entry.digest)
            throw TokenStoreError(path_ + ": the same token is there as " + other.record.id);
    }
    YAML::Node tokens = root["tokens"];
    if (tokens.IsMap()) tokens[entry.record.id] = nodeOf(entry, false);
    else tokens.push_back(nodeOf(entry, true));
    const std::string text = yamlText(root);
    if (isTooLarge(text)) throw TokenStoreError(path_ + ": would be larger than 8 MiB with one token more");
    mustBe(text, path_, without(known, entry.record.id), entry);
    replaceFile(path_, text);
}

bool TokenFile::change(const std::string& id, const std::function<void(TokenEntry&)>& change, WallTime now) const {
    const FileLock lock(path_);
    YAML::Node root = parsed(readText(), path_);
    auto known = entriesOf(path_, root);
    const auto entry =
        std::find_if(known.begin(), known.end(), [&](const TokenEntry& other) { return other.record.id == id; });
    if (entry == known.end()) return false;
    const TokenEntry before = *entry;
    change(*entry);
    if (entry->record.id != id) throw std::logic_error("the id of a token does not change");
    rewrite(tokenNode(root["tokens"], id), *entry);
    if (before.digest != entry->digest) keepGoneTokens(root, {goneFrom(before, GoneToken::Why::removed, now)}, now);
    const std::string text = yamlText(root);
    if (isTooLarge(text)) throw TokenStoreError(path_ + ": would be larger than 8 MiB");
    mustBe(text, path_, without(known, id), *entry);
    replaceFile(path_, text);
    return true;
}

std::vector<TokenEntry> TokenFile::removeIf(const Which& which) const {
    return takeOut(which, [](YAML::Node&, const std::vector<TokenEntry>&) {});
}

std::vector<TokenEntry> TokenFile::retireIf(const Which& which, GoneToken::Why why, WallTime now) const {
    return takeOut(which, [&](YAML::Node& root, const std::vector<TokenEntry>& taken) {
        std::vector<GoneToken> gone;
        for (const TokenEntry& entry : taken) gone.push_back(goneFrom(entry, why, now));
        keepGoneTokens(root, std::move(gone), now);
        if (isTooLarge(yamlText(root))) root.remove("removed"); // that a token goes is worth more than why
    });
}

std::vector<TokenEntry> TokenFile::takeOut(const Which& which, const TakenOut& takenOut) const {
    const FileLock lock(path_);
    YAML::Node root = parsed(readText(), path_);
    std::vector<TokenEntry> taken;
    std::unordered_set<std::string> ids;
    for (TokenEntry& entry : entriesOf(path_, root)) {
        if (!which(entry)) continue;
        ids.insert(entry.record.id);
        taken.push_back(std::move(entry));
    }
    if (taken.empty()) return taken;
    root["tokens"] = without(root["tokens"], ids);
    takenOut(root, taken);
    replaceFile(path_, yamlText(root));
    return taken;
}

} // namespace gatehouse
