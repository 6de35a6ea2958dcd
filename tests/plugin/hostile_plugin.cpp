// A plugin that breaks the border in one way, which the environment variable HOSTILE names: "FUNCTION:WAY". The rest of
// it is as it should be. Written against abi.h alone, and without noexcept: some ways throw through the border.
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>

#include <unistd.h>

#include <gatehouse/abi.h>

namespace {

std::string wayOf(const char* function) {
    const char* set = std::getenv("HOSTILE");
    const std::string word = set ? set : "", prefix = std::string(function) + ":";
    return word.rfind(prefix, 0) == 0 ? word.substr(prefix.size()) : "";
}

gatehouse_str str(const char* text) { return {text, std::strlen(text)}; }
constexpr gatehouse_str latin1{"caf\xe9", 4};

// What every function may do instead of its work. False: it goes on.
bool ended(const std::string& way) {
    if (way == "throws") throw std::runtime_error("thrown through the border");
    if (way == "throws_int") throw 42;
    if (way == "exits") std::exit(0);
    if (way == "aborts") std::abort();
    if (way == "crashes") *static_cast<volatile int*>(nullptr) = 1;
    while (way == "hangs") ::pause();
    return way == "nothing";
}

int self;
const gatehouse_host* lent;
std::atomic<bool> isInterrupted{false};

void* create(const gatehouse_host* host, gatehouse_str, gatehouse_sink error) {
    const std::string way = wayOf("create");
    lent = host;
    if (ended(way)) return nullptr;
    if (way == "refuses_twice") error.put(error.ctx, str("the first cause")), error.put(error.ctx, str("the second"));
    if (way == "latin1") error.put(error.ctx, latin1);
    return way.empty() ? &self : nullptr;
}
void destroy(void*) {
    const std::string way = wayOf("destroy");
    if (way == "logs_from_a_thread")
        std::thread([] { lent->log(lent->ctx, GATEHOUSE_LOG_INFO, str("the last line")); }).join();
    else ended(way);
}
void identityGone(void*, gatehouse_str) { ended(wayOf("identity_gone")); }
void notReady(void*, gatehouse_sink detail) {
    const std::string way = wayOf("not_ready");
    if (ended(way) || way.empty()) return;
    detail.put(detail.ctx, way == "latin1" ? latin1 : str("not now"));
    if (way == "twice") detail.put(detail.ctx, str("never"));
}

void traits(void*, gatehouse_traits_sink out, gatehouse_sink error) {
    const std::string way = wayOf("traits");
    if (ended(way)) return;
    if (way == "refuses" || way == "both") error.put(error.ctx, str("not today"));
    if (way == "refuses") return;
    if (way == "null") return out.put(out.ctx, nullptr);
    gatehouse_validator_traits mine{};
    mine.size = way == "small" ? 8 : sizeof(mine);
    mine.flags = way == "exchanges" ? GATEHOUSE_VALIDATOR_EXCHANGES : GATEHOUSE_VALIDATOR_INLINE;
    if (wayOf("validate") == "hangs") mine.flags = 0;
    if (!wayOf("exchange").empty()) mine.flags = GATEHOUSE_VALIDATOR_EXCHANGES;
    if (way == "header_with_line") mine.header = str("X-Key\r\nX-Other");
    if (way == "header_with_space") mine.header = str("X Key");
    if (way == "scheme_with_space") mine.scheme = str("My Scheme");
    out.put(out.ctx, &mine);
    if (way == "twice") out.put(out.ctx, nullptr);
}

// Lets everybody in as "somebody", unless the way says otherwise.
void validate(void*, const gatehouse_token_request*, gatehouse_verdict_sink out) {
    const std::string way = wayOf("validate");
    if (ended(way)) return;
    if (way == "null") return out.put(out.ctx, nullptr);
    const gatehouse_str scope = way == "latin1_scope" ? latin1 : str("read");
    gatehouse_identity who{};
    who.size = way == "small_identity" ? 8 : sizeof(who);
    who.issuer = str("hostile");
    who.subject = way == "latin1_subject" ? latin1 : str("somebody");
    who.isolation_key = way == "no_key" ? gatehouse_str{} : way == "latin1_key" ? latin1 : str("somebody");
    who.claims_json = way == "claims_text" ? str("not json") : way == "claims_open" ? str("{bad") : gatehouse_str{};
    if (way == "claims_array") who.claims_json = str("[]");
    who.scopes = way == "null_scopes" ? nullptr : &scope;
    who.scope_count = 1;
    who.expires_at_ms = way == "expired" ? 1 : GATEHOUSE_NEVER;
    gatehouse_verdict verdict{};
    verdict.size = way == "small" ? 8 : sizeof(verdict);
    verdict.kind = way == "kind_0" ? 0 : way == "kind_99" ? 99 : GATEHOUSE_ACCEPT;
    verdict.identity = way == "null_identity" ? nullptr : &who;
    if (way == "null_needed") verdict.needed_scope_count = 3;
    if (way == "negative_time") verdict.cache_ms = INT64_MIN;
    gatehouse_verdict no{};
    no.size = sizeof(no);
    no.kind = GATEHOUSE_REJECT;
    no.reason = way == "reason_99" ? 99 : GATEHOUSE_REASON_EXPIRED;
    no.detail = way == "latin1_detail" ? latin1 : str("line\nERROR forged");
    if (way == "reject_accept" || way == "reason_99" || way == "latin1_detail") out.put(out.ctx, &no);
    if (way != "reason_99" && way != "latin1_detail") out.put(out.ctx, &verdict);
    if (way == "accept_reject") out.put(out.ctx, &no);
}

void exchange(void*, const gatehouse_exchange_request*, gatehouse_exchange_sink out) {
    const std::string way = wayOf("exchange");
    if (ended(way)) return;
    gatehouse_exchange_answer answer{};
    answer.size = way == "small" ? 8 : sizeof(answer);
    answer.kind = way == "kind_99" ? 99 : GATEHOUSE_EXCHANGED;
    answer.credential = way == "latin1" ? latin1 : str("for the backend");
    out.put(out.ctx, way == "null" ? nullptr : &answer);
    if (way == "twice") out.put(out.ctx, &answer);
}

void describe(void*, gatehouse_feature_sink out, gatehouse_sink error) {
    const std::string way = wayOf("describe");
    if (ended(way)) return;
    if (way == "refuses") return error.put(error.ctx, str("not today"));
    if (way == "null") return out.put(out.ctx, nullptr);
    const char* definition = R"({"name":"try","inputSchema":{"type":"object"}})";
    if (way == "no_json") definition = "{bad";
    if (way == "array") definition = "[]";
    if (way == "bad_schema") definition = R"({"name":"try","inputSchema":{"type":7}})";
    gatehouse_feature tool{sizeof(tool), GATEHOUSE_FEATURE_TOOL, 0, str("try"), str(definition)};
    if (way == "small") tool.size = 8;
    if (way == "latin1_name") tool.name = latin1;
    if (way == "unknown_kind") tool.kind = 77;
    out.put(out.ctx, &tool);
    if (way == "twice") out.put(out.ctx, &tool);
}

void* createClient(void*, const gatehouse_identity*, const gatehouse_credentials*, gatehouse_error_sink error) {
    const std::string way = wayOf("create_client");
    if (ended(way)) return nullptr;
    if (way == "busy") error.put(error.ctx, -32050, str("come back later"), str(R"({"seconds":5})"));
    if (way == "busy_twice") error.put(error.ctx, -32050, str("come back later"), {});
    if (way == "busy_twice") error.put(error.ctx, -32051, str("or never"), {});
    if (way == "bad_data") error.put(error.ctx, -32050, str("come back later"), str(R"(1}, "id": 5)"));
    if (way == "internal") error.put(error.ctx, 0, str("the secret cause"), {});
    return way.empty() ? &self : nullptr;
}

void call(void*, const gatehouse_call_request*, const gatehouse_call_host* host) {
    const std::string way = wayOf("client_call");
    if (ended(way)) return;
    while (!wayOf("client_interrupt").empty() && !isInterrupted) std::this_thread::yield();
    const auto error = [&](const char* data) { host->error(host->ctx, -32050, str("no"), str(data)); };
    if (way == "data_open") return error("{bad");
    if (way == "data_escapes") return error(R"(1}, "id": 5, "x": {"y": 1)");
    if (way == "data_latin1") return host->error(host->ctx, -32050, latin1, latin1);
    if (way == "result_text") return host->result(host->ctx, str("not json"));
    if (way == "result_array") return host->result(host->ctx, str("[]"));
    if (way == "result_latin1")
        return host->result(host->ctx, {"{\"content\":[{\"type\":\"text\",\"text\":\"\xe9\"}]}", 42});
    if (way == "asks_text") return host->input_required(host->ctx, str("not json"));
    if (way == "asks_odd") return host->input_required(host->ctx, str(R"({"k": 5})"));
    if (way == "odd_progress") host->progress(host->ctx, NAN, INFINITY, latin1);
    if (way == "odd_message") host->message(host->ctx, 99, latin1, str("{bad"));
    if (way == "error_then_result") error("");
    host->result(host->ctx, str(R"({"content":[{"type":"text","text":"fine"}]})"));
    if (way == "result_then_error") error("");
    if (way == "task_after") host->become_task(host->ctx), host->release_stream(host->ctx, UINT32_MAX);
}
void closeClient(void*) { ended(wayOf("client_close")); }
void interrupt(void*) {
    isInterrupted = true;
    ended(wayOf("client_interrupt"));
}

gatehouse_token_validator_v1 validator{sizeof(validator), create,   destroy,      traits,
                                       validate,          exchange, identityGone, notReady};
gatehouse_backend_v1 backend{sizeof(backend), create,    destroy,      describe, createClient, call,
                             closeClient,     interrupt, identityGone, notReady};

// "table:NAME" takes one function away, or changes the size.
[[maybe_unused]] const void* interface(const char* id) {
    if (ended(wayOf("interface"))) return nullptr;
    const std::string way = wayOf("table");
    const bool isBackend = std::strcmp(id, GATEHOUSE_BACKEND_1) == 0;
    if (way == "size_0") validator.size = backend.size = 0;
    if (way == "size_less") validator.size = sizeof(validator) - 8, backend.size = sizeof(backend) - 8;
    if (way == "size_more") validator.size = backend.size = 4096;
    if (way == "create") validator.create = nullptr, backend.create = nullptr;
    if (way == "destroy") validator.destroy = nullptr, backend.destroy = nullptr;
    if (way == "traits") validator.traits = nullptr;
    if (wayOf("traits") == "exchanges") validator.exchange = nullptr;
    if (way == "validate") validator.validate = nullptr;
    if (way == "describe") backend.describe = nullptr;
    if (way == "create_client") backend.create_client = nullptr;
    if (way == "client_call") backend.client_call = nullptr;
    if (way == "client_close") backend.client_close = nullptr;
    if (way == "optional") validator.identity_gone = nullptr, backend.identity_gone = nullptr;
    if (way == "optional") validator.not_ready = nullptr, backend.not_ready = nullptr;
    if (way == "optional") backend.client_interrupt = nullptr;
    if (isBackend) return &backend;
    return std::strcmp(id, GATEHOUSE_TOKEN_VALIDATOR_1) == 0 ? &validator : nullptr;
}

} // namespace

extern "C" {
extern __attribute__((visibility("default"))) const gatehouse_plugin_table gatehouse_plugin_entry;
const gatehouse_plugin_table gatehouse_plugin_entry = {GATEHOUSE_ABI_MAGIC,
                                                       GATEHOUSE_ABI_MAJOR,
                                                       GATEHOUSE_ABI_MINOR,
                                                       sizeof(gatehouse_plugin_table),
                                                       "hostile",
                                                       "1.0.0",
#ifdef NULL_INTERFACE
                                                       "gatehouse.token_validator/1",
                                                       nullptr};
#else
                                                       "gatehouse.token_validator/1 gatehouse.backend/1",
                                                       interface};
#endif
}
