// ToolTable: a backend as a table of functions. Schemas and reading come from the types of their arguments.
//
//     struct Add { double a = 0, b = 0; };
//     struct Sum { double sum = 0; };
//     GATEHOUSE_FIELDS(Add, a, b)
//     GATEHOUSE_FIELDS(Sum, sum)
//     Sum add(const Add& in) { return {in.a + in.b}; }
//
//     class Office final : public gatehouse::ToolTable {
//     public:
//         Office(const gatehouse::Settings&, const gatehouse::Host&) { tool("add", "Adds two numbers.", add); }
//     };
//     GATEHOUSE_BACKEND(Office, "office", "1.0.0")
//
// A handler is a function, a lambda or a std::function. It takes, in any order, each or none of: a struct with fields
// (the arguments), Call& (who calls; progress, questions), Session&. It answers a struct with fields (structured
// content, and its JSON as text), a string, a Result (also PromptResult, ResourceResult), or nothing. To fail it throws
// ToolError (the model reads it) or CallError (an error of the protocol); any other exception is -32603 without its
// text.
//
// SessionTable<Session> makes a Session for each call, from the caller's identity: a connection, a client of some API.
// Its destructor is the end of it, whatever happens; `void interrupt() noexcept` in it is called when the answer is not
// wanted any more [any thread, may race with the handler].
//
// Threads: the table is filled in the constructor; handlers run on many threads at once.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <gatehouse/call.hpp>
#include <gatehouse/fields.hpp>
#include <gatehouse/plugin.hpp>

namespace gatehouse {

// The Session of a table that needs none.
struct NoSession {
    NoSession(const Identity&, const Credentials&) {}
};

namespace table {

template <class T, class... Others>
inline constexpr bool isOneOf = (std::is_same_v<T, Others> || ...);

// The first of these types that is neither Call nor Session: the handler's arguments.
template <class Session, class... Types>
struct ArgumentsOf {
    using Type = NoArguments;
};
template <class Session, class First, class... Rest>
struct ArgumentsOf<Session, First, Rest...> {
    using Plain = std::decay_t<First>;
    using Type = std::conditional_t<isOneOf<Plain, Call, Session>, typename ArgumentsOf<Session, Rest...>::Type, Plain>;
};

inline Result resultOf(Result result) { return result; }
inline Result resultOf(std::string_view text) { return Result::text(text); }
template <class T>
Result structuredResultOf(const T& value) {
    const std::string json = toJson(value).dump(-1, ' ', false, Json::error_handler_t::replace);
    return Result::text(json).structured(json);
}

// What a resource answers from a string: its text.
struct ResourceFrom {
    std::string uri, mimeType;
    template <class T>
    Result operator()(T&& value) const {
        if constexpr (std::is_convertible_v<T, std::string_view>)
            return ResourceResult::text(uri, mimeType, std::string_view(value));
        else return Result(std::forward<T>(value));
    }
};
struct PromptFrom {
    template <class T>
    Result operator()(T&& value) const {
        if constexpr (std::is_convertible_v<T, std::string_view>) return PromptResult::user(std::string_view(value));
        else return Result(std::forward<T>(value));
    }
};
struct ToolFrom {
    template <class T>
    Result operator()(T&& value) const {
        if constexpr (HasFields<std::decay_t<T>>::value) return structuredResultOf(value);
        else return resultOf(std::forward<T>(value));
    }
};

// A handler with its types taken off: JSON in, a Result out.
template <class Session>
using Run = std::function<Result(const Json& arguments, Call& call, Session& session)>;

template <class Session, class Signature>
struct Handler;

template <class Session, class Answer, class... Types>
struct Handler<Session, std::function<Answer(Types...)>> {
    using Arguments = typename ArgumentsOf<Session, Types...>::Type;
    using Answered = std::decay_t<Answer>;

    template <class Wanted>
    static Wanted& pick(Arguments& arguments, Call& call, Session& session) {
        if constexpr (std::is_same_v<Wanted, Call>) return call;
        else if constexpr (std::is_same_v<Wanted, Session>) return session;
        else return arguments;
    }

