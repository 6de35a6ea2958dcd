# gatehouse_layer(NAME [COLD] [PRECOMPILED kind] SEES layer... LIBRARIES target... [DEFINITIONS name=value...])
#
# One folder of core/ as a target. It is compiled with an include path that holds only itself and the layers it may
# see, so an include against the direction of the house does not compile.
#
#   gatehouse_NAME         plain objects, for the library that tests link
#   gatehouse_NAME_whole   objects for link-time optimisation, for the executable; a COLD layer (no call runs through it) has
#                          none: the executable links its plain objects
#
# Appends the objects of the executable to the list gatehouse_shipped.
function(gatehouse_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "COLD" "PRECOMPILED" "SEES;LIBRARIES;DEFINITIONS")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/core/${name}/*.cpp ${CMAKE_SOURCE_DIR}/core/${name}/*/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  set(view ${CMAKE_BINARY_DIR}/layers/${name})
  file(MAKE_DIRECTORY ${view})
  foreach(seen IN LISTS layer_SEES ITEMS ${name})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/core/${seen} ${view}/${seen} SYMBOLIC)
  endforeach()
  if(NOT layer_PRECOMPILED)
    set(layer_PRECOMPILED common)
  endif()
  gatehouse_layer_objects(gatehouse_${name} plain)
  set(shipped gatehouse_${name})
  if(GATEHOUSE_WHOLE_LINK AND NOT layer_COLD)
    gatehouse_layer_objects(gatehouse_${name}_whole whole)
    set_target_properties(gatehouse_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    set(shipped gatehouse_${name}_whole)
  endif()
  set(gatehouse_shipped ${gatehouse_shipped} ${shipped} PARENT_SCOPE)
endfunction()

# Part of the function above, with its variables. KIND: plain or whole.
macro(gatehouse_layer_objects target kind)
  add_library(${target} OBJECT ${sources})
  target_include_directories(${target} PRIVATE ${view})
  if("server" IN_LIST layer_SEES OR "${name}" STREQUAL "server") # the face of the core for other programs
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/core/include)
  endif()
  target_compile_definitions(${target} PRIVATE ${layer_DEFINITIONS})
  target_link_libraries(${target} PRIVATE gatehouse_rules gatehouse_${kind} gatehouse::sdk ${layer_LIBRARIES})
  target_precompile_headers(${target} REUSE_FROM gatehouse_precompiled_${layer_PRECOMPILED}_${kind})
endmacro()
