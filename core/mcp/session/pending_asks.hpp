// PendingAsks: requests that we sent to a legacy client and that it has not answered yet, by session and id.
// Threads: one (the loop's).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::mcp {

class PendingAsks {
public:
    static constexpr std::size_t maxAsks = 10'000;
    // `resultJson` is the client's result object; empty when it answered an error, which says why.
    using Answered = std::function<void(std::string_view resultJson, std::string_view errorJson)>;

    // The id of a request to send, as JSON text; empty when there are too many. `answered` is called at most once.
    std::string expect(const std::string& sessionId, Answered answered);
    // An id that is not known in this session is ignored.
    void answer(const std::string& sessionId, const std::string& idText, std::string_view resultJson,
                std::string_view errorJson);
    void forget(const std::string& sessionId, const std::string& idText);
    std::size_t size() const { return asks_.size(); }

private:
    std::map<std::pair<std::string, std::string>, Answered> asks_;
    std::uint64_t next_ = 1;
};

} // namespace gatehouse::mcp