    template <class ToResult>
    static Run<Session> run(std::function<Answer(Types...)> handler, ToResult toResult) {
        return [handler = std::move(handler), toResult = std::move(toResult)](const Json& json, Call& call,
                                                                              Session& session) -> Result {
            Arguments arguments = read(json);
            if constexpr (std::is_void_v<Answer>)
                return handler(pick<std::decay_t<Types>>(arguments, call, session)...), Result();
            else return toResult(handler(pick<std::decay_t<Types>>(arguments, call, session)...));
        };
    }

    static Arguments read(const Json& json) {
        if constexpr (std::is_same_v<Arguments, NoArguments>) return {};
        else return fromJson<Arguments>(json);
    }
};

template <class Session, class Function>
using HandlerOf = Handler<Session, decltype(std::function{std::declval<Function>()})>;

template <class Session, class = void>
struct CanInterrupt : std::false_type {};
template <class Session>
struct CanInterrupt<Session, std::void_t<decltype(std::declval<Session&>().interrupt())>> : std::true_type {};

} // namespace table

template <class Session>
class SessionTable : public Backend {
public:
    using Open = std::function<std::unique_ptr<Session>(const Identity& identity, const Credentials& credentials)>;

    std::vector<Tool> tools() const override { return listed<Tool>(tools_); }
    std::vector<Resource> resources() const override { return listed<Resource>(resources_); }
    std::vector<ResourceTemplate> resourceTemplates() const override { return listed<ResourceTemplate>(templates_); }
    std::vector<Prompt> prompts() const override { return listed<Prompt>(prompts_); }
    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials& credentials) override {
        return std::make_unique<TableClient>(*this, identity, open_(identity, credentials));
    }

protected:
    // Session's constructor is given identity and credentials.
    SessionTable() : open_(fromCaller) {}
    // What `open` throws ends the call with an error.
    explicit SessionTable(Open open) : open_(std::move(open)) {}

    // The reference is good for further members, as in tool(...).runsInline = true; until the constructor ends.
    template <class Function>
    Tool& tool(std::string name, std::string description, Function handler) {
        using Typed = table::HandlerOf<Session, Function>;
        Tool tool;
        tool.name = std::move(name);
        tool.description = std::move(description);
        if constexpr (HasFields<typename Typed::Arguments>::value)
            tool.inputSchema = schemaOf<typename Typed::Arguments>();
        if constexpr (HasFields<typename Typed::Answered>::value)
            tool.outputSchema = schemaOf<typename Typed::Answered>();
        return added(tools_, tool, tool.name, Typed::run(std::function{std::move(handler)}, table::ToolFrom{}));
    }

    template <class Function>
    Resource& resource(std::string uri, std::string name, std::string mimeType, Function handler) {
        Resource resource;
        resource.uri = std::move(uri);
        resource.name = std::move(name);
        resource.mimeType = std::move(mimeType);
        const table::ResourceFrom toResult{resource.uri, resource.mimeType};
        return added(resources_, resource, resource.uri,
                     table::HandlerOf<Session, Function>::run(std::function{std::move(handler)}, toResult));
    }

    // The handler's arguments are the variables of the template; it answers a ResourceResult with Call::uri().
    template <class Function>
    ResourceTemplate& resourceTemplate(std::string uriTemplate, std::string name, std::string mimeType,
                                       Function handler) {
        ResourceTemplate resource;
        resource.uriTemplate = std::move(uriTemplate);
        resource.name = std::move(name);
        resource.mimeType = std::move(mimeType);
        const auto result = [](auto&& value) { return Result(std::forward<decltype(value)>(value)); };
        return added(templates_, resource, resource.uriTemplate,
                     table::HandlerOf<Session, Function>::run(std::function{std::move(handler)}, result));
    }

