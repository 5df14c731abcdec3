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

/* After a word come these looks, each so long after the one before. Programs speak before they
 * commit, so that the first finds most commits, the second a slow disk's, and the last, by which
 * nothing that was spoken of can be missed, every one (client/wake.h). */
static const int looks_ms[] = {20, 180, FR_WAKE_AGAIN_MS};
enum { LOOKS = sizeof looks_ms / sizeof looks_ms[0] };

struct fr_mailbox {
	struct fr_mailbox_options options;
	struct fr_door door;
	struct event readable;
	struct event again;
	int looks; /* done since the last word; LOOKS: all, and it is quiet */
};

static void again_arm(struct fr_mailbox *mailbox)
{
	const int ms = looks_ms[mailbox->looks];
	const struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

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

	/* A first look that is planned already is not put off, or a stream of words would do so for
	 * ever; the last one comes late enough for this word, too. */
	if (mailbox->looks > 0 || !evtimer_pending(&mailbox->again, NULL)) {
		mailbox->looks = 0;
		again_arm(mailbox);
	}
	if (flush)
		mailbox->options.on_look(mailbox->options.context, true);
}

static void mailbox_look(struct fr_mailbox *mailbox)
{
	mailbox->looks++;
	if (mailbox->looks < LOOKS)
		again_arm(mailbox);
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
	mailbox_look(context);
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
	return mailbox->looks == LOOKS;
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
