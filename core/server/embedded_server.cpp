#include <gatehouse/server/embedded_server.hpp>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include <unistd.h>

#include "base/signal_mask.hpp"
#include "config/config_loader.hpp"
#include "server/server.hpp"

namespace gatehouse {

namespace {

Config settingsOf(const std::string& text) {
    ConfigSources sources;
    sources.text = text;
    sources.environment = [](const char*) -> const char* { return nullptr; };
    return readConfig(sources);
}

ServerOptions optionsOf(const ServerParts& parts) {
    std::error_code error;
    ServerOptions options;
    options.executableFolder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    options.parts = &parts;
    return options;
}

std::unique_ptr<Log> logOf(const ServerParts& parts, LogLevel level) {
    return parts.log ? std::make_unique<Log>(parts.log, level) : std::make_unique<Log>(STDERR_FILENO, level);
}

} // namespace

struct EmbeddedServer::Impl {
    Impl(const std::string& settings, ServerParts given)
        : parts(std::move(given)), config(settingsOf(settings)), log(logOf(parts, config.logLevel)),
          server(std::make_unique<Server>(config, optionsOf(parts), clock, *log)) {}

    const SystemClock clock;
    const ServerParts parts;
    const Config config;
    const std::unique_ptr<Log> log;
    const std::unique_ptr<Server> server;
    std::atomic<bool> isStarted{false};
    std::thread thread;
    std::promise<void> ended;
    const std::shared_future<void> end{ended.get_future()};
};

// The server's threads inherit what this one blocks.
EmbeddedServer::EmbeddedServer(const std::string& settings, ServerParts parts) {
    const SignalsBlocked whileItStarts;
    try {
        impl_ = std::make_unique<Impl>(settings, std::move(parts));
    } catch (const std::exception& fault) {
        throw StartError(fault.what());
    }
}

EmbeddedServer::~EmbeddedServer() {
    if (!impl_->thread.joinable()) return;
    stop();
    impl_->thread.join();
}

void EmbeddedServer::start() {
    if (impl_->thread.joinable()) throw std::logic_error("an EmbeddedServer is started once");
    const SignalsBlocked whileItStarts;
    impl_->isStarted = true;
    impl_->thread = std::thread([impl = impl_.get()] {
        impl->server->run();
        impl->ended.set_value();
    });
}

void EmbeddedServer::stop() { impl_->server->stop(); }

void EmbeddedServer::wait() {
    if (impl_->isStarted) impl_->end.wait();
}

std::uint16_t EmbeddedServer::port() const { return impl_->server->port(); }

std::string EmbeddedServer::url() const { return impl_->server->url(); }

} // namespace gatehouse
