# Warnings and hardening of our own code; gatehouse_rules is linked by every target of the tree.
add_library(gatehouse_rules INTERFACE)
target_compile_options(gatehouse_rules INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
  -fstack-protector-strong
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict>) # g++ 12 sees overlaps in std::string that are not there (GCC bug 105651)
if(GATEHOUSE_POISON_VIEWS)
  target_compile_definitions(gatehouse_rules INTERFACE GATEHOUSE_POISON_VIEWS)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(gatehouse_rules INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(gatehouse_rules INTERFACE LINKER:-z,relro,-z,now)
  # The executable is optimised as a whole; tests link the same objects without that, for their links' sake.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(gatehouse_rules INTERFACE -flto=auto -ffat-lto-objects)
    set(GATEHOUSE_WHOLE_PROGRAM -flto=auto -O3)
  endif()
endif()
