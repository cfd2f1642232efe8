# Picks the compiler before the languages are enabled: the newest clang from 17 on, else what CXX or
# the system says. Checks.cmake refuses what is too old, with the reason.
if(NOT DEFINED ENV{CXX} AND NOT CMAKE_CXX_COMPILER)
    foreach(version 21 20 19 18 17)
        find_program(DATONG_CLANGXX_${version} clang++-${version})
        find_program(DATONG_CLANG_${version} clang-${version})
        if(DATONG_CLANGXX_${version} AND DATONG_CLANG_${version})
            set(CMAKE_CXX_COMPILER ${DATONG_CLANGXX_${version}})
            set(CMAKE_C_COMPILER ${DATONG_CLANG_${version}})
            break()
        endif()
    endforeach()
endif()
