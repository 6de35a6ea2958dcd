// own_server: a program with an MCP server in it: one tool, one validator, nothing to configure.
#include <iostream>

#include <gatehouse/bearer_check.hpp>
#include <gatehouse/server/embedded_server.hpp>
#include <gatehouse/verdict_builder.hpp>

using namespace gatehouse;

struct Add {
    double a = 0, b = 0;
};
struct Sum {
    double sum = 0;
};
GATEHOUSE_FIELDS(Add, a, b)
GATEHOUSE_FIELDS(Sum, sum)

class OfficeKey final : public TokenValidator {
public:
    Verdict validate(const TokenRequest& request) override {
        if (!sameText(request.token, "open-sesame")) return reject(Reason::unknown, "not the key of the office");
        return accept("office", "staff");
    }
};

int main() {
    ServerParts parts;
    parts.addValidator<OfficeKey>("office_key");
    parts.addTools("office", [](FunctionTable& table) {
        table.tool("add", "Adds two numbers.", [](const Add& in) { return Sum{in.a + in.b}; });
    });
    EmbeddedServer server("{http: {address: '127.0.0.1:0'}, log: {level: warning}}", std::move(parts));
    server.start();
    std::cout << server.url() << std::endl;
    std::cin.get(); // until Enter
}
