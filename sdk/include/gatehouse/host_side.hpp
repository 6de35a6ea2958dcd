// What the host offers, seen from within a plugin: abi.h turned into the SDK's Host. Part of plugin.hpp.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/abi.h>
#include <gatehouse/border.hpp>
#include <gatehouse/host.hpp>
#include <gatehouse/settings.hpp>
#include <gatehouse/verdict_border.hpp>

// What GATEHOUSE_SETTINGS declares; the address is null where it is not there.
extern "C" __attribute__((weak, visibility("default"))) const char gatehouse_plugin_settings[];

namespace gatehouse::door {

using border::str;
using border::view;

// A validator of the host's, seen as the SDK's.
class OtherValidator final : public TokenValidator {
public:
    explicit OtherValidator(const gatehouse_other_validator* other) : other_(other) {}
    Verdict validate(const TokenRequest& request) override {
        const border::TokenRequestView c(request);
        border::VerdictBox box;
        other_->validate(other_->ctx, c.get(), box.sink());
        return box.release();
    }

private:
    const gatehouse_other_validator* other_;
};

// The host's table seen as the SDK's Host.
class HostSide final : public Host {
public:
    explicit HostSide(const gatehouse_host* table) : table_(table) {}
    void log(LogLevel level, std::string_view message) const override {
        table_->log(table_->ctx, static_cast<std::int32_t>(level), str(message));
    }
    WallTime now() const override { return border::time(table_->now_ms(table_->ctx)); }
    TokenLookup findToken(const Sha256& digest) const override {
        TokenRecord record;
        const auto found = [](void* ctx, const gatehouse_token_record* c) noexcept {
            auto& out = *static_cast<TokenRecord*>(ctx);
            out.id = border::copy(c->id);
            out.note = border::copy(c->note);
            out.database = border::copy(c->database);
            out.createdAt = border::time(c->created_at_ms);
            out.expiresAt = border::time(c->expires_at_ms);
        };
        const std::int32_t answer = table_->find_token(table_->ctx, digest.data(), &record, found);
        if (answer > 0) return record;
        if (answer == 0) return TokenUnknown{};
        return TokenStoreDown{};
    }
    void dropVerdicts(std::string_view isolationKey) const override {
        table_->drop_verdicts(table_->ctx, str(isolationKey));
    }
    void notify(Change change, std::string_view uri) const override {
        table_->notify(table_->ctx, static_cast<std::int32_t>(change), str(uri));
    }
    FetchResult fetch(const FetchRequest& request) const override {
        std::vector<gatehouse_field> fields;
        for (const auto& [name, value] : request.headers) fields.push_back({str(name), str(value)});
        const gatehouse_fetch_request c = {sizeof(c),
                                           str(request.method),
                                           str(request.url),
                                           fields.data(),
                                           fields.size(),
                                           str(request.body),
                                           request.maxBytes,
                                           static_cast<std::uint32_t>(request.timeout.count()),
                                           request.publicOnly ? std::uint32_t{GATEHOUSE_FETCH_PUBLIC_ONLY} : 0u};
        FetchResult result = FetchFault{"the host gave no answer"};
        table_->fetch(table_->ctx, &c, &result, putFetched);
        return result;
    }
    TokenValidator& validator(std::string_view name) const override {
        std::string error;
        const auto take = [](void* ctx, gatehouse_str text) noexcept {
            static_cast<std::string*>(ctx)->assign(view(text));
        };
        const gatehouse_other_validator* other = table_->validator(table_->ctx, str(name), {&error, take});
        if (!other) throw SettingsError(error);
        others_.push_back(std::make_unique<OtherValidator>(other));
        return *others_.back();
    }
    std::string resourceUrl() const override { return border::copy(table_->resource_url); }

private:
    static void putFetched(void* ctx, const gatehouse_fetch_answer* c) noexcept {
        try {
            auto& out = *static_cast<FetchResult*>(ctx);
            if (c->status == 0) out = FetchFault{border::copy(c->error)};
            else out = FetchAnswer{c->status, border::copy(c->body), border::copy(c->content_type)};
        } catch (const std::exception&) { // no memory for the answer: then there was none
        }
    }
    const gatehouse_host* table_;
    mutable std::vector<std::unique_ptr<OtherValidator>> others_; // while the plugin is made
};

inline void put(gatehouse_sink sink, std::string_view text) { sink.put(sink.ctx, str(text)); }

// Runs `work` at the start; whatever it throws becomes the error. `what`: the function, for what is no std::exception.
template <class Work>
auto started(const char* what, gatehouse_sink error, const Work& work) noexcept -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception& fault) {
        put(error, fault.what());
    } catch (...) {
        try {
            put(error, std::string(what) + " threw something that is no std::exception");
        } catch (const std::exception&) { // no memory for the words
            put(error, what);
        }
    }
    return decltype(work())();
}

inline void logThrown(const HostSide& host, const char* function, const char* detail) noexcept {
    try {
        host.log(LogLevel::error, std::string(function) + " threw: " + detail);
    } catch (const std::exception&) { // no memory for the line
        host.log(LogLevel::error, function);
    }
}

// Runs `work` for a call; whatever it throws is logged, and the host sees that there is no answer.
template <class Work>
void logged(const char* function, const HostSide& host, const Work& work) noexcept {
    try {
        work();
    } catch (const std::exception& fault) {
        logThrown(host, function, fault.what());
    } catch (...) {
        logThrown(host, function, "something that is no std::exception");
    }
}

// A declared key may be left unread: the host has judged it. Null: the plugin declares none.
inline void countDeclaredAsRead(const Settings& settings, const char* schemaText) {
    if (!schemaText) return;
    const Json schema = Json::parse(schemaText);
    for (const auto& property : schema.at("properties").items()) static_cast<void>(settings.has(property.key()));
}

template <class Door>
void* create(const gatehouse_host* host, gatehouse_str settings, gatehouse_sink error) noexcept {
    return started("the constructor", error, [&]() -> void* {
        const Settings own(Json::parse(view(settings)));
        auto door = std::make_unique<Door>(host, own);
        countDeclaredAsRead(own, &gatehouse_plugin_settings[0]);
        own.refuseUnread();
        return door.release();
    });
}

template <class Door>
void destroy(void* self) noexcept {
    delete static_cast<Door*>(self);
}

template <class Door>
void notReady(void* self, gatehouse_sink detail) noexcept {
    auto& door = *static_cast<Door*>(self);
    logged("notReady", door.host, [&] {
        const std::string cause = door.plugin.notReady();
        if (!cause.empty()) put(detail, cause);
    });
}

template <class Door>
void identityGone(void* self, gatehouse_str isolationKey) noexcept {
    auto& door = *static_cast<Door*>(self);
    logged("identityGone", door.host, [&] { door.plugin.identityGone(view(isolationKey)); });
}

} // namespace gatehouse::door
