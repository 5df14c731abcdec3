#!/usr/bin/env bash
# What users get: installed from a release build to a folder of the test's own, then used as a stranger would.
# install.sh RELEASE_BUILD_FOLDER
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/rules.sh
. tests/support/rules.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
export HOME=$work FLIGHTREC_HOME=$work/home
unset FLIGHTREC_CONFIG XDG_CONFIG_HOME XDG_STATE_HOME
strict=(-Wall -Wextra -Wpedantic -Wshadow -Wundef -Wcast-qual -Wwrite-strings -Werror)
programs="flightrec flightrecd flightrec-header flightrec-intake"

# quietly command…: what it prints only matters when it fails.
quietly()
{
	"$@" >"$work/log" 2>&1 || { cat "$work/log" && return 1; }
}

quietly cmake --install "$build" --prefix "$prefix" || exit 1
library=$(dirname "$(find "$prefix" -name libflightrec.a)")
export PKG_CONFIG_PATH=$library/pkgconfig LD_LIBRARY_PATH=$library DYLD_LIBRARY_PATH=$library

# ---- what is there ---------------------------------------------------------------------------------

missing_files()
{
	local file program
	for file in include/flightrec.h lib/systemd/user/flightrecd.service share/man/man3/libflightrec.3 \
		share/flightrec/clickhouse.sql; do
		[ -s "$prefix/$file" ] || echo "$file"
	done
	for program in $programs; do
		[ -x "$prefix/bin/$program" ] || echo "bin/$program"
		[ -s "$prefix/share/man/man1/$program.1" ] || echo "man1/$program.1"
		[ -n "$("$prefix/bin/$program" --help)" ] || echo "$program --help says nothing"
		"$prefix/bin/$program" --version | grep -q '0\.1\.0' || echo "$program --version: another version"
	done
}

declared() # the functions of the public header
{
	grep -oE '\bflightrec_[a-z0-9_]+\(' include/flightrec.h | tr -d '(' | sort -u
}

same_as_declared() # nm option, file
{
	nm "$1" --defined-only "$2" | awk 'NF == 3 && $2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u |
		diff <(declared) -
}

needs() # FILE: the libraries it asks the loader for, one line
{
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(lib[a-z0-9]*\).*/\1/p' | sort | tr '\n' ' '
}

foreign_libraries()
{
	local name
	for name in $(needs "$library/libflightrec.so"); do
		case $name in libsqlite3 | libcrypto | libc | libm | libpthread | libdl | librt) ;; *) echo "$name" ;; esac
	done
}

libcurl_in_the_tool()
{
	needs "$prefix/bin/flightrec" | grep -o libcurl || true
}

wrong_soname()
{
	readelf -d "$library/libflightrec.so" | grep -q 'SONAME.*\[libflightrec\.so\.0\]' || echo 'no libflightrec.so.0'
}

# What a guest in somebody's process has no business with.
rude_calls()
{
	nm -D --undefined-only "$library/libflightrec.so" | sed 's/.* //; s/@.*//' | grep -xE \
		'_?exit|_Exit|quick_exit|abort|__assert_fail|atexit|printf|puts|putchar|perror|signal|sigaction|sigprocmask|pthread_sigmask|pthread_create|setlocale|umask|chdir|fchdir|setenv|putenv|unsetenv|system|fork|srand|rand' || true
}

rule 'programs, library, header, pages, units and tables are installed' missing_files
if [ "$(uname)" = Linux ]; then
	rule 'the shared library shows the public names, all of them and no others' same_as_declared -D "$library/libflightrec.so"
	rule 'the static library shows the public names, all of them and no others' same_as_declared -g "$library/libflightrec.a"
	rule 'the library links SQLite and libcrypto, nothing else' foreign_libraries
	rule 'the tool does not link libcurl' libcurl_in_the_tool
	rule 'the soname carries the version of the interface' wrong_soname
	rule 'the library never exits, prints, starts threads or touches the process' rude_calls
else
	skip 'what the libraries show and need' 'this is no ELF system'
fi

# ---- the header ------------------------------------------------------------------------------------

compiles() # compiler, language, standard, further options…
{
	local compiler=$1 language=$2 standard=$3
	shift 3
	printf '#include <flightrec.h>\n#include <flightrec.h>\nextern int consumer;\n' |
		"$compiler" -x "$language" "-std=$standard" -pedantic-errors "${strict[@]}" "$@" "-I$prefix/include" -fsyntax-only -
}

for compiler in gcc clang; do
	if command -v $compiler >/dev/null; then
		for standard in c99 c11; do
			rule "$compiler -std=$standard takes the header alone" compiles $compiler c $standard -Wstrict-prototypes
		done
		rule "$compiler -std=c++11 takes the header alone" compiles $compiler c++ c++11
	else
		skip "$compiler takes the header alone" 'it is not installed'
	fi
done

# ---- a host program ----------------------------------------------------------------------------------

recorded() # NAME: prints what is wrong unless the queue holds exactly one event, of this name
{
	local found
	found=$(sqlite3 -readonly "$FLIGHTREC_HOME/queue.db" 'SELECT group_concat(name) FROM pending')
	[ "$found" = "$1" ] || echo "the queue holds '$found', not '$1'"
}

records() # PROGRAM [NAME]: it runs, and its event is in a queue made for it
{
	rm -rf "$FLIGHTREC_HOME"
	quietly "$1" || return 1
	recorded "${2:-consumer_ran}"
}

build_with_cmake()
{
	quietly cmake -S tests/install/consumer -B "$work/cmake" "-DCMAKE_PREFIX_PATH=$prefix" -DCMAKE_BUILD_TYPE=Release &&
		quietly cmake --build "$work/cmake"
}

