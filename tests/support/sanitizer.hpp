// Whether this is compiled with AddressSanitizer or ThreadSanitizer, whose allocators keep what was freed and do not
// say what they have given out. What counts memory leaves that out then (tests/e2e/README.md lists it).
#pragma once

namespace gatehouse::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool isSanitized = true;
#else
inline constexpr bool isSanitized = false;
#endif

} // namespace gatehouse::test
