/* A backend in plain C against the frozen abi.h of release 1.0: it must load for as long as the major is 1. */
#include <string.h>

#include "frozen/abi_1_0.h"

static int self, client;

static gatehouse_str text(const char* bytes) {
    gatehouse_str made;
    made.data = bytes;
    made.size = strlen(bytes);
    return made;
}
static void* create(const gatehouse_host* host, gatehouse_str settings, gatehouse_sink error) {
    (void)host, (void)settings, (void)error;
    return &self;
}
static void destroy(void* me) { (void)me; }
static void describe(void* me, gatehouse_feature_sink out, gatehouse_sink error) {
    gatehouse_feature tool;
    (void)me, (void)error;
    memset(&tool, 0, sizeof(tool));
    tool.size = sizeof(tool);
    tool.kind = GATEHOUSE_FEATURE_TOOL;
    tool.name = text("name_of");
    tool.definition_json = text("{\"name\":\"name_of\",\"inputSchema\":{\"type\":\"object\"}}");
    out.put(out.ctx, &tool);
}
static void* create_client(void* me, const gatehouse_identity* identity, const gatehouse_credentials* credentials,
                           gatehouse_error_sink error) {
    (void)me, (void)identity, (void)credentials, (void)error;
    return &client;
}
static void client_call(void* lent, const gatehouse_call_request* request, const gatehouse_call_host* host) {
    (void)lent;
    if (request->name.size == strlen("name_of"))
        host->result(host->ctx, text("{\"content\":[{\"type\":\"text\",\"text\":\"frozen\"}]}"));
    else
        host->error(host->ctx, -32602, text("another name"), text(""));
}
static void client_close(void* lent) { (void)lent; }

static const gatehouse_backend_v1 table = {sizeof(table), create,       destroy, describe, create_client,
                                           client_call,   client_close, 0,       0,        0};
static const void* interface_of(const char* id) { return strcmp(id, GATEHOUSE_BACKEND_1) == 0 ? &table : 0; }

__attribute__((visibility("default"))) const gatehouse_plugin_table gatehouse_plugin_entry = {
    GATEHOUSE_ABI_MAGIC, GATEHOUSE_ABI_MAJOR, GATEHOUSE_ABI_MINOR, sizeof(gatehouse_plugin_table),
    "frozen", "1.0.0", GATEHOUSE_BACKEND_1, interface_of};