newer_is_refused()
{
	mkdir -p "$work/newer"
	printf '%s\n' 'cmake_minimum_required(VERSION 3.22)' 'project(Newer NONE)' 'find_package(Flightrec 9 REQUIRED)' \
		>"$work/newer/CMakeLists.txt"
	if quietly cmake -S "$work/newer" -B "$work/newer/build" "-DCMAKE_PREFIX_PATH=$prefix" >/dev/null; then
		echo 'version 9 was found'
	elif ! grep -q 'version: 0\.1\.0' "$work/log"; then
		cat "$work/log"
	fi
}

# with_pkg_config COMPILER LANGUAGE shared|static SOURCE: builds and runs it
with_pkg_config()
{
	local libs program=$work/pkg-config-$2-$3
	if [ "$3" = shared ]; then
		libs=$(pkg-config --libs flightrec)
	else # the archive by its name, since -lflightrec prefers the shared one
		libs=$(pkg-config --static --libs flightrec | sed 's/-lflightrec/-l:libflightrec.a/')
	fi
	# shellcheck disable=SC2046,SC2086 # the flags are words
	quietly "$1" -x "$2" "${strict[@]}" $(pkg-config --cflags flightrec) "$4" -x none -o "$program" $libs || return 1
	records "$program"
}

no_shared_one() # PROGRAM
{
	needs "$1" | grep -o libflightrec || true
}

host=tests/install/consumer/consumer.c
rule 'a CMake project finds the package and builds' build_with_cmake
for program in c_flightrec c_flightrec_static cxx_flightrec cxx_flightrec_static; do
	rule "$program, built with CMake, records its event" records "$work/cmake/$program"
done
rule 'the CMake target flightrec_static links the static library' no_shared_one "$work/cmake/c_flightrec_static"
rule 'a CMake project that wants a newer version is told' newer_is_refused
for kind in shared static; do
	rule "pkg-config, C, $kind: records its event" with_pkg_config cc c $kind $host
	rule "pkg-config, C++, $kind: records its event" with_pkg_config c++ c++ $kind $host
	rule "a host with an fr_log and a sqlite3_open of its own links and records, $kind" \
		with_pkg_config cc c $kind tests/install/consumer/stubborn_host.c
done

# ---- declared events -----------------------------------------------------------------------------------

build_declared()
{
	quietly cmake -S tests/install/declared -B "$work/declared" "-DCMAKE_PREFIX_PATH=$prefix" &&
		quietly cmake --build "$work/declared"
}

keeps_to_its_catalogue() # PROGRAM: two events of one name and one of another are recorded, a typo is refused
{
	local said
	rm -rf "$FLIGHTREC_HOME"
	said=$("$1")
	[ "$said" = '0 0 0 2 app.start' ] || echo "it says '$said'"
	recorded tool_use_error,tool_use_error,app.start
	sqlite3 -readonly "$FLIGHTREC_HOME/queue.db" 'SELECT severity, properties FROM pending LIMIT 2' | diff - <(
		echo 'error|{"toolName":"edit_file","errorType":"permission_denied","duration":450,"share":0.5,"class":true,"steps":[1,2]}'
		echo 'error|{"toolName":"run_command"}'
	)
}

undeclared_does_not_compile()
{
	if quietly cmake --build "$work/declared" --target undeclared >/dev/null; then
		echo 'it compiled'
	elif ! grep -q flightrec_log_app_stop "$work/log"; then
		cat "$work/log"
	fi
}

wrong_catalogue_stops_the_build()
{
	echo '{"catalogue":1,"events":{"a.b":{},"a_b":{}}}' >"$work/twins.json"
	"$prefix/bin/flightrec-header" "$work/twins.json" >/dev/null 2>"$work/log" && echo 'twins were taken'
	grep -q 'twins.json: line 1: a_b: it would be the same in C as the event a.b' "$work/log" || cat "$work/log"
	echo '{"catalogue":1,"evnts":{}}' >"$work/typo.json"
	"$prefix/bin/flightrec-header" "$work/typo.json" >/dev/null 2>"$work/log" && echo 'a typo was taken'
	grep -q 'typo.json:1: evnts' "$work/log" || cat "$work/log"
}

rule 'a project with declared events builds, in C and in C++' build_declared
for program in declared declared_cxx; do
	rule "$program records what its catalogue declares and nothing else" keeps_to_its_catalogue "$work/declared/$program"
done
rule 'an undeclared event does not compile' undeclared_does_not_compile
rule 'a catalogue that cannot be C stops the build with its line' wrong_catalogue_stops_the_build

moved()
{
	mv "$prefix" "$work/elsewhere"
	PKG_CONFIG_PATH=${PKG_CONFIG_PATH/$prefix/$work\/elsewhere} pkg-config --cflags flightrec | grep -q "$work/elsewhere" ||
		echo 'pkg-config still points to the old place'
	mv "$work/elsewhere" "$prefix"
}
rule 'the installed tree may be moved' moved

# ---- the README ----------------------------------------------------------------------------------------

# The first block of C in the README, as a reader would copy it.
readme_example()
{
	awk '/^```c$/ { inside = 1; next } /^```$/ && inside { exit } inside' README.md >"$work/example.c"
	grep -q main "$work/example.c" || { echo 'the README shows no C program' && return 1; }
	# shellcheck disable=SC2046 # the flags are words
	quietly cc -std=c11 "${strict[@]}" "$work/example.c" -o "$work/example" $(pkg-config --cflags --libs flightrec) || return 1
	records "$work/example" tool_use_error
}
rule "the README's C example compiles, runs and records its event" readme_example

rules_end