    // Its arguments are strings; a string that it answers is a message of the user.
    template <class Function>
    Prompt& prompt(std::string name, std::string description, Function handler) {
        using Typed = table::HandlerOf<Session, Function>;
        Prompt prompt;
        prompt.name = std::move(name);
        prompt.description = std::move(description);
        if constexpr (HasFields<typename Typed::Arguments>::value)
            prompt.arguments = promptArguments<typename Typed::Arguments>();
        return added(prompts_, prompt, prompt.name, Typed::run(std::function{std::move(handler)}, table::PromptFrom{}));
    }

private:
    static std::unique_ptr<Session> fromCaller(const Identity& identity, const Credentials& credentials) {
        static_assert(std::is_constructible_v<Session, const Identity&, const Credentials&>,
                      "say how a session is made: SessionTable(open)");
        return std::make_unique<Session>(identity, credentials);
    }

    template <class Feature>
    struct Entry {
        Feature feature;
        std::string name;
        table::Run<Session> run;
    };
    template <class Feature>
    using Entries = std::deque<Entry<Feature>>;

    class TableClient final : public Client {
    public:
        TableClient(const SessionTable& table, const Identity& identity, std::unique_ptr<Session> session)
            : table_(table), identity_(identity), session_(std::move(session)) {
            if (!session_) throw std::runtime_error("no session was made");
        }
        CallOutcome call(const CallRequest& request, CallContext& context) override {
            const table::Run<Session>* const run = table_.find(request);
            if (!run) return CallError{-32601, "Method not found: " + std::string(request.method), ""};
            Call call(identity_, context, request.uri);
            try {
                return (*run)(Json::parse(request.argumentsJson), call, *session_);
            } catch (const CallError& error) {
                return error;
            } catch (const ToolError& error) {
                return Result::failure(error.what());
            } catch (const FieldError& error) {
                return CallError{-32602, std::string("Invalid params: ") + error.what(), ""};
            }
        }
        void interrupt() noexcept override {
            if constexpr (table::CanInterrupt<Session>::value) session_->interrupt();
        }

    private:
        const SessionTable& table_;
        const Identity identity_;
        const std::unique_ptr<Session> session_;
    };

    template <class Arguments>
    static std::vector<PromptArgument> promptArguments() {
        std::vector<PromptArgument> out;
        forEachField<Arguments>([&](const auto& field) {
            using Type = std::decay_t<decltype(std::declval<Arguments>().*(field.member))>;
            static_assert(table::isOneOf<Type, std::string, std::optional<std::string>>,
                          "arguments of a prompt are strings");
            out.push_back({field.name, "", std::is_same_v<Type, std::string>, ""});
        });
        return out;
    }

    template <class Feature>
    static Feature& added(Entries<Feature>& entries, const Feature& feature, const std::string& name,
                          table::Run<Session> run) {
        if (found(entries, name)) throw std::logic_error(name + ": is in the table twice");
        entries.push_back({feature, name, std::move(run)});
        return entries.back().feature;
    }
    template <class Feature>
    static const table::Run<Session>* found(const Entries<Feature>& entries, std::string_view name) {
        for (const auto& entry : entries)
            if (entry.name == name) return &entry.run;
        return nullptr;
    }
    template <class Feature>
    static std::vector<Feature> listed(const Entries<Feature>& entries) {
        std::vector<Feature> out;
        for (const auto& entry : entries) out.push_back(entry.feature);
        return out;
    }
    const table::Run<Session>* find(const CallRequest& request) const {
        if (request.method == "tools/call") return found(tools_, request.name);
        if (request.method == "prompts/get") return found(prompts_, request.name);
        if (request.method != "resources/read") return nullptr;
        const auto* fixed = found(resources_, request.name);
        return fixed ? fixed : found(templates_, request.name);
    }

    const Open open_;
    Entries<Tool> tools_;
    Entries<Resource> resources_;
    Entries<ResourceTemplate> templates_;
    Entries<Prompt> prompts_;
};

using ToolTable = SessionTable<NoSession>;

// The same, filled from outside before it is used, for programs that bring their tools without a class.
class FunctionTable final : public ToolTable {
public:
    using ToolTable::prompt;
    using ToolTable::resource;
    using ToolTable::resourceTemplate;
    using ToolTable::tool;
};

} // namespace gatehouse
