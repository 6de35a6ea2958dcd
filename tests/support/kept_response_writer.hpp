// A writer that keeps what goes back to the client.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gatehouse/json.hpp>

#include "mcp/transport/response_writer.hpp"

namespace gatehouse::test {

class KeptResponseWriter final : public mcp::ResponseWriter, public std::enable_shared_from_this<KeptResponseWriter> {
public:
    static std::shared_ptr<KeptResponseWriter> make(bool takes = true) {
        auto writer = std::make_shared<KeptResponseWriter>();
        writer->takes = takes;
        return writer;
    }
    bool acceptsMessages() const override { return takes; }
    void message(std::string_view json) override {
        if (takes && !isOver()) messages.emplace_back(json);
    }
    void answer(int httpStatus, std::string_view json, std::string_view lines) override {
        ++answers;
        status = httpStatus;
        text = json;
        headers = lines;
    }
    void end(const GateRefusal* why) override {
        ++answers;
        status = why ? why->status : 202;
    }
    void whenGone(std::function<void()> gone) override { gone_ = std::move(gone); }
    void release(std::chrono::milliseconds retry) override { released.push_back(retry); }
    void announce() override { ++announced; }
    std::shared_ptr<ResponseWriter> keep() override { return shared_from_this(); }

    bool isOver() const { return answers > 0; }
    void goAway() { // as when the client hangs up
        if (const auto gone = std::exchange(gone_, nullptr)) gone();
    }
    Json json() const { return Json::parse(text); }
    Json result() const { return json().at("result"); }
    int errorCode() const { return json().at("error").at("code").get<int>(); }

    bool takes = true;
    std::vector<std::string> messages; // before the answer
    int answers = 0, status = 0;
    std::string text, headers; // of the answer
    std::vector<std::chrono::milliseconds> released;
    int announced = 0;

private:
    std::function<void()> gone_;
};

} // namespace gatehouse::test
