#include "schema/schema_pattern.hpp"

#include <re2/re2.h>

#include "schema/pattern_translator.hpp"

namespace gatehouse::schema {

namespace {

// Bytes of text times instructions of the pattern that one step pays for. RE2 mostly needs a nanosecond for a byte; but
// where its automaton outgrows the memory, 10 to 35 for each instruction: that is what a step has to cover.
constexpr std::size_t workOfStep = 128;

std::unique_ptr<const re2::RE2> compiled(std::string_view pattern, std::size_t memory) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(static_cast<std::int64_t>(memory));
    auto made = std::make_unique<const re2::RE2>(toRe2(pattern), options);
    if (!made->ok()) throw PatternError(made->error());
    return made;
}

} // namespace

SchemaPattern::SchemaPattern(std::string_view pattern, std::size_t memory)
    : text_(pattern), compiled_(compiled(pattern, memory)), size_(static_cast<std::size_t>(compiled_->ProgramSize())) {}

SchemaPattern::~SchemaPattern() = default;

bool SchemaPattern::matches(std::string_view text, Budget& budget) const {
    if (!budget.use(1 + text.size() * size_ / workOfStep)) return false;
    return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

} // namespace gatehouse::schema
