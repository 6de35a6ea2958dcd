# gatehouse_embed(OUTPUT FILES file...): a C++ source that defines gatehouse::admin::pageAsset() over these files. Made anew
# when one of them changes.
function(gatehouse_embed output)
  cmake_parse_arguments(PARSE_ARGV 1 embed "" "" "FILES")
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DFILES=${embed_FILES}" -P ${CMAKE_SOURCE_DIR}/cmake/EmbedNow.cmake
    DEPENDS ${embed_FILES} ${CMAKE_SOURCE_DIR}/cmake/EmbedNow.cmake VERBATIM)
endfunction()
