#!/usr/bin/env bash
# What tools/deps.sh would run on a machine that has nothing yet, of each kind; nothing is installed here.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/rules.sh
. tests/support/rules.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# machine NAME program…: a folder of programs to be the whole PATH of; each writes down how it was called.
machine()
{
	local folder=$work/$1 program
	shift
	mkdir -p "$folder"
	for program in cat sort tr dirname env; do
		ln -s "$(command -v $program)" "$folder/$program"
	done
	for program in "$@"; do
		printf '#!%s\necho "%s $*" >>"%s"\n' "$BASH" "$program" "$work/calls" >"$folder/$program"
		chmod +x "$folder/$program"
	done
}

user() # MACHINE UID: who id says you are there
{
	printf '#!%s\necho %s\n' "$BASH" "$2" >"$work/$1/id"
	chmod +x "$work/$1/id"
}

# install_on MACHINE USES: runs deps_install there, with nobody to answer; what it calls ends in $work/calls.
install_on()
{
	: >"$work/calls"
	# shellcheck disable=SC2016 # expanded there
	PATH=$work/$1 "$BASH" -euc '. tools/deps.sh; deps_install "$1" ask' - "$2" </dev/null >"$work/said" 2>&1
}

# calls MACHINE USES LINE…: these commands are run, in this order, and no others.
calls()
{
	local name=$1 uses=$2
	shift 2
	install_on "$name" "$uses" || cat "$work/said"
	diff <(printf '%s\n' "$@") "$work/calls"
}

says() # MACHINE USES TEXT
{
	install_on "$1" "$2" || true
	grep -qF "$3" "$work/said" || cat "$work/said"
}

fails() # MACHINE USES
{
	! install_on "$1" "$2" || echo 'it succeeded'
	cat "$work/calls"
}

# Each package is known to the table of its system once the row names it.
rows_are_whole()
{
	# shellcheck disable=SC2016 # awk's
	"$BASH" -c '. tools/deps.sh; deps_table' | awk 'NF != 6 || $2 !~ /^(command|module|library)$/'
}

machine debian apt-get
user debian 0
machine laptop apt-get sudo
user laptop 1000
machine locked apt-get
user locked 1000
machine fedora dnf
user fedora 0
machine mac brew
machine bare

tour='curl sqlite3'
rule 'every row of the table is whole' rows_are_whole
rule 'on Debian the lists are updated first' calls debian tour 'apt-get -q update' \
	"apt-get install -qq -y --no-install-recommends $tour"
rule 'what is missing is said' says debian tour "Missing here: $tour"
rule 'who is not root uses sudo' calls laptop tour 'sudo apt-get -q update' \
	"sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $tour"
rule 'who is not root and has no sudo is told what to run' says locked tour 'Run as root: apt-get -q update'
rule 'and nothing is run' fails locked tour
rule 'on Fedora the packages have their names there' calls fedora tour 'dnf install -q -y curl sqlite'
rule 'on macOS Homebrew is asked where it keeps its libraries' calls mac tour \
	'brew --prefix sqlite' 'brew --prefix curl' 'brew --prefix openssl@3' 'brew install --quiet sqlite' \
	'brew --prefix sqlite' 'brew --prefix curl' 'brew --prefix openssl@3'
rule 'on another system it says what to install by hand' says bare tour 'Install by hand: a C11 compiler'
rule 'and fails' fails bare tour
rule 'a build needs the five libraries' says debian build \
	'libcurl4-openssl-dev libdeflate-dev libevent-dev libsqlite3-dev libssl-dev'
rules_end
