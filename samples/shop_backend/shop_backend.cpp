// shop: each caller has a basket. Three tools, a resource, a prompt, a question to the user, a handle for each call.
#include <mutex>

#include <gatehouse/tool_table.hpp>

using namespace gatehouse;

struct Article {
    std::string name;
    int count = 1;
};
GATEHOUSE_FIELDS(Article, name, count)

struct Bill {
    std::map<std::string, int> articles;
    int pieces = 0;
};
GATEHOUSE_FIELDS(Bill, articles, pieces)

struct Shop {
    std::mutex mutex;
    std::map<std::string, Bill> baskets; // by isolation key
};

// A caller's basket, for the length of one call.
struct Basket {
    Basket(Shop& shop, const Identity& who) : lock(shop.mutex), bill(shop.baskets[who.isolationKey]) {}
    const std::lock_guard<std::mutex> lock;
    Bill& bill;
};

class ShopBackend final : public SessionTable<Basket> {
public:
    ShopBackend(const Settings& settings, const Host&)
        : SessionTable(
              [this](const Identity& who, const Credentials&) { return std::make_unique<Basket>(shop_, who); }) {
        settings.allowOnly({});
        tool("put", "Puts articles into the caller's basket.", [](const Article& in, Basket& basket) {
            if (in.count < 1) throw ToolError("count must be at least 1");
            basket.bill.pieces += in.count;
            return Article{in.name, basket.bill.articles[in.name] += in.count};
        });
        const auto bill = [](Basket& basket) { return basket.bill; };
        tool("bill", "What is in the basket.", bill).annotations = {{"readOnlyHint", true}};
        tool("order", "Orders it, if the user says so.", [](Basket& basket, Call& call) {
            if (!call.confirm("sure", std::to_string(basket.bill.pieces) + " pieces?")) return "kept";
            basket.bill = {};
            return "ordered";
        });
        const auto json = [](Basket& basket) { return toJson(basket.bill).dump(); };
        resource("shop://basket", "basket", "application/json", json);
        prompt("recipe", "Asks for a recipe.", [=](Basket& basket) { return "What can I cook with " + json(basket); });
    }

private:
    Shop shop_;
};

GATEHOUSE_BACKEND(ShopBackend, "shop", "1.0.0")
