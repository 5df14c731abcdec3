# flightrec_embed_sql(TARGET name HEADER path FILES a.sql b.sql ...)
#
# Generates ${PROJECT_BINARY_DIR}/generated/<path>: one `static const char fr_sql_<file>[]` for each .sql file, as
# a byte array (string literals have a length limit in C11), its comments kept so that sqlite_schema reads well.
# A file NNNN_name.sql becomes fr_sql_NNNN_name. The header is remade when a file changes.

function(flightrec_embed_sql)
	cmake_parse_arguments(ARG "" "TARGET;HEADER" "FILES" ${ARGN})
	set(header "${PROJECT_BINARY_DIR}/generated/${ARG_HEADER}")
	string(REPLACE ";" "|" files "${ARG_FILES}")
	add_custom_command(OUTPUT "${header}"
		COMMAND "${CMAKE_COMMAND}" "-DHEADER=${header}" "-DFILES=${files}"
			-P "${PROJECT_SOURCE_DIR}/tools/cmake/EmbedSqlScript.cmake"
		DEPENDS ${ARG_FILES} "${PROJECT_SOURCE_DIR}/tools/cmake/EmbedSqlScript.cmake"
		COMMENT "Embedding SQL into ${ARG_HEADER}" VERBATIM)
	# A target of its own: a custom command is seen only in the folder that makes it.
	string(MAKE_C_IDENTIFIER "embed_${ARG_HEADER}" embed)
	add_custom_target(${embed} DEPENDS "${header}")
	add_dependencies(${ARG_TARGET} ${embed})
endfunction()
