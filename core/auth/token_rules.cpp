#include "auth/token_rules.hpp"

#include <algorithm>

#include "auth/policy.hpp"

namespace gatehouse {

namespace {

std::vector<AddressRange> rangesOf(const std::vector<std::string>& texts) {
    std::vector<AddressRange> out;
    for (const std::string& text : texts)
        if (const auto range = AddressRange::parse(text)) out.push_back(*range);
    return out;
}

bool contains(const std::vector<AddressRange>& ranges, std::string_view address) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const AddressRange& one) { return one.contains(address); });
}

bool fitsAny(const std::vector<std::string>& patterns, std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return fitsPattern(pattern, name); });
}

bool allowsPeer(const TokenRules::Level& level, std::string_view address) {
    if (contains(level.denied, address)) return false;
    return level.terms.networks.allow.empty() || contains(level.allowed, address);
}

bool allowsTool(const TokenRules::Level& level, std::string_view name) {
    if (fitsAny(level.terms.tools.deny, name)) return false;
    return level.terms.tools.allow.empty() || fitsAny(level.terms.tools.allow, name);
}

} // namespace

TokenRules::TokenRules(const TokenMatch& token)
    : scopes_(token.entry->terms.scopes), generation_(token.entry->generation - (token.isPrevious ? 1 : 0)),
      isPrevious_(token.isPrevious), database_(token.entry->record.database) {
    add(*token.entry);
    for (const auto& parent : token.parents) add(*parent);
}

// A scope that a parent has lost is lost to what was derived from it.
void TokenRules::add(const TokenEntry& entry) {
    const auto& theirs = entry.terms.scopes;
    std::erase_if(scopes_, [&](const std::string& scope) {
        return std::find(theirs.begin(), theirs.end(), scope) == theirs.end();
    });
    const TokenTerms& terms = entry.terms;
    isLimited_ = isLimited_ || terms.callsPerHour > 0 || terms.burst > 0 || terms.maxCalls > 0;
    levels_.push_back({.id = entry.record.id,
                       .terms = entry.terms,
                       .allowed = rangesOf(entry.terms.networks.allow),
                       .denied = rangesOf(entry.terms.networks.deny)});
}

bool TokenRules::isSameAs(const TokenRules& other) const {
    const auto isSameLevel = [](const Level& a, const Level& b) { return a.id == b.id && a.terms == b.terms; };
    return scopes_ == other.scopes_ && generation_ == other.generation_ && database_ == other.database_ &&
           std::equal(levels_.begin(), levels_.end(), other.levels_.begin(), other.levels_.end(), isSameLevel);
}

bool TokenRules::allowsPeer(std::string_view canonicalAddress) const {
    return std::all_of(levels_.begin(), levels_.end(),
                       [&](const Level& level) { return gatehouse::allowsPeer(level, canonicalAddress); });
}

bool TokenRules::allowsTool(std::string_view name) const {
    return std::all_of(levels_.begin(), levels_.end(),
                       [&](const Level& level) { return gatehouse::allowsTool(level, name); });
}

} // namespace gatehouse
