// Parts that the program around the server brings itself: how the settings choose them, and its routes.
// Threads: as WorkerHandler.
#pragma once

#include <gatehouse/server/server_parts.hpp>

#include "config/config.hpp"
#include "handler/worker_handler.hpp"

namespace gatehouse {

// A single validator or backend is in force without being named. Several that none is named of are a fault.
Config withOwnParts(Config config, const ServerParts* parts);

// A route of the program, behind the gate.
class OwnRoute final : public WorkerHandler {
public:
    OwnRoute(Gate& gate, const WorkerHandlerDeps& deps, GatedOptions options, const Route& route)
        : WorkerHandler(gate, deps, std::move(options)), route_(route) {}

protected:
    WorkerAnswer answer(const WorkerRequest& request) override;

private:
    const Route& route_;
};

} // namespace gatehouse
