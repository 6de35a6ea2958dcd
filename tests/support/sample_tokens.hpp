// Entries and texts of token files, for tests.
#pragma once

#include <chrono>
#include <string>

#include "base/digest.hpp"
#include "tokens/token_entry.hpp"

namespace gatehouse::test {

// 2024-10-30T10:15:30Z
inline const WallTime sampleTime{std::chrono::seconds(1'730'283'330)};

inline TokenEntry sampleEntry(const std::string& id, const std::string& text, WallTime expiresAt = never) {
    TokenEntry entry;
    entry.record = {id, "note of " + id, "", sampleTime, expiresAt};
    entry.digest = sha256(text);
    return entry;
}

// One item of the list form.
inline std::string listItem(const std::string& id, const std::string& text, const std::string& more = "") {
    return "- id: " + id + "\n  hash: " + hex(sha256(text)) + "\n" + more;
}

// One item of the map form.
inline std::string mapItem(const std::string& id, const std::string& text, const std::string& more = "") {
    return "  " + id + ":\n    hash: " + hex(sha256(text)) + "\n" + more;
}

// One item of the list of those that have gone.
inline std::string goneItem(const std::string& id, const std::string& text, const std::string& reason,
                            const std::string& removedAt) {
    return "- id: " + id + "\n  sha256: " + hex(sha256(text)) + "\n  reason: " + reason + "\n  removed_at: \"" +
           removedAt + "\"\n";
}

} // namespace gatehouse::test
