// A server's whole life with several clients, decided by the input: see tests/machine/protocol_machine.hpp.
#include "machine/protocol_machine.hpp"
#include "planted_bug.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gatehouse::test;
    static ProtocolMachine machine;
    Choices choices(std::string_view(reinterpret_cast<const char*>(data), size));
    machine.live(choices, 300);
    plantedBug(machine.lastMark());
    return 0;
}
