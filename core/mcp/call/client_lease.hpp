// ClientLease: the client of one call. Made from the caller's identity, closed when the lease ends, whatever happened.
//
// Threads: construction, operator* and destruction on the call's thread; interrupt() from any, also while the call
// runs. After the destructor has begun, interrupt() does nothing; one that is under way is waited for, so interrupt
// never meets a closed client.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include <gatehouse/backend.hpp>

#include "auth/caller.hpp"
#include "base/telemetry.hpp"

namespace gatehouse::mcp {

// Where an interrupt finds the client of a call, from before it is made until after it is closed.
class InterruptPoint {
public:
    void interrupt(); // remembered when no client is there yet
    // An interrupt that came before is passed on at once.
    void attach(Client& client);
    void detach();

private:
    std::mutex mutex_; // guards the members; not held while the client is called
    std::condition_variable free_;
    Client* client_ = nullptr;
    int inside_ = 0;
    bool wanted_ = false;
};

class ClientLease {
public:
    // Throws what the factory throws.
    ClientLease(ClientFactory& factory, const Caller& caller, const Credentials& credentials, InterruptPoint& point,
                Telemetry& telemetry)
        : ClientLease(factory, caller, credentials, &point, telemetry) {}
    // Of a call that nobody can interrupt.
    ClientLease(ClientFactory& factory, const Caller& caller, const Credentials& credentials, Telemetry& telemetry)
        : ClientLease(factory, caller, credentials, nullptr, telemetry) {}
    ~ClientLease();
    ClientLease(const ClientLease&) = delete;
    ClientLease& operator=(const ClientLease&) = delete;
    Client& operator*() const { return *client_; }

private:
    ClientLease(ClientFactory& factory, const Caller& caller, const Credentials& credentials, InterruptPoint* point,
                Telemetry& telemetry);

    InterruptPoint* const point_;
    Telemetry& telemetry_;
    const bool isLent_; // the fallback client: neither made nor closed for this call, and not counted
    std::unique_ptr<Client> client_;
};

} // namespace gatehouse::mcp
