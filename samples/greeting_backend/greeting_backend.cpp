// greeting: greets the caller by the name its token stands for.
#include <gatehouse/tool_table.hpp>

using namespace gatehouse;

class Greeting final : public ToolTable {
public:
    Greeting(const Settings& settings, const Host&) {
        settings.allowOnly({});
        tool("greet", "Greets the caller.", [](Call& call) { return "Hello, " + call.caller().subject + "!"; });
    }
};

GATEHOUSE_BACKEND(Greeting, "greeting", "1.0.0")
