#include "tokens/use_counter.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {

namespace {

UseCounter::Row& rowOf(UseCounter::Token& token, std::uint64_t generation, std::int64_t day, std::string_view tool) {
    const auto fits = [&](const UseCounter::Row& row) {
        return row.generation == generation && row.day == day && row.tool == tool;
    };
    const auto known = std::find_if(token.rows.begin(), token.rows.end(), fits);
    if (known != token.rows.end()) return *known;
    if (token.rows.size() >= UseCounter::maxRows && tool != otherTools)
        return rowOf(token, generation, day, otherTools);
    return token.rows.emplace_back(UseCounter::Row{generation, day, std::string(tool), {}});
}

UseCounter::Last& lastOf(UseCounter::Token& token, std::uint64_t generation) {
    const auto known = std::find_if(token.lasts.begin(), token.lasts.end(),
                                    [&](const UseCounter::Last& last) { return last.generation == generation; });
    if (known != token.lasts.end()) return *known;
    return token.lasts.emplace_back(UseCounter::Last{.generation = generation, .use = {}});
}

} // namespace

std::int64_t dayOf(WallTime time) {
    return std::chrono::floor<std::chrono::hours>(time.time_since_epoch()).count() / 24;
}

void UseCounts::add(const UseCounts& more) {
    ok += more.ok;
    error += more.error;
    refused += more.refused;
}

// A name that a caller made up is not one of the tools: refused calls are counted together.
void UseCounter::add(const TokenCall& call, WallTime now) {
    auto found = tokens_.find(call.tokenId);
    if (found == tokens_.end()) {
        if (tokens_.size() >= maxTokens) return; // nothing could be written for long
        found = tokens_.emplace(std::string(call.tokenId), Token()).first;
    }
    const std::string_view tool = call.kind == UseKind::refused && !call.tool.empty() ? otherTools : call.tool;
    rowOf(found->second, call.generation, dayOf(now), tool).counts.add(call.kind, call.times);
    Last& last = lastOf(found->second, call.generation);
    if (call.isPrevious) last.late += call.times;
    last.use.at = now;
    last.use.peer = call.peer;
    last.use.client = call.client.substr(0, maxClient);
    last.use.tool = tool;
}

UseCounter::Tokens UseCounter::take() { return std::exchange(tokens_, {}); }

// What was counted meanwhile is later.
void UseCounter::giveBack(Tokens tokens) {
    for (auto& [id, token] : tokens) {
        Token& now = tokens_[id];
        for (const Row& row : token.rows) rowOf(now, row.generation, row.day, row.tool).counts.add(row.counts);
        for (Last& last : token.lasts) {
            Last& known = lastOf(now, last.generation);
            known.late += last.late;
            if (known.use.at < last.use.at) known.use = std::move(last.use);
        }
    }
}

const UseCounter::Token* UseCounter::find(std::string_view tokenId) const {
    const auto found = tokens_.find(tokenId);
    return found == tokens_.end() ? nullptr : &found->second;
}

} // namespace gatehouse
