#include "mcp/call/client_lease.hpp"

#include <stdexcept>

namespace gatehouse::mcp {

void InterruptPoint::interrupt() {
    Client* client = nullptr;
    {
        std::lock_guard lock(mutex_);
        wanted_ = true;
        client = client_;
        if (!client) return;
        ++inside_;
    }
    client->interrupt();
    std::lock_guard lock(mutex_);
    if (--inside_ == 0) free_.notify_all();
}

void InterruptPoint::attach(Client& client) {
    {
        std::lock_guard lock(mutex_);
        client_ = &client;
        if (!wanted_) return;
        ++inside_;
    }
    client.interrupt();
    std::lock_guard lock(mutex_);
    if (--inside_ == 0) free_.notify_all();
}

void InterruptPoint::detach() {
    std::unique_lock lock(mutex_);
    client_ = nullptr;
    free_.wait(lock, [this] { return inside_ == 0; });
}

ClientLease::ClientLease(ClientFactory& factory, const Caller& caller, const Credentials& credentials,
                         InterruptPoint* point, Telemetry& telemetry)
    : point_(point), telemetry_(telemetry), isLent_(caller.isFallback()),
      client_(factory.createClient(caller.identity, credentials)) {
    if (!client_) throw std::runtime_error("createClient returned no client");
    if (!isLent_) {
        telemetry_.counted(Counter::clientsCreated);
        telemetry_.changed(Gauge::openClients, +1);
    }
    if (point_) point_->attach(*client_);
}

ClientLease::~ClientLease() {
    if (point_) point_->detach();
    client_.reset();
    if (isLent_) return;
    telemetry_.changed(Gauge::openClients, -1);
    telemetry_.counted(Counter::clientsClosed);
}

} // namespace gatehouse::mcp
