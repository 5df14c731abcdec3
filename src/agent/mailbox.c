#include "agent/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/door.h"
#include "client/wake.h"

/* A full mailbox holds a few hundred; more than that at once means that they come faster than we
 * read, and then the next turn of the loop goes on. */
enum { DATAGRAMS_AT_ONCE = 1024 };

struct fr_mailbox {
	struct fr_mailbox_options options;
	struct fr_door door;
	struct event readable;
	struct event again;
	bool is_quiet;
};

static void again_arm(struct fr_mailbox *mailbox)
{
	const struct timeval wait = {.tv_sec = FR_WAKE_AGAIN_MS / 1000,
				     .tv_usec = FR_WAKE_AGAIN_MS % 1000 * 1000};

	mailbox->is_quiet = false;
	/* the loop's idea of now may be as old as the slowest callback before us, and the wait
	 * must not be short */
	(void)event_base_update_cache_time(mailbox->options.loop);
	(void)event_add(&mailbox->again, &wait);
}

/* Takes what is there; true when anything asked for a flush. */
static bool datagrams_take(struct fr_mailbox *mailbox)
{
	bool flush = false;
	int left = DATAGRAMS_AT_ONCE;
	char word = 0;

	while (left-- > 0) {
		ssize_t got = recv(mailbox->door.fd, &word, sizeof word, 0);

		if (got < 0 && errno != EINTR)
			break;
		if (got > 0 && word == FR_WAKE_FLUSH)
			flush = true;
	}
	return flush;
}

static void mailbox_read(struct fr_mailbox *mailbox)
{
	bool flush = datagrams_take(mailbox);

	again_arm(mailbox);
	mailbox->options.on_look(mailbox->options.context, flush);
}

static void mailbox_rest(struct fr_mailbox *mailbox)
{
	mailbox->is_quiet = true;
	mailbox->options.on_look(mailbox->options.context, false);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	mailbox_read(context);
}

static void on_again(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	mailbox_rest(context);
}

enum fr_status fr_mailbox_open(struct fr_mailbox **out, const struct fr_mailbox_options *options,
			       struct fr_error *err)
{
	struct fr_mailbox *mailbox = calloc(1, sizeof *mailbox);
	enum fr_status status;

	*out = NULL;
	if (mailbox == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	mailbox->options = *options;
	status = fr_door_open(&mailbox->door, options->home, FR_WAKE_SOCKET, SOCK_DGRAM, err);
	if (status != FR_OK) {
		free(mailbox);
		return status;
	}
	(void)event_assign(&mailbox->readable, options->loop, mailbox->door.fd,
			   EV_READ | EV_PERSIST, on_readable, mailbox);
	(void)evtimer_assign(&mailbox->again, options->loop, on_again, mailbox);
	*out = mailbox;
	return FR_OK;
}

void fr_mailbox_start(struct fr_mailbox *mailbox)
{
	(void)event_add(&mailbox->readable, NULL);
	again_arm(mailbox);
	mailbox->options.on_look(mailbox->options.context, false);
}

bool fr_mailbox_is_quiet(const struct fr_mailbox *mailbox)
{
	return mailbox->is_quiet;
}

void fr_mailbox_close(struct fr_mailbox *mailbox)
{
	if (mailbox == NULL)
		return;
	(void)event_del(&mailbox->readable);
	(void)event_del(&mailbox->again);
	fr_door_close(&mailbox->door);
	free(mailbox);
}
