/* A validator in plain C that breaks the contract: it gives no verdict, answers an exchange with a kind that there is
 * not, and with SHORT_TABLE says that its table ends before its functions do. */
#include <string.h>

#include <gatehouse/abi.h>

static int self;

static void* create(const gatehouse_host* host, gatehouse_str settings, gatehouse_sink error) {
    (void)host, (void)settings, (void)error;
    return &self;
}
static void traits(void* me, gatehouse_traits_sink out, gatehouse_sink error) {
    gatehouse_validator_traits mine;
    (void)me, (void)error;
    memset(&mine, 0, sizeof(mine));
    mine.size = sizeof(mine);
    mine.flags = GATEHOUSE_VALIDATOR_EXCHANGES;
    out.put(out.ctx, &mine);
}
static void validate(void* me, const gatehouse_token_request* request, gatehouse_verdict_sink out) {
    (void)me, (void)request, (void)out;
}
static void identity_gone(void* me, gatehouse_str key) { (void)me, (void)key; }
static void destroy(void* me) { (void)me; }
static void exchange(void* me, const gatehouse_exchange_request* request, gatehouse_exchange_sink out) {
    gatehouse_exchange_answer answer;
    (void)me, (void)request;
    memset(&answer, 0, sizeof(answer));
    answer.size = sizeof(answer);
    answer.kind = 77;
    answer.credential.data = "credential";
    answer.credential.size = 10;
    out.put(out.ctx, &answer);
}

static const gatehouse_token_validator_v1 table = {
#ifdef SHORT_TABLE
    2 * sizeof(void*),
#else
    sizeof(table),
#endif
    create,
    destroy,
    traits,
    validate,
    exchange,
    identity_gone,
    0};
static const void* interface_of(const char* id) { return strcmp(id, GATEHOUSE_TOKEN_VALIDATOR_1) == 0 ? &table : 0; }

__attribute__((visibility("default")))
const gatehouse_plugin_table gatehouse_plugin_entry = {GATEHOUSE_ABI_MAGIC,
                                                       GATEHOUSE_ABI_MAJOR,
                                                       GATEHOUSE_ABI_MINOR,
                                                       sizeof(gatehouse_plugin_table),
                                                       "odd",
                                                       "1.0.0",
                                                       GATEHOUSE_TOKEN_VALIDATOR_1,
                                                       interface_of};
