/* Sockets of a home: named whatever the length of the path, tame, and asked who is at the other
 * end. */
#include "support/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/socket.h"
#include "support/folder.h"

enum { ADDRESS_BYTES = sizeof(((struct sockaddr_un *)NULL)->sun_path) };

static int folder_make(void **state)
{
	static struct test_folder folder;

	test_folder_make(&folder);
	*state = &folder;
	return 0;
}

static int folder_remove(void **state)
{
	test_folder_remove(*state);
	return 0;
}

/* Binds, connects, and asks the accepted end whose the other one is. */
static void meet_in(const char *folder)
{
	struct fr_socket_address address;
	int listener, near, far;

	assert_int_equal(fr_socket_open(SOCK_STREAM, &listener, NULL), FR_OK);
	assert_int_equal(fr_socket_open(SOCK_STREAM, &near, NULL), FR_OK);
	assert_int_equal(fr_socket_address_init(&address, folder, "meet.sock", NULL), FR_OK);
	assert_int_equal(bind(listener, fr_socket_name(&address), fr_socket_name_length()), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(connect(near, fr_socket_name(&address), fr_socket_name_length()), 0);
	far = accept(listener, NULL, NULL);
	assert_true(far >= 0);
	assert_true(fr_socket_is_own_user(far));
	assert_true(fr_socket_is_own_user(near));
	fr_socket_address_fini(&address);
	(void)close(far);
	(void)close(near);
	(void)close(listener);
}

static void a_short_path_is_named_directly(void **state)
{
	const struct test_folder *folder = *state;
	struct fr_socket_address address;

	assert_int_equal(fr_socket_address_init(&address, folder->path, "s", NULL), FR_OK);
	assert_int_equal(address.folder, -1);
	fr_socket_address_fini(&address);
	meet_in(folder->path);
}

static void a_path_of_any_length_is_reached(void **state)
{
	const struct test_folder *folder = *state;
	char deep[TEST_PATH_MAX];
	char name[201];

	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	(void)test_folder_path(folder, name, deep);
	assert_int_equal(mkdir(deep, 0700), 0);
	meet_in(deep);
}

/* The longest path that fits, and the shortest that does not. */
static void the_edge_is_where_the_address_says(void **state)
{
	const struct test_folder *folder = *state;
	size_t room = ADDRESS_BYTES - 1 - strlen(folder->path) - 1;
	struct fr_socket_address address;
	char name[ADDRESS_BYTES + 1];

	memset(name, 'y', sizeof name);
	name[room] = '\0';
	assert_int_equal(fr_socket_address_init(&address, folder->path, name, NULL), FR_OK);
	assert_int_equal(address.folder, -1);
	assert_int_equal(strlen(address.name.sun_path), ADDRESS_BYTES - 1);
	name[room] = 'y';
	name[room + 1] = '\0';
	assert_int_equal(fr_socket_address_init(&address, folder->path, name, NULL), FR_OK);
	assert_true(address.folder >= 0);
	assert_true(fcntl(address.folder, F_GETFD) & FD_CLOEXEC);
	fr_socket_address_fini(&address);
	assert_int_equal(address.folder, -1);
}

static void what_cannot_be_named_says_why(void **state)
{
	const struct test_folder *folder = *state;
	struct fr_socket_address address;
	struct fr_error err = {FR_OK, ""};
	char name[ADDRESS_BYTES + 1];
	char missing[TEST_PATH_MAX];

	memset(name, 'z', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_equal(fr_socket_address_init(&address, folder->path, name, &err), FR_TOO_LARGE);
	assert_non_null(strstr(err.text, "choose a home with a shorter path"));
	(void)test_folder_path(folder, "missing", missing);
	assert_int_equal(fr_socket_address_init(&address, missing, name, &err), FR_NONE);
	assert_int_equal(address.folder, -1);
}

/* Only root can be somebody else. */
static void somebody_else_at_the_other_end_is_told_apart(void **state)
{
	enum { SOMEBODY = 65534 };
	const struct test_folder *folder = *state;
	char path[TEST_PATH_MAX];
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int listener, far, outcome = 0;
	pid_t child;

	if (geteuid() != 0)
		skip();
	(void)test_folder_path(folder, "s", path);
	assert_int_equal(chmod(folder->path, 0755), 0);
	assert_true(strlen(path) < sizeof name.sun_path);
	memcpy(name.sun_path, path, strlen(path) + 1);
	assert_int_equal(fr_socket_open(SOCK_STREAM, &listener, NULL), FR_OK);
	assert_int_equal(bind(listener, (const struct sockaddr *)&name, sizeof name), 0);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(listen(listener, 1), 0);
	child = fork();
	if (child == 0) {
		int near = socket(AF_UNIX, SOCK_STREAM, 0);

		_exit(setgid(SOMEBODY) == 0 && setuid(SOMEBODY) == 0 &&
				      connect(near, (const struct sockaddr *)&name, sizeof name) ==
					      0
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(child, &outcome, 0), child);
	assert_int_equal(outcome, 0);
	far = accept(listener, NULL, NULL);
	assert_true(far >= 0);
	assert_false(fr_socket_is_own_user(far));
	(void)close(far);
	(void)close(listener);
}

static void a_socket_neither_blocks_nor_survives_exec(void **state)
{
	int fd;
	char byte;

	(void)state;
	assert_int_equal(fr_socket_open(SOCK_DGRAM, &fd, NULL), FR_OK);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(recv(fd, &byte, 1, 0), -1);
	assert_false(fr_socket_is_own_user(fd)); /* connected to nobody */
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_short_path_is_named_directly, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(a_path_of_any_length_is_reached, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(the_edge_is_where_the_address_says, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(what_cannot_be_named_says_why, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(somebody_else_at_the_other_end_is_told_apart,
						folder_make, folder_remove),
		cmocka_unit_test(a_socket_neither_blocks_nor_survives_exec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
