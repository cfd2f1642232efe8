# What `cmake --install` lays down: the programs, a sample configuration, and the adapter kit (one header
# and the package that finds it). The rooms of core/ are not installed: their C++ ABI is promised to nobody.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS datong RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT gateway)

add_library(datong_adapter_abi INTERFACE)
add_library(datong::adapter_abi ALIAS datong_adapter_abi)
target_include_directories(datong_adapter_abi INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/adapters/plugin/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(datong_adapter_abi PROPERTIES EXPORT_NAME adapter_abi)
install(TARGETS datong_adapter_abi EXPORT datong_targets COMPONENT adapter_kit)
install(FILES adapters/plugin/include/datong/adapter_abi.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/datong
        COMPONENT adapter_kit)

set(package ${CMAKE_INSTALL_DATADIR}/cmake/datong)
configure_package_config_file(cmake/package/datongConfig.cmake.in ${PROJECT_BINARY_DIR}/package/datongConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/datongConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/package/datongConfig.cmake ${PROJECT_BINARY_DIR}/package/datongConfigVersion.cmake
        DESTINATION ${package} COMPONENT adapter_kit)
install(EXPORT datong_targets NAMESPACE datong:: FILE datongTargets.cmake DESTINATION ${package} COMPONENT adapter_kit)
