// Counts what each single connection gets: wrk tells the latencies of all, not who was left out.
//
// Opens N keep-alive connections, sends the same request on each, one at a time, for a number of
// seconds, and prints one JSON line: answers in all, fewest and most answers of one connection,
// connections never answered, errors, and the p50, p99 and longest time from send to whole answer.
// A request still unanswered at the end counts with the time it has waited, so a starved
// connection shows in the latencies as well.
//
// Usage: crowd_client PORT CONNECTIONS SECONDS REQUEST_FILE
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, REQUEST_MAX = 16384, ANSWER_MAX = 16384, SLOWEST_US = 10000000 };

typedef struct {
    int descriptor;
    uint64_t sentAt;
    uint64_t answers;
    size_t have;
    char answer[ANSWER_MAX];
} Connection;

static char request[REQUEST_MAX + 1];
static size_t requestSize;
static uint32_t histogram[SLOWEST_US + 1];
static uint64_t samples, errors;

static void fail(const char* what) {
    perror(what);
    exit(1);
}

static uint64_t nowUs(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void note(uint64_t us) {
    histogram[us < SLOWEST_US ? us : SLOWEST_US]++;
    samples++;
}

static uint64_t percentile(double share) {
    uint64_t wanted = (uint64_t)((double)samples * share), seen = 0;
    for (uint64_t us = 0; us < SLOWEST_US; ++us)
        if ((seen += histogram[us]) > wanted) return us;
    return SLOWEST_US;
}

static uint64_t longest(void) {
    for (uint64_t us = SLOWEST_US; us > 0; --us)
        if (histogram[us] != 0) return us;
    return 0;
}

static void loadRequest(const char* path) {
    FILE* file = fopen(path, "rb");
    if (file == NULL) fail(path);
    requestSize = fread(request, 1, REQUEST_MAX, file);
    fclose(file);
}

static void openConnection(Connection* one, int poller, int port) {
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    one->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (one->descriptor < 0) fail("socket");
    if (connect(one->descriptor, (struct sockaddr*)&address, sizeof address) < 0) fail("connect");
    setsockopt(one->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, one->descriptor, &event) < 0) fail("epoll_ctl");
}

static void ask(Connection* one) {
    one->have = 0;
    one->sentAt = nowUs();
    ssize_t sent = send(one->descriptor, request, requestSize, MSG_NOSIGNAL);
    if (sent != (ssize_t)requestSize) errors++;
}

static size_t bodySize(const char* head) {
    const char* field = strcasestr(head, "\r\nContent-Length:");
    return field == NULL ? 0 : strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
}

static int isWhole(Connection* one) {
    one->answer[one->have] = '\0';
    const char* end = strstr(one->answer, "\r\n\r\n");
    if (end == NULL) return 0;
    size_t headSize = (size_t)(end - one->answer) + 4;
    return one->have >= headSize + bodySize(one->answer);
}

static void drop(Connection* one, int poller) {
    errors++;
    epoll_ctl(poller, EPOLL_CTL_DEL, one->descriptor, NULL);
    one->sentAt = 0;
}

static void take(Connection* one, int poller) {
    size_t room = sizeof one->answer - 1 - one->have;
    ssize_t got = recv(one->descriptor, one->answer + one->have, room, 0);
    if (got <= 0) {
        drop(one, poller);
        return;
    }
    one->have += (size_t)got;
    if (!isWhole(one)) return;
    if (strncmp(one->answer, "HTTP/1.1 200", 12) != 0) errors++;
    note(nowUs() - one->sentAt);
    one->answers++;
    ask(one);
}

static void run(int poller, uint64_t until) {
    struct epoll_event events[EVENTS];
    while (nowUs() < until) {
        int ready = epoll_wait(poller, events, EVENTS, 100);
        for (int i = 0; i < ready; ++i) take(events[i].data.ptr, poller);
    }
}

static void report(Connection* all, int count) {
    uint64_t total = 0, fewest = UINT64_MAX, most = 0, never = 0, now = nowUs();
    for (int i = 0; i < count; ++i) {
        if (all[i].sentAt != 0) note(now - all[i].sentAt);
        total += all[i].answers;
        never += all[i].answers == 0;
        if (all[i].answers < fewest) fewest = all[i].answers;
        if (all[i].answers > most) most = all[i].answers;
    }
    printf("{\"connections\":%d,\"requests\":%lu,\"fewest\":%lu,\"most\":%lu,\"never_answered\":%lu,"
           "\"errors\":%lu,\"p50_us\":%lu,\"p99_us\":%lu,\"max_us\":%lu}\n",
           count, total, fewest, most, never, errors, percentile(0.50), percentile(0.99), longest());
}

int main(int argc, char** argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: crowd_client PORT CONNECTIONS SECONDS REQUEST_FILE\n");
        return 2;
    }
    int count = atoi(argv[2]);
    Connection* all = calloc((size_t)count, sizeof *all);
    int poller = epoll_create1(0);
    if (all == NULL || poller < 0) fail("start");
    loadRequest(argv[4]);
    for (int i = 0; i < count; ++i) openConnection(&all[i], poller, atoi(argv[1]));
    for (int i = 0; i < count; ++i) ask(&all[i]);
    run(poller, nowUs() + (uint64_t)(atof(argv[3]) * 1e6));
    report(all, count);
    return 0;
}
