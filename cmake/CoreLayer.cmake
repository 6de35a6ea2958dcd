# gatehouse_layer(NAME SEES layer... LIBRARIES target...)
#
# One folder of core/ as a target. It is compiled with an include path that holds only itself and the layers it may
# see, so an include against the direction of the house does not compile.
function(gatehouse_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "SEES;LIBRARIES")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/core/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  set(view ${CMAKE_BINARY_DIR}/layers/${name})
  file(MAKE_DIRECTORY ${view})
  foreach(seen IN LISTS layer_SEES ITEMS ${name})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/core/${seen} ${view}/${seen} SYMBOLIC)
  endforeach()
  add_library(gatehouse_${name} OBJECT ${sources})
  target_include_directories(gatehouse_${name} PRIVATE ${view})
  target_link_libraries(gatehouse_${name} PRIVATE gatehouse_rules gatehouse::sdk ${layer_LIBRARIES})
endfunction()
