# The rooms and their layers in one table: a room sees only lower layers (docs/architecture.md).
#
# datong_room(<room> [USES <room>...] [LIBS <target>...] SOURCES <file>...)
#   Makes static library datong_<room> with alias datong::<room>. Stops the configure step when
#   USES names a room that does not lie below, or a source includes one that USES does not name.

set(DATONG_LAYER_base 0)
set(DATONG_LAYER_record 0.5) # sees base
foreach(room crypto charset yaml async store telemetry command_line)
    set(DATONG_LAYER_${room} 1)
endforeach()
foreach(room path codec revocation)
    set(DATONG_LAYER_${room} 2)
endforeach()
foreach(room steps signing profiles wsse http keyring)
    set(DATONG_LAYER_${room} 3)
endforeach()
set(DATONG_LAYER_envelope 3.5) # sees wsse
foreach(room mapping policy evidence adapter files)
    set(DATONG_LAYER_${room} 4)
endforeach()
set(DATONG_LAYER_database 4.5) # what adapters over a database share; sees adapter
set(DATONG_LAYER_seals 4.5) # over the log; sees evidence
set(DATONG_LAYER_accounts 4.5) # people who administer; sees evidence and policy
set(DATONG_LAYER_vault 4.5) # bodies beside the evidence; catalogue sees it
set(DATONG_LAYER_ledger 4.75) # what is looked up in the log; sees seals
set(DATONG_LAYER_keeping 4.875) # archive, backup and restore; sees seals and vault
set(DATONG_LAYER_container 4.875) # the proof of one exchange; sees ledger, seals and vault
foreach(room catalogue workbench outbound)
    set(DATONG_LAYER_${room} 5)
endforeach()
set(DATONG_LAYER_sources 5.5) # sees catalogue, and exchange sees it
set(DATONG_LAYER_sharing 5.5) # sees catalogue, and exchange sees it
set(DATONG_LAYER_drafts 5.5) # sees workbench
set(DATONG_LAYER_descriptions 5.5) # sees workbench
set(DATONG_LAYER_contracts 5.5) # sees catalogue, and doors see it
set(DATONG_LAYER_items 5.5) # what the platform's item library asks for
set(DATONG_LAYER_supervision 5.75) # what was taken on paper; sees items and ledger
set(DATONG_LAYER_matters 5.5) # what a matter asks and what its citizen brings; sees catalogue, and exchange sees it
set(DATONG_LAYER_access 5.5) # applications for access, their approvals, and the grants that they become; sees catalogue
set(DATONG_LAYER_consent 5.5) # what persons consented to; sees catalogue, and exchange sees it
set(DATONG_LAYER_exchange 6)
set(DATONG_LAYER_later 6.5) # what comes after the answer; sees exchange
foreach(room doors admin)
    set(DATONG_LAYER_${room} 7)
endforeach()
set(DATONG_LAYER_platforms 7.5) # sees doors
set(DATONG_LAYER_app 8)

# What an adapter may see, and nothing else.
set(DATONG_ADAPTER_SEES adapter database outbound http signing profiles envelope crypto codec charset async record base telemetry)

# The arrow is read in the include: every #include "core/ROOM/..." of a room's files must name the
# room itself or one of its USES.
function(datong_check_includes owner allowed)
    foreach(file IN LISTS ARGN)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
        file(STRINGS ${file} lines REGEX "^#include \"core/")
        foreach(line IN LISTS lines)
            string(REGEX REPLACE "^#include \"core/([a-z_]+)/.*" "\\1" room "${line}")
            if(NOT room IN_LIST allowed)
                message(FATAL_ERROR "${file} includes from room '${room}', which '${owner}' does not use")
            endif()
        endforeach()
    endforeach()
endfunction()

