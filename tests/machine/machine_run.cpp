// Runs a machine on decisions from seeds. Usage: machine_run MACHINE STEPS [SEED]
// Each life has its own seed, counted from SEED (1); a fault names the one it happened in, so that
// `machine_run MACHINE 1 SEED` shows it again.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <unistd.h>

#include "machine/connection_machine.hpp"
#include "machine/protocol_machine.hpp"

extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

using namespace gatehouse::test;

char currentLife[64] = "";

void nameLife() { [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, currentLife, std::strlen(currentLife)); }

void nameLifeAndDie(int signal) {
    nameLife();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void nameLifeOnDeath() {
    if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(&nameLife);
    else std::signal(SIGSEGV, &nameLifeAndDie);
    std::signal(SIGABRT, &nameLifeAndDie);
}

template <class Machine>
void run(std::size_t steps, std::size_t stepsOfALife, std::uint64_t seed) {
    Machine machine;
    std::size_t done = 0, lives = 0;
    for (; done < steps; ++lives, ++seed) {
        std::snprintf(currentLife, sizeof(currentLife), "In the life with seed %llu\n",
                      static_cast<unsigned long long>(seed));
        Choices choices(seed);
        done += machine.live(choices, stepsOfALife);
    }
    std::printf("%zu steps in %zu lives: every invariant held\n", done, lives);
}

} // namespace

int main(int count, char** words) {
    const std::string_view machine = count > 2 ? words[1] : "";
    const std::size_t steps = count > 2 ? std::strtoull(words[2], nullptr, 10) : 0;
    const std::uint64_t seed = count > 3 ? std::strtoull(words[3], nullptr, 10) : 1;
    nameLifeOnDeath();
    if (machine == "connection") return run<ConnectionMachine>(steps, 120, seed), 0;
    if (machine == "protocol") return run<ProtocolMachine>(steps, 400, seed), 0;
    std::fputs("Usage: machine_run connection|protocol STEPS [SEED]\n", stderr);
    return 2;
}
