# shellcheck shell=bash
# For the lint scripts: what there is to look at, and how to look at code without its comments.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
# shellcheck source=tests/support/rules.sh
. tests/support/rules.sh

# c_files [folder…]: every C source and header of ours there.
c_files()
{
	find "${@:-.}" -path ./build -prune -o -path './build-*' -prune -o -path ./.git -prune -o \
		\( -name '*.c' -o -name '*.h' \) -type f -print | sed 's|^\./||' | sort
}

# text_files: everything that people read or write here.
text_files()
{
	find . -path ./build -prune -o -path './build-*' -prune -o -path ./.git -prune -o \
		-path './tests/fuzz/corpus' -prune -o -type f -print | sed 's|^\./||' | sort
}

# code_of [folder…]: the code there without its comments, as file:line:text.
code_of()
{
	# shellcheck disable=SC2016 # awk's
	c_files "$@" | xargs awk '
	FNR == 1 { in_comment = 0 }
	{
		out = ""
		line = $0
		while (line != "") {
			if (in_comment) {
				end = index(line, "*/")
				if (end == 0)
					break
				line = substr(line, end + 2)
				in_comment = 0
			} else if (match(line, /"([^"\\]|\\.)*"|\/\*|\/\//)) {
				token = substr(line, RSTART, RLENGTH)
				if (token == "//") {
					out = out substr(line, 1, RSTART - 1)
					line = ""
					break
				}
				if (token == "/*") {
					out = out substr(line, 1, RSTART - 1)
					in_comment = 1
				} else {
					out = out substr(line, 1, RSTART + RLENGTH - 1)
				}
				line = substr(line, RSTART + RLENGTH)
			} else {
				out = out line
				line = ""
			}
		}
		if (out != "")
			print FILENAME ":" FNR ":" out
	}'
}

# grep_code PATTERN [folder…]: where the pattern stands in code.
grep_code()
{
	local pattern=$1
	shift
	code_of "$@" | grep -E -e "$pattern" || true
}
