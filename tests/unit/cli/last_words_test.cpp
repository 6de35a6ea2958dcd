#include "cli/last_words.hpp"

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "plugin/plugin_call.hpp"

using namespace gatehouse;
using namespace gatehouse::cli;

namespace {

struct End {
    std::string said; // on standard error
    int status = 0;
};

// Runs `work` in a process of its own, whose signals nobody handles.
End endOf(const std::function<void()>& work) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit noCore{0, 0};
        ::setrlimit(RLIMIT_CORE, &noCore);
        for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
        ::dup2(pipe[1], STDERR_FILENO);
        reportFatalSignals();
        work();
        ::_exit(0);
    }
    ::close(pipe[1]);
    End end;
    char part[256];
    for (ssize_t got = 0; (got = ::read(pipe[0], part, sizeof(part))) > 0;)
        end.said.append(part, static_cast<std::size_t>(got));
    ::close(pipe[0]);
    ::waitpid(child, &end.status, 0);
    return end;
}

} // namespace

TEST_CASE("a signal that ends the process is told with the plugin and its function, and ends it as it would have") {
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
        const End end = endOf([signal] {
            const PluginCall call("my_plugin", "validate");
            std::raise(signal);
        });
        CHECK(end.said ==
              "gatehouse: died by signal " + std::to_string(signal) + " in plugin my_plugin, function validate\n");
        CHECK(WIFSIGNALED(end.status));
        CHECK(WTERMSIG(end.status) == signal);
    }
    CHECK(endOf([] { std::abort(); }).said == "gatehouse: died by signal 6 outside of any call of a plugin\n");
}

TEST_CASE("a signal that somebody handles is left alone") {
    const End end = endOf([] {
        std::signal(SIGSEGV, [](int) { ::_exit(42); });
        reportFatalSignals();
        std::raise(SIGSEGV);
    });
    CHECK(end.said.empty());
    CHECK(WEXITSTATUS(end.status) == 42);
}

TEST_CASE("exit() while serving is a failure that names who called it; afterwards it is what it was") {
    const End inside = endOf([] {
        const NoExit serving;
        const PluginCall call("my_plugin", "client_call");
        std::exit(0);
    });
    CHECK(inside.said == "gatehouse: exit() was called in plugin my_plugin, function client_call\n");
    CHECK(WEXITSTATUS(inside.status) == EXIT_FAILURE);
    const End after = endOf([] {
        { const NoExit served; }
        std::exit(7);
    });
    CHECK(after.said.empty());
    CHECK(WEXITSTATUS(after.status) == 7);
}

TEST_CASE("a name that is too long for the line is cut") {
    const std::string name(1000, 'n');
    const End end = endOf([&] {
        const PluginCall call(name.c_str(), "validate");
        std::abort();
    });
    CHECK(end.said.size() < 400);
    CHECK(end.said.back() == '\n');
}
