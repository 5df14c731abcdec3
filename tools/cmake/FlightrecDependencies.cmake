# The libraries Flightrec stands on, each found once here.

find_package(PkgConfig REQUIRED)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.37)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(EVENT_CORE REQUIRED IMPORTED_TARGET libevent_core)
pkg_check_modules(EVENT_EXTRA REQUIRED IMPORTED_TARGET libevent_extra)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
