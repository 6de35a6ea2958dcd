/* Go cannot call a function pointer, and a Go object may not be a pointer in C: these stand in between. */
#ifndef GATEHOUSE_GO_BORDER_H
#define GATEHOUSE_GO_BORDER_H

#include <gatehouse/abi.h>

void gatehouse_go_log(const gatehouse_host* host, int32_t level, gatehouse_str message);
int64_t gatehouse_go_now(const gatehouse_host* host);
int32_t gatehouse_go_find(const gatehouse_host* host, const uint8_t* digest, uintptr_t record);
void gatehouse_go_drop(const gatehouse_host* host, gatehouse_str isolation_key);
void gatehouse_go_put(gatehouse_sink sink, gatehouse_str text);
void gatehouse_go_answer(gatehouse_verdict_sink sink, const gatehouse_verdict* verdict);

#endif
