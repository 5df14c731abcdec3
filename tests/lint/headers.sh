#!/usr/bin/env bash
# Every header compiles alone, with all warnings on: headers.sh BUILD_FOLDER
set -eu
build=$(cd "$1" && pwd)
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

read -r -a flags <<<"$(pkg-config --cflags sqlite3 libcrypto libcurl libevent_core libdeflate cmocka | tr -d '\n')"
flags+=(-std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -DFR_VERSION=\"0\" -Wall -Wextra -Wpedantic
	-Wstrict-prototypes -Wmissing-prototypes -Wno-unused-function -Werror
	-Isrc -Iinclude -Itests -Itools "-I$build/generated")

# An empty source that includes it twice: the guard is tried as well.
compiles_alone() # header
{
	printf '#include "%s"\n#include "%s"\nextern int fr_nothing;\n' "$PWD/$1" "$PWD/$1" |
		"${CC:-cc}" "${flags[@]}" "-I$(dirname "$1")" -fsyntax-only -x c -
}

for header in $(c_files include src tools tests | grep '\.h$' | grep -v '^tests/support/test\.h$'); do
	rule "$header" compiles_alone "$header"
done
rules_end
