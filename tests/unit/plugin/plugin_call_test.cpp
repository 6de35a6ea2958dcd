#include "plugin/plugin_call.hpp"

#include <string>
#include <thread>

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

std::string shown(const PluginCall::Where& where) {
    return where.plugin ? std::string(where.plugin) + "." + where.function : "none";
}
std::string here() { return shown(PluginCall::ofThisThread()); }

} // namespace

TEST_CASE("a thread is in the innermost call, and in none after the last") {
    CHECK(here() == "none");
    {
        const PluginCall chain("outer", "validate");
        CHECK(here() == "outer.validate");
        {
            const PluginCall other("inner", "validate");
            CHECK(here() == "inner.validate");
        }
        CHECK(here() == "outer.validate");
        std::string there = "not looked at";
        std::thread([&] { there = here(); }).join();
        CHECK(there == "none");
    }
    CHECK(here() == "none");
}

TEST_CASE("the call that makes a plugin is seen from every thread") {
    CHECK(shown(PluginCall::ofLifecycle()) == "none");
    {
        const LifecycleCall making("slow", "create");
        CHECK(here() == "slow.create");
        const PluginCall asked("other", "validate");
        std::string there = "not looked at";
        std::thread([&] { there = shown(PluginCall::ofLifecycle()); }).join();
        CHECK(there == "slow.create");
    }
    CHECK(shown(PluginCall::ofLifecycle()) == "none");
}
