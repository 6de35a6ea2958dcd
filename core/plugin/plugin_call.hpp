// PluginCall: which function of which plugin a thread is in, so that a process that ends there can say so.
//
// Threads: any; each object on one. The functions below are safe in a signal handler.
#pragma once

namespace gatehouse {

class PluginCall {
public:
    // Both strings outlive the call.
    PluginCall(const char* plugin, const char* function) noexcept;
    ~PluginCall();
    PluginCall(const PluginCall&) = delete;
    PluginCall& operator=(const PluginCall&) = delete;

    struct Where {
        const char* plugin = nullptr; // null: in none
        const char* function = nullptr;
    };
    static Where ofThisThread() noexcept;
    // The call that plugins are made or taken down with, one after the other: of whatever thread that is.
    static Where ofLifecycle() noexcept;

private:
    const Where outer_; // of this thread, before
};

// A PluginCall that makes a plugin, describes it or takes it down.
class LifecycleCall {
public:
    LifecycleCall(const char* plugin, const char* function) noexcept;
    ~LifecycleCall();
    LifecycleCall(const LifecycleCall&) = delete;
    LifecycleCall& operator=(const LifecycleCall&) = delete;

private:
    const PluginCall call_;
    const PluginCall::Where outer_; // of the lifecycle, before
};

} // namespace gatehouse
