// Cursors: a foreign one is nothing; a genuine one gives its offset for its own list, and nothing when it is changed.
#include <cstdlib>
#include <utility>

#include "mcp/feature/page_cursor.hpp"
#include "planted_bug.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const SystemClock clock;
    static const Sealer sealer({std::string(32, 's')}, "cursor", clock);
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const PagedList list{"tools/list", input, size};
    if (offsetOf(sealer, {"tools/list", "alice", 1}, input)) std::abort();
    if (input.compare(0, 3, "v1.") == 0) plantedBug(input.substr(3));
    if (size > Sealer::maxBound / 2) return 0;

    std::string cursor = cursorFor(sealer, list, size);
    if (offsetOf(sealer, list, cursor) != size) std::abort();
    if (offsetOf(sealer, {"tools/list", input, size + 1}, cursor)) std::abort();
    if (size < 2) return 0;
    char& changed = cursor[data[0] % cursor.size()];
    const char old = std::exchange(changed, static_cast<char>(data[1]));
    if (changed != old && offsetOf(sealer, list, cursor)) std::abort();
    return 0;
}
