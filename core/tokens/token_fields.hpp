// The fields of a token beside those that every version has known (id, hash, note, database, created_at, expires_at),
// as JSON: what the kinds of store keep, each in its own way.
//
// Only what is set is written, so that a token without terms looks as it always did. Times are RFC 3339 in UTC.
// Threads: any; nothing is kept.
#pragma once

#include <gatehouse/json.hpp>

#include "tokens/token_entry.hpp"

namespace gatehouse {

Json fieldsOf(const TokenEntry& entry);
// Reads what fieldsOf writes; other members are ignored. Throws SettingsError, which names the field.
void readFields(const Json& fields, TokenEntry& entry);
// The names of all of them.
const std::vector<std::string>& fieldNames();

Json jsonOf(const NameRules& rules);

// A token that has gone, with what is needed to make it anew.
GoneToken goneFrom(const TokenEntry& entry, GoneToken::Why why, WallTime now, std::string because = {});
// The texts of `before` that `after` no longer has, as replaced.
std::vector<GoneToken> replacedTexts(const TokenEntry& before, const TokenEntry& after, WallTime now);
// As it was, under its old id, without a valid text. Throws SettingsError when too little is remembered.
TokenEntry entryFrom(const GoneToken& gone);

} // namespace gatehouse
