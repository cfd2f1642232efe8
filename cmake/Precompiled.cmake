# The system headers that most files read, read once: a build from nothing takes two fifths less.
# Only headers that are not ours stand here, so a change of ours compiles what includes it and no more (the journeys' tests
# excepted, tests/journeys/CMakeLists.txt).
# A file still includes what it uses: `make lint` compiles every header and file without this.
#
# clang only: it takes one such file for targets whose other definitions differ, g++ wants one for each.

set(DATONG_PRECOMPILE_DEFAULT OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND NOT DATONG_TIDY AND NOT DATONG_FUZZ)
    set(DATONG_PRECOMPILE_DEFAULT ON)
endif()
option(DATONG_PRECOMPILE "Read the system's headers once" ${DATONG_PRECOMPILE_DEFAULT})

set(DATONG_PRECOMPILED
    <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstddef> <cstdint> <cstdlib> <cstring>
    <deque> <filesystem> <fstream> <functional> <initializer_list> <iostream> <iterator> <limits> <list> <map> <memory>
    <mutex> <optional> <set> <span> <sstream> <stdexcept> <string> <string_view> <system_error> <thread> <tuple>
    <unordered_map> <unordered_set> <utility> <variant> <vector> <tl/expected.hpp>)
# for who is linked with Asio's compiled half, for these headers ask for it
set(DATONG_PRECOMPILED_ASIO
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp> <boost/asio/io_context.hpp>
    <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp> <boost/asio/read.hpp> <boost/asio/redirect_error.hpp>
    <boost/asio/ssl/context.hpp> <boost/asio/ssl/stream.hpp> <boost/asio/steady_timer.hpp> <boost/asio/this_coro.hpp>
    <boost/asio/use_awaitable.hpp> <boost/asio/write.hpp>)

# datong_precompiled_headers(<name> LIBS <target>... [OPTIONS <option>...] HEADERS <header>...): what a target may take.
function(datong_precompiled_headers name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS;OPTIONS;HEADERS")
    if(NOT DATONG_PRECOMPILE)
        return()
    endif()
    add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
    target_link_libraries(${name} PRIVATE ${arg_LIBS} datong_flags)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    list(TRANSFORM arg_HEADERS REPLACE "(.+)" "$<$<COMPILE_LANGUAGE:CXX>:\\1>")
    target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
    # no times in the file, so that a compiler cache knows it again
    target_compile_options(${name} PRIVATE ${arg_OPTIONS} "SHELL:-Xclang -fno-pch-timestamp")
endfunction()

# datong_precompiled(<target> <name>): the target takes them.
function(datong_precompiled target name)
    if(DATONG_PRECOMPILE)
        target_precompile_headers(${target} REUSE_FROM ${name})
    endif()
endfunction()

# datong_precompiled_room(<room> <what it is linked with>...): those with Asio for who is linked with it, if only through
# a room that is.
function(datong_precompiled_room room)
    get_property(rooms GLOBAL PROPERTY DATONG_ROOMS_WITH_ASIO)
    foreach(linked IN LISTS ARGN)
        if(linked STREQUAL "datong_asio" OR linked IN_LIST rooms)
            set_property(GLOBAL APPEND PROPERTY DATONG_ROOMS_WITH_ASIO ${room})
            datong_precompiled(datong_${room} datong_precompiled_asio)
            return()
        endif()
    endforeach()
    datong_precompiled(datong_${room} datong_precompiled_system)
endfunction()
