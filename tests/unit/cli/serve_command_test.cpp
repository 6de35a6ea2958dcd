#include <catch2/catch.hpp>

#include <csignal>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "cli/command.hpp"
#include "cli/signals.hpp"
#include "support/notification.hpp"
#include "support/sample_tokens.hpp"
#include "support/string_console.hpp"

using namespace gatehouse;
using test::StringConsole;

namespace {

// serve blocks signals and logs to standard error: both are put back, and what was logged is kept.
class ServeGuard {
public:
    ServeGuard() : pipeBefore_(::signal(SIGPIPE, SIG_DFL)), errorBefore_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10)) {
        ::pthread_sigmask(SIG_SETMASK, nullptr, &maskBefore_);
        const int file = ::open(folder_.file("log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        ::dup2(file, STDERR_FILENO);
        ::close(file);
    }
    ~ServeGuard() {
        ::dup2(errorBefore_, STDERR_FILENO);
        ::close(errorBefore_);
        ::pthread_sigmask(SIG_SETMASK, &maskBefore_, nullptr);
        ::signal(SIGPIPE, pipeBefore_);
    }
    ServeGuard(const ServeGuard&) = delete;
    ServeGuard& operator=(const ServeGuard&) = delete;
    std::string logged() const { return test::readText(folder_.file("log")); }

private:
    test::ScratchFolder folder_;
    void (*pipeBefore_)(int);
    int errorBefore_;
    sigset_t maskBefore_{};
};

const std::string echo = std::string("backend: {plugin: echo}\nplugins: {dir: '") + TEST_LIBRARIES +
                         "/gatehouse'}\nhttp: {address: '127.0.0.1:0'}\n";

} // namespace

TEST_CASE("help and wrong use of serve") {
    const StringConsole at;
    CHECK(at.run(cli::serve, {"--help"}).code == cli::done);
    CHECK(at.run(cli::serve, {"--help"}).out.rfind("Usage: gatehouse serve [flags]", 0) == 0);
    CHECK(at.run(cli::serve, {"now"}).wrongUse == "serve takes no further words, got now");
    CHECK(at.run(cli::serve, {"--port", "1"}).wrongUse.rfind("unknown flag --port; known here:", 0) == 0);
}

TEST_CASE("a start that is refused says why and ends with 3") {
    struct Row {
        const char* what;
        std::string settings, tokens;
        std::vector<std::string> words;
        const char* told;
    };
    for (const Row& row :
         std::vector<Row>{{"no token file", echo, "", {}, "ERROR: Token file not found: "},
                          {"a token file that is broken", echo, "tokens: [\n", {}, "tokens.yaml:2: "},
                          {"no authentication where others reach it",
                           echo,
                           "",
                           {"--no-auth", "--addr", "0.0.0.0:0"},
                           "--no-auth: auth.enabled: no authentication on 0.0.0.0:0: refused"},
                          {"an unknown backend",
                           echo + "auth: {enabled: no}\n",
                           "",
                           {"--config", "unknown"},
                           "unknown.yaml:1: backend.plugin: expected a full path or one of: echo, everything, sql"}}) {
        DYNAMIC_SECTION(row.what) {
            const StringConsole at;
            at.folder.write("gatehouse.yaml", row.settings);
            at.folder.write(
                "unknown.yaml",
                "backend: {plugin: none}\nauth: {enabled: no}\nhttp: {address: '127.0.0.1:0'}\nplugins: {dir: '" +
                    std::string(TEST_LIBRARIES) + "/gatehouse'}\n");
            if (!row.tokens.empty()) at.folder.write("gatehouse-tokens.yaml", row.tokens);
            std::vector<std::string> words = row.words;
            if (!words.empty() && words.back() == "unknown") words.back() = at.folder.file("unknown.yaml");
            test::Said said;
            {
                const ServeGuard guard;
                said = at.run(cli::serve, words);
            }
            CHECK(said.code == cli::refused);
            CHECK(said.err.find(row.told) != std::string::npos);
        }
    }
}

TEST_CASE("advice on a missing token file names the program as typed") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", echo);
    test::Said said;
    {
        const ServeGuard guard;
        said = at.run(cli::serve, {});
    }
    CHECK(said.err == "ERROR: Token file not found: " + at.tokens +
                          "\nCreate a token with: gatehouse token add --token-file " + at.tokens +
                          "\nOr disable authentication with: --no-auth\n");
}

TEST_CASE("it serves until TERM, says where, and ends with 0") {
    for (const bool document : {false, true}) {
        DYNAMIC_SECTION((document ? "as the document starts it" : "as a command")) {
            const StringConsole at;
            at.folder.write("gatehouse.yaml", echo);
            at.folder.write("gatehouse-tokens.yaml", "tokens:\n" + test::listItem("a", "a"));
            test::Said said;
            std::string logged;
            {
                const ServeGuard guard;
                cli::blockSignals();
                ::kill(::getpid(), SIGTERM); // waits until the loop looks
                said = document ? at.run(cli::compatForm, {"-http"}) : at.run(cli::serve, {});
                logged = guard.logged();
            }
            CHECK(said.code == cli::done);
            CHECK(said.err.empty());
            CHECK(logged.find("Loaded 1 API token(s) from " + at.tokens + "\n") != std::string::npos);
            CHECK(logged.find("Listening on http://127.0.0.1:") != std::string::npos);
            CHECK(logged.find("info stopping: calls under way may end\n") != std::string::npos);
        }
    }
}

TEST_CASE("HUP judges the settings and goes on with the old ones") {
    struct Row {
        const char* what;
        std::string settings, logged;
    };
    for (const Row& row : std::vector<Row>{
             {"settings that are right", "",
              ": can be read; changes take effect at the next start. Before it, run gatehouse config check\n"},
             {"settings that are wrong", "log: {level: loud}\n",
              "error invalid settings, the old ones stay in force: "}}) {
        DYNAMIC_SECTION(row.what) {
            const StringConsole at;
            at.folder.write("gatehouse-tokens.yaml", "tokens: []\n");
            at.folder.write("gatehouse.yaml", echo + "audit: {file: '" + at.folder.file("audit") + "'}\n");
            test::Said said;
            std::string logged;
            {
                const ServeGuard guard;
                cli::blockSignals();
                std::thread changer([&] { // the audit file is made after the settings were read
                    const auto deadline = std::chrono::steady_clock::now() + test::generous;
                    while (!std::filesystem::exists(at.folder.file("audit")) &&
                           std::chrono::steady_clock::now() < deadline)
                        std::this_thread::yield();
                    at.folder.write("gatehouse.yaml", echo + row.settings);
                    ::kill(::getpid(), SIGHUP); // read before TERM: its number is lower
                    ::kill(::getpid(), SIGTERM);
                });
                said = at.run(cli::serve, {});
                changer.join();
                logged = guard.logged();
            }
            CHECK(said.code == cli::done);
            CHECK(logged.find(row.logged) != std::string::npos);
        }
    }
}
