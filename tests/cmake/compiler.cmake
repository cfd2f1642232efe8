# cmake -P compiler.cmake GNU 12.2.0: is that compiler accepted?
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/Checks.cmake)
set(id ${CMAKE_ARGV3})
set(version ${CMAKE_ARGV4})
datong_check_compiler("${id}" "${version}")
message(STATUS "${id} ${version} accepted")
