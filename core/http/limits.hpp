// Limits of the HTTP engine: everything that a peer can make grow, and what happens at the limit.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/budget.hpp"

namespace gatehouse::http {

using Milliseconds = std::chrono::milliseconds;

struct Limits {
    std::size_t headBytes = 16 << 10; // more: 431
    std::size_t fields = 100;         // more: 431
    std::size_t bodyBytes = 4 << 20;  // more: 413, decided by Content-Length or while chunks arrive
    // Bodies on their way, and answers that are not read yet, by identity (before it is known: by address) and in all;
    // more: 503, and an event stream is dropped.
    BudgetLimits bodies{32u << 20, 256u << 20};
    BudgetLimits outputs{32u << 20, 256u << 20};
    std::size_t outputBytes = 1 << 20; // unsent of an event stream as the next comes; more: it is dropped
    std::size_t connections = 20'000;  // more: wait in the listen queue
    // TLS handshakes at once, of one address and in all; more: the oldest that has sent nothing is dropped, else the
    // new.
    std::size_t handshakes = 512;
    std::size_t handshakesPerAddress = 128;

    // Totals, not per read.
    Milliseconds handshakeTime{3'000};           // of TLS; then closed
    Milliseconds headTime{10'000};               // from connect or first byte to the end of the head; then 408
    Milliseconds bodyTime{30'000};               // then 408
    Milliseconds unauthenticatedBodyTime{5'000}; // to drain the body of a refused request; then closed
    Milliseconds idleTime{60'000};               // keep-alive without a request; then closed
    Milliseconds writeTime{60'000};              // a reader that takes nothing; then closed
    Milliseconds drainTime{30'000};              // from stop to the end of the last call; then closed
};

} // namespace gatehouse::http
