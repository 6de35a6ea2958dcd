// How a request ended: what metrics and the audit log are told, once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/outcome.hpp"

namespace gatehouse {

struct CallEnd {
    std::optional<Outcome> outcome; // nothing: it goes on, and ends later
    std::string_view reason;        // one word, static; empty when all is well
    int httpStatus = 200;
    std::string detail = {}; // a sentence, for the log
};

} // namespace gatehouse
