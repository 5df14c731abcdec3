/* The table of paths, and those of them that are for people and scripts: looking, controlling,
 * resetting. */
#include "intake/service.h"

#include <stdlib.h>
#include <string.h>

struct intake_route {
	const char *method;
	const char *path; /* a trailing slash: everything below it too */
	const struct intake_format *format;
	void (*handle)(struct intake_service *service, struct intake_exchange *exchange);
	bool is_changing; /* what it does is in the store's transaction */
};

enum fr_status intake_service_init(struct intake_service *service, const struct fr_env *env,
				   struct intake_store *store, struct fr_error *err)
{
	*service = (struct intake_service){.env = env, .store = store};
	intake_batch_init(&service->batch);
	return intake_decoder_new(&service->decoder, err);
}

void intake_service_fini(struct intake_service *service)
{
	intake_batch_fini(&service->batch);
	intake_decoder_free(service->decoder);
}

/* Looking */

static void show(struct intake_service *service, struct intake_exchange *exchange,
		 enum intake_view view, const char *type)
{
	struct fr_error err;
	char path[256];
	struct intake_answer *answer = &exchange->answer;
	bool is_one_path = intake_query_find(exchange->head.query, "path", path, sizeof(path));
	intake_answer_set(answer, 200, type, NULL);
	if (intake_store_show(service->store, view, is_one_path ? path : NULL, &answer->body,
			      &err) != FR_OK)
		intake_answer_set_error(answer, 500, err.text);
}

static void show_summary(struct intake_service *service, struct intake_exchange *exchange)
{
	show(service, exchange, INTAKE_VIEW_SUMMARY, "text/plain; charset=utf-8");
}

static void show_stats(struct intake_service *service, struct intake_exchange *exchange)
{
	show(service, exchange, INTAKE_VIEW_STATS, "application/json");
}

static void show_events(struct intake_service *service, struct intake_exchange *exchange)
{
	char ids[2];
	if (intake_query_find(exchange->head.query, "ids", ids, sizeof(ids)) && ids[0] == '1')
		show(service, exchange, INTAKE_VIEW_IDS, "text/plain; charset=utf-8");
	else
		show(service, exchange, INTAKE_VIEW_EVENTS, "application/x-ndjson");
}

static void show_requests(struct intake_service *service, struct intake_exchange *exchange)
{
	show(service, exchange, INTAKE_VIEW_REQUESTS, "application/x-ndjson");
}

/* /requests/N/body, /requests/N/headers */
static void show_request(struct intake_service *service, struct intake_exchange *exchange)
{
	struct fr_error err;
	struct intake_answer *answer = &exchange->answer;
	char *end = NULL;
	long long request = strtoll(exchange->head.path + strlen("/requests/"), &end, 10);
	bool is_body = strcmp(end, "/body") == 0;
	if (!is_body && strcmp(end, "/headers") != 0) {
		intake_answer_set_error(answer, 404, "/requests/N/body or /requests/N/headers");
		return;
	}
	intake_answer_set(answer, 200, is_body ? "application/octet-stream" : "text/plain", NULL);
	enum fr_status status = intake_store_show_request(
		service->store, is_body ? INTAKE_VIEW_BODY : INTAKE_VIEW_HEADERS, request,
		&answer->body, &err);
	if (status == FR_NONE)
		intake_answer_set_error(answer, 404, "no such request");
	else if (status != FR_OK)
		intake_answer_set_error(answer, 500, err.text);
}

/* Controlling */

static void show_faults(struct intake_service *service, struct intake_exchange *exchange)
{
	intake_answer_set(&exchange->answer, 200, "application/json", NULL);
	intake_faults_write_json(&service->faults, &exchange->answer.body);
	fr_buffer_add_char(&exchange->answer.body, '\n');
}

