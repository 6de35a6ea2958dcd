# What `cmake --install` puts down: the executable, the plugins where it finds them, and the SDK as a package for
# find_package(gatehouse).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS gatehouse RUNTIME DESTINATION bin COMPONENT server)
install(DIRECTORY ${CMAKE_BINARY_DIR}/lib/gatehouse/ DESTINATION lib/gatehouse COMPONENT server FILES_MATCHING PATTERN "*.so")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/sdk/include/ DESTINATION include COMPONENT sdk)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/sdk/jose/include/ DESTINATION include COMPONENT sdk)
install(TARGETS gatehouse_sdk gatehouse_testing gatehouse_jose EXPORT gatehouse ARCHIVE DESTINATION lib COMPONENT sdk)

# The core, for programs that run a server themselves: find_package(gatehouse COMPONENTS core). Only when asked for, as it is
# not built otherwise: cmake --build ... --target gatehouse_core, cmake --install ... --component core.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/core/include/ DESTINATION include COMPONENT core EXCLUDE_FROM_ALL)
install(TARGETS gatehouse_core gatehouse_json EXPORT gatehouse_core ARCHIVE DESTINATION lib COMPONENT core EXCLUDE_FROM_ALL)

set(package_folder lib/cmake/gatehouse)
install(EXPORT gatehouse_core NAMESPACE gatehouse:: FILE gatehouse-core-targets.cmake DESTINATION ${package_folder} COMPONENT core
        EXCLUDE_FROM_ALL)
install(FILES cmake/FindRe2.cmake DESTINATION ${package_folder} COMPONENT core EXCLUDE_FROM_ALL)
install(EXPORT gatehouse NAMESPACE gatehouse:: FILE gatehouse-targets.cmake DESTINATION ${package_folder} COMPONENT sdk)
configure_package_config_file(cmake/gatehouse-config.cmake.in ${CMAKE_BINARY_DIR}/gatehouse-config.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/gatehouse-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_BINARY_DIR}/gatehouse-config.cmake ${CMAKE_BINARY_DIR}/gatehouse-config-version.cmake
              cmake/GatehouseAddPlugin.cmake cmake/plugin_exports.map
        DESTINATION ${package_folder} COMPONENT sdk)
