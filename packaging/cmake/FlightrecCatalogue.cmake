# flightrec_add_catalogue(TARGET CATALOGUE [HEADER NAME])
#
# The target can include a header made of a catalogue of events: events.json gives "events.h", unless HEADER names
# another. It has a typed function for each declared event, so that an undeclared one does not compile, and the
# catalogue itself. It is made again when the catalogue changes; a catalogue that is wrong stops the build.
function(flightrec_add_catalogue target catalogue)
	cmake_parse_arguments(PARSE_ARGV 2 arg "" "HEADER" "")
	get_filename_component(catalogue "${catalogue}" ABSOLUTE)
	if(NOT arg_HEADER)
		get_filename_component(name "${catalogue}" NAME_WLE)
		set(arg_HEADER "${name}.h")
	endif()
	set(folder "${CMAKE_CURRENT_BINARY_DIR}/${target}_events")
	file(MAKE_DIRECTORY "${folder}")
	add_custom_command(OUTPUT "${folder}/${arg_HEADER}"
		COMMAND "${FLIGHTREC_HEADER_PROGRAM}" --output "${folder}/${arg_HEADER}" "${catalogue}"
		DEPENDS "${catalogue}" VERBATIM)
	target_sources(${target} PRIVATE "${folder}/${arg_HEADER}")
	target_include_directories(${target} PRIVATE "${folder}")
endfunction()
