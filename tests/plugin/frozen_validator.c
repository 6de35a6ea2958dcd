/* A validator in plain C against the frozen abi.h of release 1.0: it must load for as long as the major is 1. */
#include <string.h>

#include "frozen/abi_1_0.h"

static int self;

static void* create(const gatehouse_host* host, gatehouse_str settings, gatehouse_sink error) {
    (void)host, (void)settings, (void)error;
    return &self;
}
static void traits(void* me, gatehouse_traits_sink out, gatehouse_sink error) {
    gatehouse_validator_traits mine = {sizeof(mine), 0, {0, 0}, {0, 0}, {0, 0}};
    (void)me, (void)error;
    out.put(out.ctx, &mine);
}
static void validate(void* me, const gatehouse_token_request* request, gatehouse_verdict_sink out) {
    gatehouse_verdict verdict;
    gatehouse_identity identity;
    (void)me;
    memset(&verdict, 0, sizeof(verdict));
    memset(&identity, 0, sizeof(identity));
    verdict.size = sizeof(verdict);
    identity.size = sizeof(identity);
    identity.subject.data = "frozen";
    identity.subject.size = 6;
    identity.isolation_key = identity.subject;
    identity.expires_at_ms = GATEHOUSE_NEVER;
    verdict.kind = request->token.size == 12 ? GATEHOUSE_ACCEPT : GATEHOUSE_REJECT;
    verdict.reason = GATEHOUSE_REASON_UNKNOWN;
    verdict.identity = &identity;
    out.put(out.ctx, &verdict);
}
static void identity_gone(void* me, gatehouse_str key) { (void)me, (void)key; }
static void destroy(void* me) { (void)me; }

static const gatehouse_token_validator_v1 table = {sizeof(table), create, destroy, traits, validate, 0, identity_gone, 0};
static const void* interface_of(const char* id) { return strcmp(id, GATEHOUSE_TOKEN_VALIDATOR_1) == 0 ? &table : 0; }

__attribute__((visibility("default"))) const gatehouse_plugin_table gatehouse_plugin_entry = {
    GATEHOUSE_ABI_MAGIC, GATEHOUSE_ABI_MAJOR, GATEHOUSE_ABI_MINOR, sizeof(gatehouse_plugin_table),
    "frozen", "1.0.0", GATEHOUSE_TOKEN_VALIDATOR_1, interface_of};