function(datong_room room)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;LIBS;SOURCES")
    foreach(used IN LISTS arg_USES)
        if(NOT DEFINED DATONG_LAYER_${used} OR NOT DATONG_LAYER_${used} LESS DATONG_LAYER_${room})
            message(FATAL_ERROR "room '${room}' may not use '${used}' (cmake/Rooms.cmake)")
        endif()
    endforeach()
    datong_check_includes(${room} "${room};${arg_USES}" ${arg_SOURCES})
    add_library(datong_${room} STATIC)
    add_library(datong::${room} ALIAS datong_${room})
    set(headers ${arg_SOURCES})
    list(FILTER headers INCLUDE REGEX "\\.h$")
    target_sources(datong_${room} PRIVATE ${arg_SOURCES} PUBLIC FILE_SET HEADERS
                   BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
    set_target_properties(datong_${room} PROPERTIES LINKER_LANGUAGE CXX)
    target_include_directories(datong_${room} PUBLIC ${PROJECT_SOURCE_DIR})
    datong_precompiled_room(${room} ${arg_USES} ${arg_LIBS})
    list(TRANSFORM arg_USES PREPEND datong::)
    target_link_libraries(datong_${room} PUBLIC ${arg_USES} ${arg_LIBS} PRIVATE datong_flags)
endfunction()

# datong_adapter(<kind> [LIBS <target>...] SOURCES <file>...): target datong_adapter_<kind>.
function(datong_adapter kind)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS;SOURCES")
    datong_check_includes("adapters/${kind}" "${DATONG_ADAPTER_SEES}" ${arg_SOURCES})
    add_library(datong_adapter_${kind} STATIC ${arg_SOURCES})
    target_include_directories(datong_adapter_${kind} PUBLIC ${PROJECT_SOURCE_DIR})
    set(rooms ${DATONG_ADAPTER_SEES})
    list(TRANSFORM rooms PREPEND datong::)
    target_link_libraries(datong_adapter_${kind} PUBLIC ${rooms} ${arg_LIBS} PRIVATE datong_flags)
    datong_precompiled(datong_adapter_${kind} datong_precompiled_asio)
endfunction()

# datong_test(<name> [ALONE] [USES <target>...] SOURCES <file>...): one executable, its cases found by CTest. ALONE: with
# nothing of the gateway, not even Asio's compiled half. Who uses the journeys' kit reads its headers precompiled.
function(datong_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "ALONE" "TIMEOUT" "USES;SOURCES")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    add_executable(${name}_test ${arg_SOURCES})
    target_compile_definitions(${name}_test PRIVATE
        DATONG_SOURCE_DIR="${PROJECT_SOURCE_DIR}" DATONG_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
    target_link_libraries(${name}_test PRIVATE ${arg_USES} datong_test_support datong_flags)
    target_compile_options(${name}_test PRIVATE ${DATONG_TEST_OPTIONS})
    if(NOT arg_ALONE)
        target_link_libraries(${name}_test PRIVATE datong::async)
        if("datong_journeys_kit" IN_LIST arg_USES)
            datong_precompiled(${name}_test datong_precompiled_journeys)
        else()
            datong_precompiled(${name}_test datong_precompiled_test)
        endif()
    endif()
    catch_discover_tests(${name}_test TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST
        PROPERTIES TIMEOUT ${arg_TIMEOUT})
endfunction()

# datong_test_kit(<name> USES <target>... SOURCES <file>...): target datong_<name>_kit, what several test programs stand on.
function(datong_test_kit name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;SOURCES")
    add_library(datong_${name}_kit STATIC ${arg_SOURCES})
    target_compile_definitions(datong_${name}_kit PRIVATE
        DATONG_SOURCE_DIR="${PROJECT_SOURCE_DIR}" DATONG_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
    target_link_libraries(datong_${name}_kit PUBLIC ${arg_USES} datong_test_support datong::async PRIVATE datong_flags)
    target_compile_options(datong_${name}_kit PRIVATE ${DATONG_TEST_OPTIONS})
    datong_precompiled(datong_${name}_kit datong_precompiled_test)
endfunction()
