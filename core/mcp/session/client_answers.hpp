// ClientAnswers: what a client was asked for one call, and what it answered, over all rounds.
// Source: MCP 2026-07-28 basic/patterns/mrtr; 2025-11-25 client/elicitation, client/sampling, client/roots.
// Threads: any; a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/backend.hpp>

namespace gatehouse::mcp {

class ClientAnswers {
public:
    static constexpr std::size_t maxRounds = 16;

    // {"answers":{KEY:RESULT},"asked":{KEY:{"method":...,"schema":...}},"rounds":N}
    static std::optional<ClientAnswers> fromJson(std::string_view text);
    std::string json() const { return state_.dump(); }
    std::string answersJson() const { return state_.at("answers").dump(); }

    // Remembers what is asked now. What is left to ask after answers that were offered before; nothing when there were
    // too many rounds.
    std::optional<InputRequired> ask(const InputRequired& asked);
    // Answers that a client sent unasked, or to an earlier round. Unknown keys are ignored, answers that do not fit
    // what was asked are not taken: they are asked for again.
    void offer(const Json& inputResponses);
    bool accept(const std::string& key, const Json& result); // false: it does not fit
    // The capabilities that a client must declare to be asked this, as a ClientCapabilities object; null when
    // `declaredJson` has them all.
    static Json missingCapabilities(const InputRequired& asked, std::string_view declaredJson);

private:
    Json offered_ = Json::object(); // not kept over rounds
    Json state_ = {{"answers", Json::object()}, {"asked", Json::object()}, {"rounds", 0}};
};

} // namespace gatehouse::mcp
