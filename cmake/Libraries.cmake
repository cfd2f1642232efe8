# Every third-party library, once, as an imported (SYSTEM) target. Why each is here: docs/dependencies.md.
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(LibXml2 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(Poco REQUIRED COMPONENTS Foundation Zip Data DataSQLite)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)

# tl::expected and RapidJSON are headers in the system's include path.
find_path(DATONG_EXPECTED tl/expected.hpp REQUIRED)
find_path(DATONG_RAPIDJSON rapidjson/reader.h REQUIRED)

# Poco asks for an older POSIX than the C++ library itself defines: two words for one thing in every file that sees it
foreach(part Foundation Zip Data DataSQLite)
    get_target_property(definitions Poco::${part} INTERFACE_COMPILE_DEFINITIONS)
    if(definitions)
        list(FILTER definitions EXCLUDE REGEX "^_XOPEN_SOURCE=")
        set_target_properties(Poco::${part} PROPERTIES INTERFACE_COMPILE_DEFINITIONS "${definitions}")
    endif()
endforeach()

if(NOT TARGET yaml-cpp::yaml-cpp)
    add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

# Asio and Beast are compiled once, in core/async and core/http; clang needs two macros and a header
# before Boost 1.81 to see the coroutines.
add_library(datong_asio INTERFACE)
target_link_libraries(datong_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(datong_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND Boost_VERSION VERSION_LESS 1.81)
    target_compile_definitions(datong_asio INTERFACE BOOST_ASIO_HAS_CO_AWAIT BOOST_ASIO_HAS_STD_COROUTINE)
    target_compile_options(datong_asio INTERFACE "SHELL:-include utility")
endif()
