# Headers that most files include, compiled once for each set of flags. A matter of speed only: every file includes what it
# uses itself, and builds with clang do without, so that a forgotten include is found.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
else()
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>) # what ccache wants (its sloppiness: CMakeLists.txt)
endif()

set(GATEHOUSE_COMMON_HEADERS <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <filesystem> <functional> <map>
    <memory> <mutex> <optional> <set> <stdexcept> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
    <gatehouse/json.hpp>)

# The JSON library's templates, compiled once: what is precompiled for core, plugins and tests leaves them to this library,
# which all of them get by gatehouse_rules.
set(GATEHOUSE_JSON_INSTANCES ${CMAKE_SOURCE_DIR}/sdk/instances/json_instances.hpp)
add_library(gatehouse_json STATIC ${CMAKE_SOURCE_DIR}/sdk/instances/json_instances.cpp)
target_link_libraries(gatehouse_json PRIVATE $<BUILD_INTERFACE:gatehouse::sdk>)
target_link_libraries(gatehouse_rules INTERFACE gatehouse_json)

# gatehouse_precompiled(NAME LIBRARIES target... HEADERS <header>...): for `target_precompile_headers(... REUSE_FROM NAME)` of
# targets whose code is compiled with the same flags.
function(gatehouse_precompiled name)
  cmake_parse_arguments(PARSE_ARGV 1 precompiled "" "" "LIBRARIES;HEADERS")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp CONTENT "")
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp)
  target_link_libraries(${name} PRIVATE gatehouse_rules gatehouse::sdk ${precompiled_LIBRARIES})
  target_precompile_headers(${name} PRIVATE ${GATEHOUSE_COMMON_HEADERS} ${GATEHOUSE_JSON_INSTANCES} ${precompiled_HEADERS})
endfunction()

foreach(kind plain whole) # CompileRules.cmake
  gatehouse_precompiled(gatehouse_precompiled_common_${kind} LIBRARIES gatehouse_${kind})
  gatehouse_precompiled(gatehouse_precompiled_simdjson_${kind} LIBRARIES gatehouse_${kind} simdjson::simdjson HEADERS <simdjson.h>)
  gatehouse_precompiled(gatehouse_precompiled_poco_${kind} LIBRARIES gatehouse_${kind} Poco::Net)
endforeach()
gatehouse_precompiled(gatehouse_precompiled_plugin)
set_target_properties(gatehouse_precompiled_plugin PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
