// The yardstick of `make bench`: what a socket loop costs that does nothing else.
//
// One thread, level-triggered epoll; for each readiness one recv and one send of fixed bytes. It
// reads no header, checks no token and parses nothing: whatever arrives in one piece counts as one
// request. So a request takes at most three system calls (epoll_wait, recv, send), and fewer when
// one epoll_wait tells of several connections; the bench proves it with `strace -c`.
//
// Usage: bare_loop [FILE]    FILE holds the response bytes (the bench passes an answer of
// Gatehouse, so that both send the same number of bytes). Prints the port on standard output.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 512, RESPONSE_MAX = 65536, REQUEST_MAX = 16384 };

static const char builtinBody[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\","
                                  "\"text\":\"hello, gatehouse\"}]}}";
static const char builtinHead[] = "HTTP/1.1 200 OK\r\n"
                                  "Content-Type: application/json\r\n"
                                  "Content-Length: %zu\r\n"
                                  "\r\n%s";

static char response[RESPONSE_MAX];
static size_t responseSize;

static void fail(const char* what) {
    perror(what);
    exit(1);
}

static void loadResponse(const char* path) {
    if (path == NULL) {
        int size = snprintf(response, sizeof response, builtinHead, sizeof builtinBody - 1, builtinBody);
        responseSize = (size_t)size;
        return;
    }
    FILE* file = fopen(path, "rb");
    if (file == NULL) fail(path);
    responseSize = fread(response, 1, sizeof response, file);
    fclose(file);
}

static int openListener(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (listener < 0) fail("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr*)&address, size) < 0) fail("bind");
    if (listen(listener, 4096) < 0) fail("listen");
    if (getsockname(listener, (struct sockaddr*)&address, &size) < 0) fail("getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void watch(int poller, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
}

static void acceptOne(int poller, int listener) {
    int on = 1;
    int peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (peer < 0) return;
    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(poller, peer);
}

static void answer(int peer) {
    char request[REQUEST_MAX];
    ssize_t got = recv(peer, request, sizeof request, 0);
    if (got <= 0 || send(peer, response, responseSize, MSG_NOSIGNAL) < 0) close(peer);
}

int main(int argc, char** argv) {
    struct epoll_event events[EVENTS];
    loadResponse(argc > 1 ? argv[1] : NULL);
    int poller = epoll_create1(0);
    if (poller < 0) fail("epoll_create1");
    int listener = openListener();
    watch(poller, listener);
    for (;;) {
        int ready = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < ready; ++i) {
            if (events[i].data.fd == listener)
                acceptOne(poller, listener);
            else
                answer(events[i].data.fd);
        }
    }
}
