#include "plugin/plugin_call.hpp"

#include <atomic>

namespace gatehouse {

namespace {

thread_local PluginCall::Where here; // trivial, so that a signal handler may read it

std::atomic<const char*> lifecyclePlugin{nullptr}, lifecycleFunction{nullptr};

void setLifecycle(const PluginCall::Where& where) {
    lifecycleFunction = where.function; // first, so that a plugin is never shown without one
    lifecyclePlugin = where.plugin;
}

} // namespace

PluginCall::PluginCall(const char* plugin, const char* function) noexcept : outer_(here) { here = {plugin, function}; }

PluginCall::~PluginCall() { here = outer_; }

PluginCall::Where PluginCall::ofThisThread() noexcept { return here; }

PluginCall::Where PluginCall::ofLifecycle() noexcept { return {lifecyclePlugin, lifecycleFunction}; }

LifecycleCall::LifecycleCall(const char* plugin, const char* function) noexcept
    : call_(plugin, function), outer_(PluginCall::ofLifecycle()) {
    setLifecycle({plugin, function});
}

LifecycleCall::~LifecycleCall() { setLifecycle(outer_); }

} // namespace gatehouse
