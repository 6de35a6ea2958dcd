// Server: builds every part in order of dependence, owns it, and takes it down in reverse.
//
// Threads: construct, run() and destroy on one thread; stop() and reloadTokens() from any, destroyed only when they
// have returned: run() can end before the stop() that ended it.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "config/config.hpp"
#include "config/config_loader.hpp"

namespace gatehouse {

class EventLoop;
struct ServerParts;

// The server will not start like this: unsafe or unusable settings, all of them; exit code 3.
class UnusableConfigError : public ConfigError {
public:
    using ConfigError::ConfigError;
};

struct ServerOptions {
    std::filesystem::path executableFolder; // defaults that lie beside the executable
    std::string program = "gatehouse";      // as typed, for advice in messages
    bool stdio = false;                     // serve standard input and output instead of HTTP
    bool allowRemoteWithoutAuth = false;    // the second flag that --no-auth needs on a reachable address
    const ServerParts* parts = nullptr;     // that the program brings itself; null: none. They outlive the server
};

class Server {
public:
    // Binds its addresses, makes its parts, and is ready to take connections. Throws UnusableConfigError, and
    // http::ListenError for an address that cannot be had: nothing on disk has changed then.
    Server(const Config& config, const ServerOptions& options, const Clock& clock, Log& log);
    ~Server();

    // Serves until a stop has been asked for and every call has ended, or the drain time is over.
    void run();
    void stop();
    void reloadTokens();
    bool callsLeft() const;     // after run(): calls that did not end in time
    std::uint16_t port() const; // that MCP is bound to; 0 over standard input and output
    std::string url() const;    // of the MCP endpoint, on the address that is bound
    EventLoop& loop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The token file that is in force.
std::string tokenFileOf(const Config& config, const std::filesystem::path& executableFolder);
// The folder that plugins are found in.
std::filesystem::path pluginFolderOf(const Config& config, const std::filesystem::path& executableFolder);

} // namespace gatehouse
