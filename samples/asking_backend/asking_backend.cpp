// asking: books a table after asking the user, with progress on the way. Written once for every protocol version: the
// questions reach a client of 2024 as requests of the server, and one of 2026-07-28 as an answer that asks to call
// again.
#include <gatehouse/plugin.hpp>

using namespace gatehouse;

class AskingClient final : public Client {
public:
    CallOutcome call(const CallRequest& request, CallContext& context) override {
        const std::string restaurant = Json::parse(request.argumentsJson).at("restaurant");
        const Json form = {{"type", "object"},
                           {"properties", {{"guests", {{"type", "integer"}, {"minimum", 1}, {"default", 2}}}}},
                           {"required", {"guests"}}};
        // Ask first: until everything is answered, the call begins anew with each answer.
        const UserAnswer answer = context.askUser("guests", "A table at " + restaurant + " for how many?", form);
        if (!answer.accepted()) return Result::text("Nothing was booked.");
        std::string greeting = "Enjoy your meal!";
        if (context.clientCan("sampling"))
            greeting = context.sample("greeting", "Wish someone a good meal at " + restaurant, 50);

        context.progress(1, 2, "calling " + restaurant);
        if (context.cancelled()) return Result::failure("cancelled before anything was booked");
        context.progress(2, 2, "booked");
        const int guests = answer.content.at("guests");
        return Result::text("A table for " + std::to_string(guests) + " at " + restaurant + ". " + greeting);
    }
};

class AskingBackend final : public Backend {
public:
    AskingBackend(const Settings& settings, const Host&) { settings.allowOnly({}); }
    std::vector<Tool> tools() const override {
        Tool book;
        book.name = "book_table";
        book.description = "Books a table at a restaurant.";
        book.inputSchema = {
            {"type", "object"}, {"properties", {{"restaurant", {{"type", "string"}}}}}, {"required", {"restaurant"}}};
        return {book};
    }
    std::unique_ptr<Client> createClient(const Identity&, const Credentials&) override {
        return std::make_unique<AskingClient>();
    }
};

GATEHOUSE_BACKEND(AskingBackend, "asking", "1.0.0")
