# Warnings and hardening of our own code; gatehouse_rules is linked by every target of the tree.
add_library(gatehouse_rules INTERFACE)
target_compile_options(gatehouse_rules INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
  -fstack-protector-strong
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict>) # g++ 12 sees overlaps in std::string that are not there (GCC bug 105651)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # GCC takes the included .cpp files for headers
  target_compile_options(gatehouse_rules INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
endif()
if(GATEHOUSE_POISON_VIEWS)
  target_compile_definitions(gatehouse_rules INTERFACE GATEHOUSE_POISON_VIEWS)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(gatehouse_rules INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(gatehouse_rules INTERFACE LINKER:-z,relro,-z,now)
endif()

# gatehouse_whole: link-time optimisation, for the parts of the executable that every call runs through. Its objects hold no
# machine code, so tests and other programs link others: gatehouse_plain, which -O1 builds quickly.
set(GATEHOUSE_PLAIN_OPTIMISATION -O1 CACHE STRING "of the core as a library; -O2 for one that is installed")
option(GATEHOUSE_WHOLE_PROGRAM "optimise the executable as a whole (release builds with g++)" ON)
add_library(gatehouse_whole INTERFACE)
add_library(gatehouse_plain INTERFACE)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(gatehouse_plain INTERFACE ${GATEHOUSE_PLAIN_OPTIMISATION})
endif()
if(GATEHOUSE_WHOLE_PROGRAM AND CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(gatehouse_whole INTERFACE -flto=auto -fno-fat-lto-objects)
  set(GATEHOUSE_WHOLE_LINK -flto=auto -O3)
endif()
