// ServerParts: what a program puts into a server that it runs itself. Settings choose among parts by name, as they do
// among plugins; a plugin is only another way to bring one.
//
//     ServerParts parts;
//     parts.addValidator<OfficeKeys>("office_keys");       // auth.validator: office_keys
//     parts.addBackend<Warehouse>("warehouse");            // backend: {plugin: warehouse}
//     parts.routes.push_back({{"GET"}, "/stock/{item}", stockOf});
//
// A single validator or backend is in force without being named in the settings.
// Threads: any, before the server is made; then what each part says of itself.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gatehouse/backend.hpp>
#include <gatehouse/host.hpp>
#include <gatehouse/settings.hpp>
#include <gatehouse/token_validator.hpp>
#include <gatehouse/tool_table.hpp>

namespace gatehouse {

// Makes a part from its settings (auth.validators.NAME, backend.settings). Throws SettingsError to refuse them; a key
// that it did not read is refused for it. The host outlives the part.
template <class Part>
using PartFactory = std::function<std::unique_ptr<Part>(const Settings& settings, const Host& host)>;
using ValidatorFactory = PartFactory<TokenValidator>;
using BackendFactory = PartFactory<Backend>;

// A request of a caller that passed the gate.
struct RouteRequest {
    const Identity& identity;
    std::string method;
    std::string path;
    std::string query;
    std::string body;
    // Of the pattern, decoded: a {name} may hold a slash that came as %2F. Never "." or "..", nor a NUL.
    std::vector<std::pair<std::string, std::string>> parameters;

    std::string parameter(std::string_view name) const { // empty: there is none
        for (const auto& [known, value] : parameters)
            if (known == name) return value;
        return {};
    }
};

struct RouteAnswer {
    int status = 200; // 200 to 599
    std::string body;
    std::string contentType = "application/json"; // empty: no body
    std::string headers = {};                     // further lines, each ended by CR LF
};

// A route beside /mcp. It is behind the same gate; errors are problem documents (RFC 9457). `handle` runs on workers,
// on several at once, and may block, up to http.limits.call_seconds; what it throws is 500, and a line in the log. Its
// caller is let go when the token ends or the deadline passes, whatever `handle` does.
struct Route {
    std::vector<std::string> methods;
    std::string pattern; // "/stock/{item}", "/files/{path...}"
    std::function<RouteAnswer(const RouteRequest&)> handle;
};

struct ServerParts {
    std::map<std::string, ValidatorFactory> validators; // by the name that settings know them by
    std::map<std::string, BackendFactory> backends;
    std::vector<Route> routes;
    // Each line of the log, redacted, without time; null: standard error. Any thread; must not block. What it throws is
    // lost, and the line with it.
    std::function<void(LogLevel level, std::string_view line)> log;
    // Each line of the audit log (JSON) beside audit.file; null: none. One thread at a time; must not block; as above.
    std::function<void(std::string_view line)> audit;

    // A class with a constructor (const Settings&, const Host&), or one without arguments.
    template <class Validator>
    void addValidator(std::string name) {
        validators[std::move(name)] = factoryOf<TokenValidator, Validator>();
    }
    template <class OwnBackend>
    void addBackend(std::string name) {
        backends[std::move(name)] = factoryOf<Backend, OwnBackend>();
    }
    // A table that `fill` puts its tools, resources and prompts into.
    template <class Fill>
    void addTools(std::string name, Fill fill) {
        backends[std::move(name)] = [fill = std::move(fill)](const Settings&, const Host&) {
            auto table = std::make_unique<FunctionTable>();
            fill(*table);
            return table;
        };
    }

private:
    template <class Part, class Own>
    static PartFactory<Part> factoryOf() {
        return [](const Settings& settings, const Host& host) -> std::unique_ptr<Part> {
            if constexpr (std::is_constructible_v<Own, const Settings&, const Host&>)
                return std::make_unique<Own>(settings, host);
            else return std::make_unique<Own>();
        };
    }
};

} // namespace gatehouse
