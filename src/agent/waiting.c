#include "agent/waiting.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/http.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/reply.h"

enum {
	FIRST_LOOK_MS = 20
}; /* a courier that was told to flush begins in a later turn of the loop */

struct fr_waiter {
	struct fr_waiting *waiting;
	struct fr_waiter *next;
	struct fr_waiter *previous;
	struct fr_agent *agent;
	struct evhttp_request *request;
	enum fr_waits_for what;
	bool may_end; /* the first look has come */
	struct event first_look;
	struct event deadline;
	int64_t until_us; /* the deadline on the boot clock */
};

static void waiter_free(struct fr_waiter *waiter)
{
	if (waiter->previous != NULL)
		waiter->previous->next = waiter->next;
	else
		waiter->waiting->first = waiter->next;
	if (waiter->next != NULL)
		waiter->next->previous = waiter->previous;
	(void)event_del(&waiter->deadline);
	(void)event_del(&waiter->first_look);
	free(waiter);
}

static void on_caller_gone(struct evhttp_connection *connection, void *context)
{
	(void)connection;
	waiter_free(context);
}

/* As things stand. */
static const char *waiter_result(const struct fr_waiter *waiter)
{
	switch (waiter->what) {
	case FR_WAITS_FOR_FLUSH:
		return fr_agent_is_done(waiter->agent) ? "{\"done\":true}" : "{\"done\":false}";
	case FR_WAITS_FOR_RELOAD:
		break;
	}
	return waiter->agent->next_config == NULL ? "{\"reloaded\":true}" : "{\"reloaded\":false}";
}

static bool is_over(const struct fr_waiter *waiter)
{
	switch (waiter->what) {
	case FR_WAITS_FOR_FLUSH:
		return fr_agent_is_done(waiter->agent) ||
		       fr_agent_is_stuck(waiter->agent, waiter->until_us);
	case FR_WAITS_FOR_RELOAD:
		break;
	}
	return waiter->agent->next_config == NULL;
}

static void waiter_answer(struct fr_waiter *waiter)
{
	struct evhttp_request *request = waiter->request;
	const char *result = waiter_result(waiter);

	evhttp_connection_set_closecb(evhttp_request_get_connection(request), NULL, NULL);
	waiter_free(waiter);
	fr_reply_json(request, HTTP_OK, result);
}

static void waiter_settle(struct fr_waiter *waiter)
{
	if (waiter->may_end && is_over(waiter))
		waiter_answer(waiter);
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	waiter_answer(context);
}

static void on_first_look(evutil_socket_t fd, short what, void *context)
{
	struct fr_waiter *waiter = context;

	(void)fd;
	(void)what;
	waiter->may_end = true;
	waiter_settle(waiter);
}

void fr_waiting_add(struct fr_waiting *waiting, struct fr_agent *agent,
		    struct evhttp_request *request, enum fr_waits_for what, int64_t patience_ms)
{
	struct fr_waiter *waiter = calloc(1, sizeof *waiter);

	if (waiter == NULL) {
		fr_reply_error(request, HTTP_SERVUNAVAIL, "out of memory");
		return;
	}
	waiter->agent = agent;
	waiter->request = request;
	waiter->what = what;
	waiter->until_us = fr_env_boot_us(&agent->env) + patience_ms * 1000;
	waiter->waiting = waiting;
	waiter->next = waiting->first;
	if (waiting->first != NULL)
		waiting->first->previous = waiter;
	waiting->first = waiter;
	(void)evtimer_assign(&waiter->deadline, agent->loop, on_deadline, waiter);
	(void)evtimer_assign(&waiter->first_look, agent->loop, on_first_look, waiter);
	fr_agent_arm(&waiter->deadline, patience_ms);
	fr_agent_arm(&waiter->first_look, FIRST_LOOK_MS);
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_caller_gone,
				      waiter);
}

bool fr_waiting_has(const struct fr_waiting *waiting, enum fr_waits_for what)
{
	for (const struct fr_waiter *waiter = waiting->first; waiter; waiter = waiter->next)
		if (waiter->what == what)
			return true;
	return false;
}

void fr_waiting_settle(struct fr_waiting *waiting)
{
	struct fr_waiter *waiter = waiting->first;

	while (waiter != NULL) {
		struct fr_waiter *next = waiter->next;

		waiter_settle(waiter);
		waiter = next;
	}
}

void fr_waiting_dismiss(struct fr_waiting *waiting)
{
	while (waiting->first != NULL)
		waiter_answer(waiting->first);
}
