// EmbeddedServer: Gatehouse within a program of one's own.
//
//     EmbeddedServer server("{http: {address: '127.0.0.1:0'}}", std::move(parts));
//     server.start();
//     std::cout << server.url() << "\n";
//     ...
//     server.stop();
//
// It installs no signal handler, and its threads take no signals of the program's. Several may live in one process;
// they share nothing but the soft limit of open files, which each raises to the hard one.
// Threads: construct, start and destroy on one; the rest from any, and returned from before it is destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include <gatehouse/server/server_parts.hpp>

namespace gatehouse {

// The server cannot start like this: settings that are invalid or unsafe, all of them in what(); an address that is
// taken; a plugin or a feature that cannot be served.
class StartError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class EmbeddedServer {
public:
    // `settings`: YAML or JSON, with the keys of conf/gatehouse.yaml; no settings file, no variable and no token file
    // that they do not name is looked at, but ${NAME} in a value is that variable. Binds its addresses and makes its
    // parts; does not serve yet. Throws StartError.
    explicit EmbeddedServer(const std::string& settings, ServerParts parts = {});
    // Stops, lets calls under way end within the drain time, and waits until every handler has returned.
    ~EmbeddedServer();
    EmbeddedServer(const EmbeddedServer&) = delete;
    EmbeddedServer& operator=(const EmbeddedServer&) = delete;

    void start();               // serves, on a thread of its own; returns at once. Once.
    void stop();                // takes no more calls and lets those under way end; returns at once
    void wait();                // returns when it has stopped; at once when it was never started
    std::uint16_t port() const; // that was bound, also where the address said 0
    std::string url() const;    // of the MCP endpoint, as clients on this machine reach it

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace gatehouse
