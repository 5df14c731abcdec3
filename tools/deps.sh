# shellcheck shell=bash
# What Flightrec is built from, and how each system's package manager calls it. Sourced by tools/quickstart and
# tools/test: `deps_install "build test" yes|ask` installs what is missing.

# use, how to see whether it is there, and the package of apt-get, dnf and brew (- where the system has it anyway, or
# where the tests that want it skip with a word).
deps_table()
{
	cat <<-'TABLE'
		build command cc             build-essential    gcc                 -
		build command cmake          cmake              cmake               cmake
		build command ninja          ninja-build        ninja-build         ninja
		build command pkg-config     pkg-config         pkgconf-pkg-config  pkgconf
		build command git            git                git                 git
		build command objcopy        binutils           binutils            -
		build module  sqlite3        libsqlite3-dev     sqlite-devel        sqlite
		build module  libcurl        libcurl4-openssl-dev libcurl-devel     curl
		build module  libcrypto      libssl-dev         openssl-devel       openssl@3
		build module  libevent_core  libevent-dev       libevent-devel      libevent
		build module  libdeflate     libdeflate-dev     libdeflate-devel    libdeflate
		tour  command sqlite3        sqlite3            sqlite              sqlite
		tour  command curl           curl               curl                -
		test  module  cmocka         libcmocka-dev      libcmocka-devel     cmocka
		test  command sqlite3        sqlite3            sqlite              sqlite
		test  command c++            g++                gcc-c++             -
		test  command strace         strace             strace              -
		test  command clickhouse-server clickhouse-server -         -
		test  command curl           curl               curl                -
		test  command patch          patch              patch               -
		test  command clang-format   clang-format       clang-tools-extra   clang-format
		test  command clang-tidy     clang-tidy         clang-tools-extra   -
		test  command shellcheck     shellcheck         ShellCheck          shellcheck
		test  command mandoc         mandoc             mandoc              -
		test  command pgrep          procps             procps-ng           -
		test  command node           nodejs             nodejs              node
		test  command npm            npm                nodejs-npm          -
		test  module  libssl         libssl-dev         openssl-devel       openssl@3
		test  command promtool       prometheus         -                   prometheus
		test  command nginx          nginx-light        nginx               nginx
		test  command squid          squid               squid               squid
		asan  library libasan.so     -                  libasan             -
		asan  library libubsan.so    -                  libubsan            -
		tsan  library libtsan.so     -                  libtsan             -
	TABLE
}

# deps_manager: the package manager of this system.
deps_manager()
{
	local manager
	for manager in apt-get dnf brew; do
		if command -v "$manager" >/dev/null 2>&1; then
			echo "$manager"
			return
		fi
	done
	echo "No apt-get, dnf or brew here. Install by hand: a C11 compiler, CMake, Ninja, pkg-config and the" \
		"development files of SQLite, libcurl, OpenSSL, libevent and libdeflate." >&2
	return 1
}

# deps_use_homebrew: pkg-config finds the libraries that Homebrew keeps out of the way of Apple's own.
deps_use_homebrew()
{
	local formula
	for formula in sqlite curl openssl@3; do
		PKG_CONFIG_PATH="$(brew --prefix "$formula" 2>/dev/null)/lib/pkgconfig:${PKG_CONFIG_PATH:-}"
	done
	export PKG_CONFIG_PATH
}

deps_is_there() # kind name
{
	case $1 in
	command) PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$2" >/dev/null 2>&1 ;;
	module) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$2" ;;
	library) [ "$(cc "-print-file-name=$2" 2>/dev/null)" != "$2" ] ;;
	esac
}

# deps_missing MANAGER USES: the packages to install, each once.
deps_missing()
{
	local use kind name apt dnf brew package
	deps_table | while read -r use kind name apt dnf brew; do
		case " $2 " in *" $use "*) ;; *) continue ;; esac
		deps_is_there "$kind" "$name" && continue
		case $1 in apt-get) package=$apt ;; dnf) package=$dnf ;; *) package=$brew ;; esac
		[ "$package" = - ] || echo "$package"
	done | sort -u
}

deps_run_as_root() # command…
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		echo "This needs root, and there is no sudo here. Run as root: $*" >&2
		return 1
	fi
}

deps_install_packages() # MANAGER package…
{
	local manager=$1
	shift
	case $manager in
	apt-get)
		deps_run_as_root apt-get -q update
		deps_run_as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get install -qq -y --no-install-recommends "$@"
		;;
	dnf) deps_run_as_root dnf install -q -y "$@" ;;
	brew) brew install --quiet "$@" ;;
	esac
}

# deps_install USES yes|ask: installs what is missing, having said what; asks first unless told "yes" or nobody is there
# to answer.
deps_install()
{
	local manager missing answer
	manager=$(deps_manager) || return 1
	[ "$manager" != brew ] || deps_use_homebrew
	missing=$(deps_missing "$manager" "$1")
	[ -n "$missing" ] || return 0
	missing=$(echo "$missing" | tr '\n' ' ')
	echo "Missing here: $missing"
	if [ "$2" = ask ] && [ -t 0 ]; then
		printf 'Install with %s? [Y/n] ' "$manager"
		read -r answer
		case $answer in
		'' | [Yy]*) ;;
		*)
			echo "Nothing was installed." >&2
			return 1
			;;
		esac
	fi
	# shellcheck disable=SC2086 # the names are words
	deps_install_packages "$manager" $missing </dev/null
	[ "$manager" != brew ] || deps_use_homebrew
}

# deps_fetch_modules FROM TO: has npm put the modules that FROM/package-lock.json pins, by their digests, into TO, and run
# none of their scripts. Without npm, or without a network, the tests that want them skip with a word.
deps_fetch_modules()
{
	if cmp -s "$1/package-lock.json" "$2/fetched"; then
		return
	fi
	if ! command -v npm >/dev/null 2>&1; then
		echo "No npm here: the tests that want the modules of $1 will skip." >&2
		return
	fi
	echo "Fetching the modules of $1 into $2"
	mkdir -p "$2"
	rm -rf "$2/fetched" "$2/node_modules"
	cp "$1/package.json" "$1/package-lock.json" "$2"
	if npm ci --prefix "$2" --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null; then
		cp "$1/package-lock.json" "$2/fetched"
	else
		rm -rf "$2/node_modules"
		echo "npm could not fetch them: the tests that want them will skip." >&2
	fi
}

# deps_cores: how many jobs to run at once.
deps_cores()
{
	getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2
}
