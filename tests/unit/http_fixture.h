/* One HTTP transport and one server that the test commands, in one loop; and a resolver that knows
 * no name.
 */
#ifndef FR_TEST_HTTP_FIXTURE_H
#define FR_TEST_HTTP_FIXTURE_H

#include <stdbool.h>

#include "ship/transport.h"
#include "unit/ship_server.h"
#include "unit/sink_fixture.h"

#define HTTP_T(test) cmocka_unit_test_setup_teardown(test, http_set_up, http_tear_down)

/* The last result. */
struct http_seen {
	unsigned calls;
	enum fr_outcome outcome;
	int status;
	char content_type[64], retry_after[64], date[64], text[FR_OUTCOME_TEXT];
	char body[256];
	size_t body_length;
	bool body_incomplete, over_tls, is_new_connection;
	struct event_base *loop;
};

struct http_world {
	struct event_base *loop;
	struct ship_server server;
	struct fr_sink_settings settings;
	struct fr_env env;
	struct fr_transport *transport;
	struct http_seen seen;
	char url[128];
};

/* getaddrinfo, in the place of libc's, for libcurl too: it knows nobody, and takes long if this is
 * set. */
extern bool http_resolver_hangs;

/* cmocka's set-up and tear-down: *state is the world. The server answers 200 unless told otherwise.
 */
int http_set_up(void **state);
int http_tear_down(void **state);

/* Sends this request; what fr_transport_send returned. */
enum fr_status http_try_send_request(struct http_world *world, struct fr_request *request,
				     struct fr_exchange **out, struct fr_error *err);

/* Sends one request to world->url; what fr_transport_send returned. */
enum fr_status http_try_send(struct http_world *world, const char *body, struct fr_exchange **out,
			     struct fr_error *err);

/* Runs the loop until a result came. */
const struct http_seen *http_await(struct http_world *world);

/* Both. */
const struct http_seen *http_post(struct http_world *world, const char *body);

/* A header of the last request that the server got; "" when it had none of that name. */
void http_expect_header(const struct http_world *world, const char *name, const char *expected);

double http_now_s(void);

#endif
