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

#include "tokens/atomic_file.hpp"
#include "tokens/token_document.hpp"
#include "tokens/token_fields.hpp"

namespace gatehouse {

namespace {

constexpr off_t maxFileBytes = 8 << 20;

bool isTooLarge(const std::string& text) { return text.size() > static_cast<std::size_t>(maxFileBytes); }

std::vector<TokenEntry> without(std::vector<TokenEntry> entries, const std::string& id) {
    std::erase_if(entries, [&](const TokenEntry& one) { return one.record.id == id; });
    return entries;
}

// As the file holds them: times in whole seconds.
bool isSame(const TokenEntry& a, const TokenEntry& b) {
    const auto seconds = [](WallTime time) { return std::chrono::floor<std::chrono::seconds>(time); };
    return a.digest == b.digest && a.record.id == b.record.id && a.record.note == b.record.note &&
           a.record.database == b.record.database && seconds(a.record.expiresAt) == seconds(b.record.expiresAt) &&
           fieldsOf(a) == fieldsOf(b);
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

void mustBeNew(const TokenEntry& entry, const std::vector<TokenEntry>& known, const std::string& file) {
    if (known.size() >= maxFileTokens)
        throw TokenStoreFull(file + ": holds " + std::to_string(maxFileTokens) +
                             " tokens already, the most a file can hold");
    for (const TokenEntry& other : known) {
        if (other.record.id == entry.record.id)
            throw TokenStoreError(file + ": " + entry.record.id + " exists already");
        if (entry.request && other.request && other.request->key == entry.request->key)
            throw TokenStoreError(file + ": " + other.record.id + " was made by the same request");
        if (other.digest == entry.digest || (other.previous && other.previous->digest == entry.digest))
            throw TokenStoreError(file + ": the same token is there as " + other.record.id);
    }
}

void write(const TokenDocument& document, const std::string& path) {
    const std::string text = document.text();
    if (isTooLarge(text)) throw TokenStoreFull(path + ": would be larger than 8 MiB");
    replaceFile(path, text);
}

} // namespace

std::vector<TokenEntry> parseTokens(const std::string& text, const std::string& file) {
    return TokenDocument(text, file).entries();
}

TokenFileContent parseTokenFile(const std::string& text, const std::string& file, WallTime now) {
    const TokenDocument document(text, file);
    return {document.entries(), document.gone(now)};
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

void TokenFile::add(const TokenEntry& entry, WallTime now) const {
    makeFolder(std::filesystem::path(path_).parent_path());
    const FileLock lock(path_);
    TokenDocument document(std::filesystem::exists(path_) ? readText() : TokenDocument::emptyText(), path_);
    put(document, entry, now);
}

// Writes one token that was not there.
void TokenFile::put(TokenDocument& document, const TokenEntry& entry, WallTime now) const {
    mustBeNew(entry, document.entries(), path_);
    document.add(entry, now);
    const std::string text = document.text();
    if (isTooLarge(text)) throw TokenStoreFull(path_ + ": would be larger than 8 MiB with one token more");
    mustBe(text, path_, document.entries(), entry);
    replaceFile(path_, text);
}

bool TokenFile::change(const std::string& id, const Change& change, WallTime now) const {
    const FileLock lock(path_);
    TokenDocument document(readText(), path_);
    const auto& known = document.entries();
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const TokenEntry& other) { return other.record.id == id; });
    if (found == known.end()) return false;
    TokenEntry entry = *found;
    change(entry);
    if (entry.record.id != id) throw std::logic_error("the id of a token does not change");
    document.replace(entry, now);
    if (auto gone = replacedTexts(*found, entry, now); !gone.empty()) document.remember(std::move(gone), now);
    mustBe(document.text(), path_, without(known, id), entry);
    write(document, path_);
    return true;
}

bool TokenFile::revive(const std::string& id, const Change& change, WallTime now) const {
    const FileLock lock(path_);
    TokenDocument document(readText(), path_);
    const auto gone = document.gone(now);
    const auto found = std::find_if(gone.rbegin(), gone.rend(), [&](const GoneToken& one) {
        return one.id == id && one.why != GoneToken::Why::replaced;
    });
    if (found == gone.rend() || found->why != GoneToken::Why::expired) return false;
    TokenEntry entry = entryFrom(*found);
    change(entry);
    put(document, entry, now);
    return true;
}

std::vector<TokenEntry> TokenFile::removeIf(const Which& which) const {
    return takeOut(which, [](TokenDocument&, const std::vector<TokenEntry>&) {});
}

std::vector<TokenEntry> TokenFile::retireIf(const Which& which, const Retirement& retirement) const {
    return takeOut(which, [&](TokenDocument& document, const std::vector<TokenEntry>& taken) {
        std::vector<GoneToken> gone;
        for (const TokenEntry& entry : taken)
            gone.push_back(goneFrom(entry, retirement.why, retirement.now, retirement.because));
        document.remember(std::move(gone), retirement.now);
        if (isTooLarge(document.text())) document.forgetGone(); // that a token goes is worth more than why
    });
}

std::vector<TokenEntry> TokenFile::takeOut(const Which& which, const TakenOut& takenOut) const {
    const FileLock lock(path_);
    TokenDocument document(readText(), path_);
    std::vector<TokenEntry> taken;
    std::unordered_set<std::string> ids;
    for (const TokenEntry& entry : document.entries()) {
        if (!which(entry)) continue;
        ids.insert(entry.record.id);
        taken.push_back(entry);
    }
    if (taken.empty()) return taken;
    document.remove(ids);
    takenOut(document, taken);
    replaceFile(path_, document.text());
    return taken;
}

} // namespace gatehouse
