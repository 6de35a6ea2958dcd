// witness: a backend that tells on the server. Each client knows its identity and its serial number; the backend
// counts what is made, closed, closed twice and interrupted.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>

#include <gatehouse/plugin.hpp>

namespace {

using namespace gatehouse;

struct Counts {
    std::atomic<std::uint64_t> created{0}, closed{0}, doubleClosed{0}, interrupted{0}, identitiesGone{0};
};

class WitnessClient final : public Client {
public:
    WitnessClient(Identity identity, std::string_view credential, Counts& counts, std::uint64_t serial)
        : identity_(std::move(identity)), credential_(credential), counts_(counts), serial_(serial) {}
    ~WitnessClient() override {
        if (isClosed_.exchange(true)) counts_.doubleClosed++;
        counts_.closed++;
    }

    CallOutcome call(const CallRequest& request, CallContext& context) override {
        if (isClosed_) return CallError{-32603, "called after close", ""};
        const Json arguments = Json::parse(request.argumentsJson);
        if (request.name == "whoami" || request.name == "whoami_inline") return whoami(arguments);
        if (request.name == "counts") return told();
        if (request.name == "slow") return wait(arguments, true, context);
        if (request.name == "stubborn") return wait(arguments, false, context);
        if (request.name == "steps") return steps(arguments, context);
        if (request.name == "large" || request.name == "large_task") return large(arguments);
        if (request.name == "ask")
            return Result::text(context.askUser("q", "?", {{"type", "object"}}).accepted() ? "yes" : "no");
        if (request.name == "deaf") isDeaf_ = true;
        if (request.name == "deaf") return wait(arguments, false, context);
        return fail(arguments);
    }
    void interrupt() noexcept override {
        while (isDeaf_) std::this_thread::sleep_for(std::chrono::seconds(1)); // never returns
        counts_.interrupted++;
        const std::lock_guard lock(mutex_);
        interrupted_ = true;
        wake_.notify_all();
    }

private:
    CallOutcome whoami(const Json& arguments) const {
        Json answer = {{"subject", identity_.subject}, {"tokenId", identity_.tokenId}, {"serial", serial_}};
        answer["nonce"] = arguments.value("nonce", "");
        if (arguments.value("credential", false)) answer["credential"] = credential_;
        return Result::text(answer.dump()).structured(answer.dump());
    }
    CallOutcome told() const {
        const std::uint64_t created = counts_.created, closed = counts_.closed;
        const Json answer = {{"created", created},
                             {"closed", closed},
                             {"open", created - closed},
                             {"doubleClosed", counts_.doubleClosed.load()},
                             {"interrupted", counts_.interrupted.load()},
                             {"identitiesGone", counts_.identitiesGone.load()}};
        return Result::text(answer.dump()).structured(answer.dump());
    }
    CallOutcome wait(const Json& arguments, bool heeds, const CallContext& context) {
        const std::chrono::milliseconds time(arguments.value("ms", 0));
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, time, [&] { return heeds && interrupted_; });
        return Result::text(context.cancelled() ? "cancelled" : "done");
    }
    CallOutcome steps(const Json& arguments, CallContext& context) {
        const int count = arguments.value("count", 3);
        for (int i = 1; i <= count; ++i) context.progress(i, count, "step");
        return Result::text("done");
    }
    static CallOutcome large(const Json& arguments) {
        return Result::text(std::string(arguments.value("bytes", std::size_t{0}), 'x'));
    }
    static CallOutcome fail(const Json& arguments) {
        const std::string kind = arguments.value("kind", "");
        if (kind == "std") throw std::runtime_error("secret inside of the backend");
        if (kind == "int") throw 42;
        if (kind == "alloc") throw std::bad_alloc();
        if (kind == "json") return Result::raw("not json");
        return Result::failure("failed on purpose");
    }

    const Identity identity_;
    const std::string credential_; // of the backend, as the server got it for this caller
    Counts& counts_;
    const std::uint64_t serial_;
    std::atomic<bool> isClosed_{false}, isDeaf_{false};
    std::mutex mutex_; // guards interrupted_
    std::condition_variable wake_;
    bool interrupted_ = false;
};

Tool tool(const char* name, bool runsInline) {
    Tool out;
    out.name = name;
    out.description = std::string("Test tool ") + name + ".";
    out.inputSchema = {{"type", "object"}};
    out.runsInline = runsInline;
    return out;
}

class WitnessBackend final : public Backend {
public:
    WitnessBackend(const Settings& settings, const Host&) {
        settings.allowOnly({"fail"});
        if (settings.flag("fail", false)) throw SettingsError("fail: told to refuse");
    }
    std::vector<Tool> tools() const override {
        return {tool("whoami", false),
                tool("whoami_inline", true),
                tool("counts", false),
                tool("slow", false),
                tool("stubborn", false),
                tool("steps", false),
                tool("throw", false),
                tool("large", false),
                tool("ask", false),
                tool("deaf", false),
                largeTask()};
    }
    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials& credentials) override {
        if (identity.subject == "unwanted") throw std::runtime_error("no client for unwanted");
        const std::uint64_t serial = ++counts_.created;
        return std::make_unique<WitnessClient>(identity, credentials.bearer, counts_, serial);
    }
    void identityGone(std::string_view) override { counts_.identitiesGone++; }

private:
    static Tool largeTask() {
        Tool out = tool("large_task", false);
        out.tasks = Tool::Tasks::required;
        out.taskFromStart = true;
        return out;
    }
    Counts counts_;
};

} // namespace

GATEHOUSE_BACKEND(WitnessBackend, "witness", "1.0.0")
