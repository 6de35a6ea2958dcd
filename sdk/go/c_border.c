#include "c_border.h"

#include <string.h>

#include "_cgo_export.h"
#include "gatehouse_go.h"

void gatehouse_go_log(const gatehouse_host* host, int32_t level, gatehouse_str message) {
    host->log(host->ctx, level, message);
}

int64_t gatehouse_go_now(const gatehouse_host* host) { return host->now_ms(host->ctx); }

static void found(void* ctx, const gatehouse_token_record* record) {
    gatehouseGoFound((uintptr_t)ctx, (gatehouse_token_record*)record);
}

int32_t gatehouse_go_find(const gatehouse_host* host, const uint8_t* digest, uintptr_t record) {
    return host->find_token(host->ctx, digest, (void*)record, found);
}

void gatehouse_go_drop(const gatehouse_host* host, gatehouse_str isolation_key) {
    host->drop_verdicts(host->ctx, isolation_key);
}

void gatehouse_go_put(gatehouse_sink sink, gatehouse_str text) { sink.put(sink.ctx, text); }

void gatehouse_go_answer(gatehouse_verdict_sink sink, const gatehouse_verdict* verdict) { sink.put(sink.ctx, verdict); }

/* --- the validator's functions ----------------------------------------------------------------------------------- */

static void* create(const gatehouse_host* host, gatehouse_str settings_json, gatehouse_sink error) {
    return (void*)gatehouseGoCreate((gatehouse_host*)host, settings_json, error);
}

static void traits(void* self, gatehouse_traits_sink out, gatehouse_sink error) {
    const gatehouse_validator_traits mine = {.size = sizeof(mine)};
    (void)self, (void)error;
    out.put(out.ctx, &mine);
}

static void validate(void* self, const gatehouse_token_request* request, gatehouse_verdict_sink out) {
    gatehouseGoValidate((uintptr_t)self, (gatehouse_token_request*)request, out);
}

static void identity_gone(void* self, gatehouse_str isolation_key) {
    gatehouseGoIdentityGone((uintptr_t)self, isolation_key);
}

static void destroy(void* self) { gatehouseGoDestroy((uintptr_t)self); }

/* The other optional functions are null: not offered. */
static const gatehouse_token_validator_v1 table = {
    .size = sizeof(table),
    .create = create,
    .destroy = destroy,
    .traits = traits,
    .validate = validate,
    .identity_gone = identity_gone,
};

const void* gatehouse_go_interface(const char* id) {
    return strcmp(id, GATEHOUSE_TOKEN_VALIDATOR_1) == 0 ? &table : NULL;
}
