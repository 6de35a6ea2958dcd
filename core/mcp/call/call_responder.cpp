#include "mcp/call/call_responder.hpp"

#include <utility>
#include <vector>

#include <gatehouse/json_text.hpp>

#include "mcp/message/answer.hpp"

namespace gatehouse::mcp {

namespace {

// A question to the client, in each era. Modern: it is the answer to this request, with what is known so far in a
// sealed requestState; nothing is kept here, the client calls again. Legacy: a request of the server on the call's own
// stream; PendingAsks brings the answers, and with the last of them the call is resumed.

class WireResponder : public CallResponder {
public:
    WireResponder(std::shared_ptr<ResponseWriter> writer, WireForm form)
        : writer_(std::move(writer)), form_(std::move(form)) {}

    bool takesNotifications() const override { return writer_->acceptsMessages(); }
    void notify(std::string_view json) override { writer_->message(json); }
    void error(const RpcError& error) override { sendError(*writer_, {form_.idText, form_.headers}, error); }
    void end(const GateRefusal* why) override { writer_->end(why); }
    void whenGone(std::function<void()> gone) override { writer_->whenGone(std::move(gone)); }
    void release(std::chrono::milliseconds retry) override { writer_->release(retry); }
    void announce() override { writer_->announce(); }

protected:
    void send(std::string_view json) { sendResult(*writer_, {form_.idText, form_.headers}, json); }
    const std::shared_ptr<ResponseWriter> writer_;
    const WireForm form_;
};

class ModernResponder final : public WireResponder {
public:
    ModernResponder(std::shared_ptr<ResponseWriter> writer, WireForm form, SealState seal)
        : WireResponder(std::move(writer), std::move(form)), seal_(std::move(seal)) {}

    void result(std::string json, const ObjectReport& report) override {
        send(modernResult({json, report.hasMeta, report.hasResultType, form_.cachedFields}));
    }
    Asked ask(const InputRequired& requests, const std::shared_ptr<ClientAnswers>& answers, Resumed) override {
        const Json missing = ClientAnswers::missingCapabilities(requests, form_.clientCapabilitiesJson);
        if (!missing.is_null()) return error(missingCapabilityError(missing)), Asked::refused;
        const std::string state = seal_(*answers);
        if (state.empty()) return error({200, code::internalError, "Internal error", ""}), Asked::refused;
        send(modernResult({.json = inputRequiredResult(requests, state), .hasResultType = true}));
        return Asked::answered;
    }

private:
    const SealState seal_;
};

class LegacyResponder final : public WireResponder {
public:
    LegacyResponder(std::shared_ptr<ResponseWriter> writer, WireForm form, std::string sessionId, PendingAsks& asks)
        : WireResponder(std::move(writer), std::move(form)), sessionId_(std::move(sessionId)), asks_(asks) {}
    ~LegacyResponder() override {
        for (const std::string& id : open_) asks_.forget(sessionId_, id);
    }

    void result(std::string json, const ObjectReport&) override { send(json); }
    Asked ask(const InputRequired& requests, const std::shared_ptr<ClientAnswers>& answers, Resumed resumed) override {
        const bool hasWay = !sessionId_.empty() && takesNotifications();
        const Json missing = ClientAnswers::missingCapabilities(requests, form_.clientCapabilitiesJson);
        if (!hasWay || !missing.is_null()) {
            const std::string what =
                hasWay ? "it does not support " + missing.begin().key() : "that needs a session and an event stream";
            send(Result::failure("The client cannot be asked: " + what).json());
            return Asked::refused;
        }
        resumed_ = std::move(resumed);
        for (const InputRequest& request : requests.requests) {
            if (askOne(request, answers)) continue;
            send(Result::failure("The client cannot be asked: too many questions are open").json());
            return Asked::refused;
        }
        return Asked::waiting;
    }

private:
    bool askOne(const InputRequest& request, const std::shared_ptr<ClientAnswers>& answers) {
        auto id = std::make_shared<std::string>();
        *id = asks_.expect(sessionId_,
                           [this, id, key = request.key, answers](std::string_view result, std::string_view error) {
                               std::erase(open_, *id);
                               answered(*answers, key, result, error);
                           });
        if (id->empty()) return false;
        open_.push_back(*id);
        writer_->message(
            serverRequest(*id, request.method, request.params.dump(-1, ' ', false, Json::error_handler_t::replace)));
        return true;
    }
    void answered(ClientAnswers& answers, const std::string& key, std::string_view result, std::string_view error) {
        if (!resumed_) return;
        if (result.empty()) return resume("The client answered " + key + " with an error: " + std::string(error));
        if (!answers.accept(key, Json::parse(result, nullptr, false)))
            return resume("The client's answer to " + key + " is not what was asked for");
        if (open_.empty()) resume("");
    }
    void resume(const std::string& refusal) {
        if (const auto resumed = std::exchange(resumed_, nullptr)) resumed(refusal);
    }

    const std::string sessionId_;
    PendingAsks& asks_;
    std::vector<std::string> open_;
    Resumed resumed_;
};

} // namespace

std::unique_ptr<CallResponder> modernResponder(std::shared_ptr<ResponseWriter> writer, WireForm form, SealState seal) {
    return std::make_unique<ModernResponder>(std::move(writer), std::move(form), std::move(seal));
}

std::unique_ptr<CallResponder> legacyResponder(std::shared_ptr<ResponseWriter> writer, WireForm form,
                                               std::string sessionId, PendingAsks& asks) {
    return std::make_unique<LegacyResponder>(std::move(writer), std::move(form), std::move(sessionId), asks);
}

std::string inputRequiredResult(const InputRequired& requests, std::string_view requestState) {
    std::string out = R"({"resultType":"input_required","inputRequests":)" + requests.json();
    out += R"(,"requestState":)";
    appendJsonString(out, requestState);
    out += '}';
    return out;
}

RpcError missingCapabilityError(const Json& missing) {
    const Json data = {{"requiredCapabilities", missing}};
    return {400, code::missingCapability, "Missing required client capability", data.dump()};
}

} // namespace gatehouse::mcp
