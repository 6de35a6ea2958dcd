# What `cmake --install` puts down: the executable, the plugins where it finds them, and the SDK as a package for
# find_package(gatehouse).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS gatehouse RUNTIME DESTINATION bin COMPONENT server)
install(DIRECTORY ${CMAKE_BINARY_DIR}/lib/gatehouse/ DESTINATION lib/gatehouse COMPONENT server FILES_MATCHING PATTERN "*.so")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/sdk/include/ DESTINATION include COMPONENT sdk)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/sdk/jose/include/ DESTINATION include COMPONENT sdk)
install(TARGETS gatehouse_sdk gatehouse_testing gatehouse_jose EXPORT gatehouse ARCHIVE DESTINATION lib COMPONENT sdk)

set(package_folder lib/cmake/gatehouse)
install(EXPORT gatehouse NAMESPACE gatehouse:: DESTINATION ${package_folder} COMPONENT sdk)
configure_package_config_file(cmake/gatehouse-config.cmake.in ${CMAKE_BINARY_DIR}/gatehouse-config.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/gatehouse-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_BINARY_DIR}/gatehouse-config.cmake ${CMAKE_BINARY_DIR}/gatehouse-config-version.cmake
              cmake/GatehouseAddPlugin.cmake cmake/plugin_exports.map
        DESTINATION ${package_folder} COMPONENT sdk)
