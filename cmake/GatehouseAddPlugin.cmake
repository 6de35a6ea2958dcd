# gatehouse_add_plugin(NAME SOURCES file... [LIBRARIES target...])
#
# Makes a plugin library: NAME.so that exports what the host looks for, and nothing else. Works in Gatehouse's own tree
# and in yours after find_package(gatehouse).
set(GATEHOUSE_PLUGIN_EXPORTS "${CMAKE_CURRENT_LIST_DIR}/plugin_exports.map")

function(gatehouse_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 plugin "" "" "SOURCES;LIBRARIES")
  add_library(${name} MODULE ${plugin_SOURCES})
  target_link_libraries(${name} PRIVATE gatehouse::sdk ${plugin_LIBRARIES})
  target_link_options(${name} PRIVATE "LINKER:--version-script=${GATEHOUSE_PLUGIN_EXPORTS}")
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                        LINK_DEPENDS "${GATEHOUSE_PLUGIN_EXPORTS}")
endfunction()
