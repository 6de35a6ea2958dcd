// A schema, a byte 0 and an instance: whatever they are, the check ends soon, and says the same twice.
#include <cstdlib>
#include <string>

#include "planted_bug.hpp"
#include "schema/json_schema.hpp"

using namespace gatehouse::schema;

namespace {

SchemaLimits smallLimits() {
    SchemaLimits limits;
    limits.subschemas = 300;
    limits.patterns = 5;
    limits.patternLength = 100;
    limits.patternMemory = 1u << 20;
    limits.checkDepth = 100;
    limits.steps = 10'000;
    return limits;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static simdjson::dom::parser parser;
    const std::string input(reinterpret_cast<const char*>(data), size);
    const std::size_t end = input.find('\0');
    const gatehouse::Json schema = gatehouse::Json::parse(input.substr(0, end), nullptr, false);
    simdjson::dom::element instance;
    const std::string text = end == std::string::npos ? "null" : input.substr(end + 1);
    if (schema.is_discarded() || parser.parse(text).get(instance) != simdjson::SUCCESS) return 0;
    try {
        const JsonSchema compiled = JsonSchema::compile(schema, {}, smallLimits());
        const auto misfit = compiled.check(instance);
        if (misfit.has_value() != compiled.check(instance).has_value()) std::abort();
        if (std::string_view value; misfit && instance.get(value) == simdjson::SUCCESS) plantedBug(value);
    } catch (const SchemaError&) {
    }
    return 0;
}
