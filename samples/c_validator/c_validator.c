/* Accepts the API tokens of the host's store (`gatehouse token add`), in C11 against gatehouse/abi.h alone. */
#include <stdlib.h>
#include <string.h>

#include <gatehouse/abi.h>

typedef struct validator {
    const gatehouse_host* host;
} validator;

/* What one look-up needs: who asks, and where the verdict goes. */
typedef struct question {
    const gatehouse_host* host;
    gatehouse_verdict_sink out;
} question;

static gatehouse_str str(const char* text) { return (gatehouse_str){text, strlen(text)}; }

static void* create(const gatehouse_host* host, gatehouse_str settings_json, gatehouse_sink error) {
    validator* self = malloc(sizeof(*self));
    (void)settings_json; /* none, as it declares */
    if (!self) error.put(error.ctx, str("no memory"));
    else self->host = host;
    return self;
}

static void traits(void* self, gatehouse_traits_sink out, gatehouse_sink error) {
    const gatehouse_validator_traits mine = {
        .size = sizeof(mine), .flags = GATEHOUSE_VALIDATOR_INLINE, /* a look-up in memory */
    };
    (void)self, (void)error;
    out.put(out.ctx, &mine);
}

static void reject(gatehouse_verdict_sink out, uint32_t reason, gatehouse_str detail) {
    const gatehouse_verdict verdict = {
        .size = sizeof(verdict), .kind = GATEHOUSE_REJECT, .reason = reason, .detail = detail};
    out.put(out.ctx, &verdict);
}

/* The record's strings live only as long as this call: the verdict is given from here. */
static void found(void* ctx, const gatehouse_token_record* record) {
    const question* asked = ctx;
    const gatehouse_identity identity = {
        .size = sizeof(identity),
        .issuer = str("c_validator"),
        .subject = record->id,
        .token_id = record->id,
        .isolation_key = record->id,
        .expires_at_ms = record->expires_at_ms,
    };
    const gatehouse_verdict verdict = {
        .size = sizeof(verdict),
        .kind = GATEHOUSE_ACCEPT,
        .identity = &identity,
        .cache_ms = GATEHOUSE_NEVER, /* until the token expires, or the store changes */
    };
    if (record->expires_at_ms <= asked->host->now_ms(asked->host->ctx))
        reject(asked->out, GATEHOUSE_REASON_EXPIRED, record->id);
    else asked->out.put(asked->out.ctx, &verdict);
}

static void validate(void* self, const gatehouse_token_request* request, gatehouse_verdict_sink out) {
    const gatehouse_host* host = ((validator*)self)->host;
    question asked = {host, out};
    const int32_t known = host->find_token(host->ctx, request->token_sha256, &asked, found);
    if (known == 0) reject(out, GATEHOUSE_REASON_UNKNOWN, str(""));
    if (known < 0) {
        const gatehouse_verdict verdict = {
            .size = sizeof(verdict), .kind = GATEHOUSE_UNAVAILABLE, .detail = str("the token store cannot answer")};
        out.put(out.ctx, &verdict);
    }
}

static void destroy(void* self) { free(self); }

/* The optional functions are null: not offered. */
static const gatehouse_token_validator_v1 table = {
    .size = sizeof(table),
    .create = create,
    .destroy = destroy,
    .traits = traits,
    .validate = validate,
};

static const void* interface(const char* id) { return strcmp(id, GATEHOUSE_TOKEN_VALIDATOR_1) == 0 ? &table : NULL; }

__attribute__((visibility("default"))) const char gatehouse_plugin_settings[] = "{\"properties\": {}}";

__attribute__((visibility("default"))) const gatehouse_plugin_table gatehouse_plugin_entry = {
    .magic = GATEHOUSE_ABI_MAGIC,
    .abi_major = GATEHOUSE_ABI_MAJOR,
    .abi_minor = GATEHOUSE_ABI_MINOR,
    .size = sizeof(gatehouse_plugin_entry),
    .name = "c_validator",
    .version = "1.0.0",
    .interfaces = GATEHOUSE_TOKEN_VALIDATOR_1,
    .interface = interface,
};
