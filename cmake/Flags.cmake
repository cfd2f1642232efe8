# One interface target with the warnings, hardening and sanitizers of every target of ours.
option(DATONG_WERROR "Warnings are errors" ON)
option(DATONG_FUZZ "Build the libFuzzer targets" OFF)
option(DATONG_TIDY "Run clang-tidy on every file" OFF)
set(DATONG_SANITIZE "" CACHE STRING "Sanitizers, such as address,undefined")

add_library(datong_flags INTERFACE)
target_compile_options(datong_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough
    $<$<BOOL:${DATONG_WERROR}>:-Werror>)
# clang's designated initialisers leave the other members at their defaults, as meant here
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(datong_flags INTERFACE -Wno-missing-designated-field-initializers)
else()
    # and g++ 13 sees null pointers in libstdc++'s own stream iterators
    target_compile_options(datong_flags INTERFACE -Wno-missing-field-initializers -Wno-null-dereference)
endif()

# the same in libraries, programs and tests: precompiled headers are read by all of them
add_compile_options(-fPIC -pthread)

# a hundred test programs are linked, which lld does in a third of binutils' time
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    include(CheckLinkerFlag)
    check_linker_flag(CXX -fuse-ld=lld DATONG_HAS_LLD)
    if(DATONG_HAS_LLD)
        add_link_options(-fuse-ld=lld)
    endif()
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
    target_compile_options(datong_flags INTERFACE -fstack-protector-strong)
    if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
        target_compile_options(datong_flags INTERFACE -fcf-protection)
    endif()
    target_compile_definitions(datong_flags INTERFACE _FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
    target_link_options(datong_flags INTERFACE -Wl,-z,relro,-z,now)
    # what tests say themselves runs once: to optimise it takes half of their compiler's time. What they test is as above.
    set(DATONG_TEST_OPTIONS -O0 -U_FORTIFY_SOURCE)
endif()

if(DATONG_SANITIZE)
    add_compile_options(-fsanitize=${DATONG_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${DATONG_SANITIZE})
    if(DATONG_SANITIZE MATCHES undefined)
        add_compile_options(-fno-sanitize-recover=undefined)
    endif()
endif()
if(DATONG_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(DATONG_TIDY)
    find_program(DATONG_CLANG_TIDY NAMES clang-tidy-19 clang-tidy-18 clang-tidy REQUIRED)
    set(CMAKE_CXX_CLANG_TIDY ${DATONG_CLANG_TIDY})
endif()
