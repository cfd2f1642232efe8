# What a compiler must be to build datong, said at configure time with the reason.

# datong_check_compiler(<id> <version>): stops where coroutines would be compiled wrongly.
function(datong_check_compiler id version)
    if(id STREQUAL "GNU" AND version VERSION_LESS 13)
        message(FATAL_ERROR
            "g++ ${version} can't build datong: before 13 it destroys temporaries in co_await "
            "statements twice, which is memory-unsafe (docs/style.md, Coroutines). "
            "Install clang-19 (Debian 12: apt-get install clang-19) or g++ 13, then configure again.")
    endif()
    if(id STREQUAL "Clang" AND version VERSION_LESS 17)
        message(FATAL_ERROR "clang ${version} is too old: datong needs clang 17 or later, or g++ 13 or later.")
    endif()
endfunction()
