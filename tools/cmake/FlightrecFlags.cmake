# How everything here is compiled: one interface target, flightrec_flags, that every layer links.

include(CheckCCompilerFlag)
include(CheckLinkerFlag)

add_library(flightrec_flags INTERFACE)
target_include_directories(flightrec_flags INTERFACE
	"${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/generated")
target_compile_definitions(flightrec_flags INTERFACE
	_POSIX_C_SOURCE=200809L FR_VERSION="${PROJECT_VERSION}")
if(APPLE)
	target_compile_definitions(flightrec_flags INTERFACE _DARWIN_C_SOURCE)
else()
	target_compile_definitions(flightrec_flags INTERFACE _DEFAULT_SOURCE)
endif()

function(flightrec_add_flags)
	foreach(flag IN LISTS ARGN)
		string(MAKE_C_IDENTIFIER "FR_HAS${flag}" name)
		check_c_compiler_flag(${flag} ${name})
		if(${name})
			target_compile_options(flightrec_flags INTERFACE ${flag})
		endif()
	endforeach()
endfunction()

flightrec_add_flags(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-align
	-Wcast-qual -Wwrite-strings -Wundef -Wformat=2 -Wvla -Wimplicit-fallthrough -Wswitch-enum
	-Wdouble-promotion -Wnull-dereference)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	flightrec_add_flags(-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init)
endif()
flightrec_add_flags(-fstack-protector-strong -fstack-clash-protection)
if(FLIGHTREC_WERROR)
	target_compile_options(flightrec_flags INTERFACE -Werror)
endif()
if(FLIGHTREC_CRASH_POINTS)
	target_compile_definitions(flightrec_flags INTERFACE FR_CRASH_POINTS=1)
endif()

if(FLIGHTREC_SANITIZE)
	target_compile_options(flightrec_flags INTERFACE
		-fsanitize=${FLIGHTREC_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
	target_link_options(flightrec_flags INTERFACE -fsanitize=${FLIGHTREC_SANITIZE})
elseif(CMAKE_BUILD_TYPE MATCHES "Release|RelWithDebInfo|MinSizeRel")
	target_compile_options(flightrec_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(NOT APPLE)
	target_link_options(flightrec_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
