/* What the kernel says of the network, in one of the test's own. */
#include "support/test.h"

#include <unistd.h>

#include "base/route.h"
#include "support/network.h"

static bool has_network; /* of its own */

static int listen_to_routes(void)
{
	struct fr_error err = {FR_OK, ""};
	int fd;

	if (!has_network)
		skip(); /* no network namespace may be made here */
	if (fr_route_open(&fd, &err) != FR_OK)
		fail_msg("%s", err.text);
	return fd;
}

static void a_quiet_network_is_no_news(void **state)
{
	int fd = listen_to_routes();

	(void)state;
	assert_false(fr_route_read(fd));
	(void)close(fd);
}

static void a_device_that_comes_up_is_news_and_one_that_goes_is_not(void **state)
{
	int fd = listen_to_routes();

	(void)state;
	for (int i = 0; i < 3; i++) {
		test_network_set_up(false);
		assert_false(fr_route_read(fd));
		test_network_set_up(true);
		assert_true(fr_route_read(fd));
		assert_false(fr_route_read(fd));
	}
	(void)close(fd);
}

static void a_new_route_is_news_and_one_that_goes_is_not(void **state)
{
	int fd = listen_to_routes();

	(void)state;
	test_network_set_route(true);
	assert_true(fr_route_read(fd));
	test_network_set_route(false);
	assert_false(fr_route_read(fd));
	(void)close(fd);
}

static void news_that_came_too_fast_to_be_kept_are_news(void **state)
{
	int fd = listen_to_routes();

	(void)state;
	for (int i = 0; i < 3000; i++) {
		test_network_set_route(true);
		test_network_set_route(false);
	}
	assert_true(fr_route_read(fd));
	assert_false(fr_route_read(fd));
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quiet_network_is_no_news),
		cmocka_unit_test(a_device_that_comes_up_is_news_and_one_that_goes_is_not),
		cmocka_unit_test(a_new_route_is_news_and_one_that_goes_is_not),
		cmocka_unit_test(news_that_came_too_fast_to_be_kept_are_news),
	};

	has_network = test_network_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