static void add_faults(struct intake_service *service, struct intake_exchange *exchange)
{
	struct fr_error err;
	enum fr_status status = intake_faults_parse_json(
		&service->faults, fr_buffer_text(&exchange->body), exchange->body.length, &err);
	if (status == FR_OK)
		show_faults(service, exchange);
	else
		intake_answer_set_error(&exchange->answer, 400, err.text);
}

static void clear_faults(struct intake_service *service, struct intake_exchange *exchange)
{
	service->faults.count = 0;
	show_faults(service, exchange);
}

static void reset(struct intake_service *service, struct intake_exchange *exchange)
{
	struct fr_error err;
	if (intake_store_reset(service->store, &err) == FR_OK)
		intake_answer_set(&exchange->answer, 200, "application/json", "{}\n");
	else
		intake_answer_set_error(&exchange->answer, 500, err.text);
}

/* Routes */

static const struct intake_route routes[] = {
	{"POST", "/v1/events", &intake_first_party, NULL, false},
	{"POST", "/api/v2/logs", &intake_datadog, NULL, false},
	{"POST", "/v1/ndjson", &intake_ndjson, NULL, false},
	{"POST", "/ndjson", &intake_ndjson, NULL, false},
	{"POST", "/v1/logs", &intake_otlp, NULL, false},
	{"GET", "/", NULL, show_summary, false},
	{"GET", "/stats", NULL, show_stats, false},
	{"GET", "/events", NULL, show_events, false},
	{"GET", "/requests", NULL, show_requests, false},
	{"GET", "/requests/", NULL, show_request, false},
	{"GET", "/control", NULL, show_faults, false},
	{"POST", "/control", NULL, add_faults, false},
	{"DELETE", "/control", NULL, clear_faults, false},
	{"POST", "/reset", NULL, reset, true},
};

enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

/* Deliveries may have anything in front, so that one intake can be several receivers. */
static bool path_meets(const char *path, const struct intake_route *route)
{
	size_t length = strlen(path);
	size_t expected = strlen(route->path);
	if (route->format != NULL && length > expected)
		path += length - expected;
	if (expected > 1 && route->path[expected - 1] == '/')
		return strncmp(path, route->path, expected) == 0;
	return strcmp(path, route->path) == 0;
}

/* The route of a request, or NULL; a path that is known by another method makes *other_method
 * true. */
static const struct intake_route *find_route(const struct intake_head *head, bool *other_method)
{
	*other_method = false;
	for (size_t i = 0; i < ROUTES; i++) {
		if (!path_meets(head->path, &routes[i]))
			continue;
		if (strcmp(head->method, routes[i].method) == 0)
			return &routes[i];
		*other_method = true;
	}
	return NULL;
}

/* Everything that is not for looking or controlling is somebody's attempt to deliver. */
static bool is_delivery(const struct intake_route *route)
{
	return route == NULL || route->format != NULL;
}

bool intake_service_look_early(struct intake_service *service, struct intake_exchange *exchange)
{
	bool other_method;
	struct fr_error err;
	if (!is_delivery(find_route(&exchange->head, &other_method)) ||
	    !intake_faults_take_early(&service->faults, exchange->head.path, &exchange->fault))
		return false;
	intake_batch_start(&service->batch, exchange->content);
	/* A failure spoils the turn, and whoever commits it is told. */
	(void)intake_store_add_request(service->store, exchange, &service->batch,
				       fr_env_wall_us(service->env), &err);
	return true;
}

void intake_service_handle(struct intake_service *service, struct intake_exchange *exchange)
{
	bool other_method;
	const struct intake_route *route = find_route(&exchange->head, &other_method);
	if (route == NULL)
		intake_refuse(exchange, other_method ? 405 : 404,
			      other_method ? "not with this method" : "no such path");
	else
		exchange->format = route->format;
	if (is_delivery(route)) {
		intake_service_receive(service, exchange);
		return;
	}
	route->handle(service, exchange);
	exchange->awaits_commit = route->is_changing;
}
