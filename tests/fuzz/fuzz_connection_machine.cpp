// A connection's whole life, decided by the input: see tests/machine/connection_machine.hpp.
#include "machine/connection_machine.hpp"
#include "planted_bug.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gatehouse::test;
    static ConnectionMachine machine;
    Choices choices(std::string_view(reinterpret_cast<const char*>(data), size));
    machine.live(choices, 500);
    plantedBug(machine.lastMark());
    return 0;
}
