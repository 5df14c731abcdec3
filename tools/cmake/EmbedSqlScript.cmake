# Run by flightrec_embed_sql at build time: cmake -DHEADER=out.h -DFILES=a.sql|b.sql -P EmbedSqlScript.cmake

string(REPLACE "|" ";" files "${FILES}")
set(text "/* Generated from the .sql files named below; do not edit. */\n")
foreach(file IN LISTS files)
	get_filename_component(name "${file}" NAME_WE)
	file(READ "${file}" hex HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
	string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\t\\1\n" bytes "${bytes}")
	string(APPEND text "\n/* ${name}.sql */\nstatic const char fr_sql_${name}[] = {\n${bytes}0x00};\n")
endforeach()
get_filename_component(folder "${HEADER}" DIRECTORY)
file(MAKE_DIRECTORY "${folder}")
file(WRITE "${HEADER}" "${text}")
