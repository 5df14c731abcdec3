# flightrec_library(LAYERS base event ...)
#
# Assembles what a host program embeds from the layers' objects, and installs it with the CMake package and the
# pkg-config file:
#
#   flightrec         the shared library, with a versioned soname and a symbol version
#   flightrec_static  the static one: all objects are linked into a single one first, so that our internal names
#                     can be made local to it. A host may define its own `fr_log`.
#
# Both export the names that begin with flightrec_, and nothing else.

include(CMakePackageConfigHelpers)

set(FLIGHTREC_EXPORTS "${PROJECT_SOURCE_DIR}/packaging/exports")

function(flightrec_library)
	cmake_parse_arguments(arg "" "" "LAYERS" ${ARGN})
	list(TRANSFORM arg_LAYERS REPLACE "(.+)" "$<TARGET_OBJECTS:fr_\\1>" OUTPUT_VARIABLE objects)
	flightrec_shared_library("${objects}")
	flightrec_static_library("${objects}")
	foreach(target flightrec flightrec_static)
		target_include_directories(${target} INTERFACE
			"$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
			"$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
	endforeach()
	flightrec_install_library()
	flightrec_install_package()
endfunction()

function(flightrec_shared_library objects)
	add_library(flightrec SHARED ${objects})
	set_target_properties(flightrec PROPERTIES
		LINKER_LANGUAGE C
		VERSION "${PROJECT_VERSION}"
		SOVERSION "${PROJECT_VERSION_MAJOR}")
	target_link_libraries(flightrec PRIVATE $<BUILD_INTERFACE:flightrec_flags>
		PkgConfig::SQLITE PkgConfig::CRYPTO Threads::Threads)
	if(APPLE)
		target_link_options(flightrec PRIVATE
			"LINKER:-exported_symbols_list,${FLIGHTREC_EXPORTS}/macos.txt" "LINKER:-dead_strip_dylibs")
		set_property(TARGET flightrec PROPERTY LINK_DEPENDS "${FLIGHTREC_EXPORTS}/macos.txt")
	else()
		target_link_options(flightrec PRIVATE "LINKER:--as-needed"
			"LINKER:--version-script=${FLIGHTREC_EXPORTS}/linux.map")
		if(NOT FLIGHTREC_SANITIZE) # a sanitizer's run time is found in the program, not in the library
			target_link_options(flightrec PRIVATE "LINKER:--no-undefined")
		endif()
		set_property(TARGET flightrec PROPERTY LINK_DEPENDS "${FLIGHTREC_EXPORTS}/linux.map")
	endif()
endfunction()

function(flightrec_static_library objects)
	set(whole "${CMAKE_CURRENT_BINARY_DIR}/flightrec_whole.o")
	if(APPLE)
		set(inputs "${FLIGHTREC_EXPORTS}/macos.txt")
		set(localise "-Wl,-exported_symbols_list,${inputs}")
		set(commands)
	else()
		set(inputs)
		set(localise)
		set(commands COMMAND "${CMAKE_OBJCOPY}" --wildcard "--keep-global-symbol=flightrec_*" "${whole}")
	endif()
	add_custom_command(OUTPUT "${whole}"
		COMMAND "${CMAKE_C_COMPILER}" -r -nostdlib ${localise} -o "${whole}" ${objects}
		${commands}
		DEPENDS ${objects} ${inputs}
		COMMENT "Joining the objects of the static library" VERBATIM COMMAND_EXPAND_LISTS)
	add_library(flightrec_static STATIC "${whole}")
	set_source_files_properties("${whole}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
	set_target_properties(flightrec_static PROPERTIES LINKER_LANGUAGE C OUTPUT_NAME flightrec)
	target_link_libraries(flightrec_static INTERFACE
		"$<BUILD_INTERFACE:PkgConfig::SQLITE;PkgConfig::CRYPTO;Threads::Threads>"
		"$<INSTALL_INTERFACE:PkgConfig::FLIGHTREC_STATIC;Threads::Threads>")
endfunction()

function(flightrec_install_library)
	# Two export sets: a host that links the shared library needs none of the libraries below it.
	install(TARGETS flightrec EXPORT FlightrecTargets
		LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
		INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
	install(TARGETS flightrec_static EXPORT FlightrecStaticTargets
		ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
		INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
	install(FILES "${PROJECT_SOURCE_DIR}/include/flightrec.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
endfunction()

function(flightrec_install_package)
	set(folder "${CMAKE_INSTALL_LIBDIR}/cmake/Flightrec")
	foreach(set FlightrecTargets FlightrecStaticTargets)
		install(EXPORT ${set} NAMESPACE Flightrec:: DESTINATION "${folder}")
	endforeach()
	configure_package_config_file("${PROJECT_SOURCE_DIR}/packaging/cmake/FlightrecConfig.cmake.in"
		"${PROJECT_BINARY_DIR}/FlightrecConfig.cmake" INSTALL_DESTINATION "${folder}"
		PATH_VARS CMAKE_INSTALL_BINDIR NO_SET_AND_CHECK_MACRO)
	write_basic_package_version_file("${PROJECT_BINARY_DIR}/FlightrecConfigVersion.cmake"
		COMPATIBILITY SameMinorVersion)
	install(FILES "${PROJECT_BINARY_DIR}/FlightrecConfig.cmake"
		"${PROJECT_BINARY_DIR}/FlightrecConfigVersion.cmake"
		"${PROJECT_SOURCE_DIR}/packaging/cmake/FlightrecCatalogue.cmake" DESTINATION "${folder}")

	set(libs_private ${SQLITE_LDFLAGS} ${CRYPTO_LDFLAGS} ${CMAKE_THREAD_LIBS_INIT})
	list(REMOVE_DUPLICATES libs_private)
	foreach(known IN LISTS CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
		list(REMOVE_ITEM libs_private "-L${known}")
	endforeach()
	list(JOIN libs_private " " FLIGHTREC_LIBS_PRIVATE)
	# Found from where the file lies, so that the tree can be installed anywhere and moved.
	file(RELATIVE_PATH FLIGHTREC_PREFIX_FROM_PC
		"${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
	configure_file("${PROJECT_SOURCE_DIR}/packaging/flightrec.pc.in"
		"${PROJECT_BINARY_DIR}/flightrec.pc" @ONLY)
	install(FILES "${PROJECT_BINARY_DIR}/flightrec.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()
