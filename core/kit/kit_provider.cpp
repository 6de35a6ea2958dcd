#include "kit/kit_provider.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <gatehouse/json.hpp>

#include "base/percent.hpp"
#include "base/silent_telemetry.hpp"
#include "http/http_server.hpp"

namespace gatehouse::kit {

namespace {

struct Answer {
    int status = 200;
    std::string body;
};

// The value of `name` in a form (application/x-www-form-urlencoded).
std::string formValue(std::string_view form, const std::string& name) {
    while (!form.empty()) {
        const std::string_view field = form.substr(0, form.find('&'));
        form.remove_prefix(std::min(field.size() + 1, form.size()));
        if (field.substr(0, name.size() + 1) != name + "=") continue;
        std::string value(field.substr(name.size() + 1));
        std::replace(value.begin(), value.end(), '+', ' ');
        return percentDecoded(value).value_or("");
    }
    return {};
}

constexpr const char* page = "<!doctype html><title>Maintenance</title>";

} // namespace

const char* wordsFor(Health health) {
    switch (health) {
        case Health::well: return "is well";
        case Health::failing: return "answers with HTTP 500";
        case Health::garbage: return "answers with a page";
        case Health::gone: return "closes every connection";
    }
    return "";
}

class KitProvider::Desk final : public http::Handler {
public:
    explicit Desk(Log& log)
        : loop_(clock_, {[&log](std::string_view fault) { log.error(fault); }, {}}),
          server_(std::make_unique<http::HttpServer>(loop_, http::Limits{}, telemetry_, log)) {
        http::Router routes;
        for (const char* path : {"/jwks", "/introspect", "/token", "/trap", "/.well-known/openid-configuration",
                                 "/.well-known/oauth-authorization-server"})
            routes.add(path, *this);
        port = server_->listen("127.0.0.1:0", std::move(routes), nullptr);
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~Desk() override {
        loop_.post([this] {
            server_.reset();
            loop_.stop();
        });
        thread_.join();
    }

    http::HeadAnswer onHead(http::Exchange& /*exchange*/) override { return http::HeadAnswer::go; }
    void onRequest(http::Exchange& exchange) override {
        const std::lock_guard lock(mutex);
        const std::string path(exchange.head().path);
        ++(path == "/trap" ? trapped : asked);
        if (health == Health::gone) return exchange.abort();
        const Answer answer = answerTo(path, exchange.body());
        exchange.reply({answer.status, "application/json", answer.body, "", false});
    }

    std::mutex mutex; // guards what follows
    Health health = Health::well;
    std::string document, keys, trap, exchanged;
    std::map<std::string, std::string> known;
    int asked = 0, trapped = 0;
    std::uint16_t port = 0;

private:
    Answer answerTo(const std::string& path, std::string_view form) const {
        if (health == Health::failing) return {500, "{}"};
        if (health == Health::garbage) return {200, page};
        if (path == "/jwks") return {200, keys};
        if (path == "/trap") return {200, trap};
        if (path == "/introspect") return introspected(formValue(form, "token"));
        if (path != "/token") return {200, document};
        if (exchanged.empty()) return {400, R"({"error":"invalid_target","error_description":"kit says no"})"};
        return {200, Json{{"access_token", exchanged},
                          {"issued_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                          {"token_type", "Bearer"},
                          {"expires_in", 300}}
                         .dump()};
    }
    Answer introspected(const std::string& token) const {
        const auto found = known.find(token);
        return {200, found == known.end() ? R"({"active":false})" : found->second};
    }

    SystemClock clock_;
    SilentTelemetry telemetry_;
    EventLoop loop_;
    std::unique_ptr<http::HttpServer> server_;
    std::thread thread_;
};

KitProvider::KitProvider(Log& log)
    : desk_(std::make_unique<Desk>(log)), url_("http://127.0.0.1:" + std::to_string(desk_->port)) {
    const std::lock_guard lock(desk_->mutex);
    desk_->document = Json{
        {"issuer", url_},
        {"jwks_uri", keysUrl()},
        {"introspection_endpoint", introspectionUrl()},
        {"token_endpoint", tokenUrl()},
        {"authorization_endpoint", url_ + "/authorize"},
        {"response_types_supported",
         {"code"}}}.dump();
}

KitProvider::~KitProvider() = default;

void KitProvider::setHealth(Health health) {
    const std::lock_guard lock(desk_->mutex);
    desk_->health = health;
}

void KitProvider::publish(std::string keySet) {
    const std::lock_guard lock(desk_->mutex);
    desk_->keys = std::move(keySet);
}

void KitProvider::setTrap(std::string keySet) {
    const std::lock_guard lock(desk_->mutex);
    desk_->trap = std::move(keySet);
}

void KitProvider::know(const std::string& token, std::string answer) {
    const std::lock_guard lock(desk_->mutex);
    desk_->known[token] = std::move(answer);
}

void KitProvider::giveInExchange(std::string token) {
    const std::lock_guard lock(desk_->mutex);
    desk_->exchanged = std::move(token);
}

int KitProvider::asked() const {
    const std::lock_guard lock(desk_->mutex);
    return desk_->asked;
}

int KitProvider::trapped() const {
    const std::lock_guard lock(desk_->mutex);
    return desk_->trapped;
}

} // namespace gatehouse::kit
