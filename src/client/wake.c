/* The happy path is one sendto() a second at most, on a socket that stays open and is never
 * connected, so that a new agent on the same path is found without further ado.
 *
 * Failures are all alike: nobody heard it. What was held to get there is let go, in case the home
 * itself was replaced, and the next attempt begins anew.
 */
#include "client/wake.h"

#include <errno.h>
#include <unistd.h>

void fr_wake_init(struct fr_wake *wake, const char *home, const struct fr_env *env)
{
	*wake = (struct fr_wake){.env = env, .home = home, .fd = -1};
}

static void address_forget(struct fr_wake *wake)
{
	if (wake->has_address)
		fr_socket_address_fini(&wake->address);
	wake->has_address = false;
}

void fr_wake_fini(struct fr_wake *wake)
{
	address_forget(wake);
	if (wake->fd >= 0)
		(void)close(wake->fd); /* nothing is ever buffered in it */
	wake->fd = -1;
}

static bool wake_is_ready(struct fr_wake *wake)
{
	if (wake->fd < 0 && fr_socket_open(SOCK_DGRAM, &wake->fd, NULL) != FR_OK)
		return false;
	if (!wake->has_address)
		wake->has_address = fr_socket_address_init(&wake->address, wake->home,
							   FR_WAKE_SOCKET, NULL) == FR_OK;
	return wake->has_address;
}

/* A full mailbox is as good as a delivery: its owner has datagrams to read that are no older than
 * this one would be. */
static bool is_mailbox_full(int code)
{
	return code == EAGAIN || code == ENOBUFS;
}

bool fr_wake_say(struct fr_wake *wake, enum fr_wake_word word)
{
	const char byte = (char)word;
	ssize_t sent;

	wake->tried_us = fr_env_boot_us(wake->env);
	wake->was_tried = true;
	if (!wake_is_ready(wake))
		return false;
	do
		sent = sendto(wake->fd, &byte, sizeof byte, 0, fr_socket_name(&wake->address),
			      fr_socket_name_length());
	while (sent < 0 && errno == EINTR);
	if (sent < 0 && !is_mailbox_full(errno)) {
		address_forget(wake);
		return false;
	}
	wake->heard_us = wake->tried_us;
	wake->was_heard = true;
	return true;
}

static bool is_past(int64_t now_us, bool was, int64_t then_us, int ms)
{
	return !was || now_us - then_us > (int64_t)ms * 1000;
}

void fr_wake_before_commit(struct fr_wake *wake)
{
	int64_t now_us = fr_env_boot_us(wake->env);

	if (is_past(now_us, wake->was_heard, wake->heard_us, FR_WAKE_EVERY_MS) &&
	    is_past(now_us, wake->was_tried, wake->tried_us, FR_WAKE_RETRY_MS))
		(void)fr_wake_say(wake,
				  FR_WAKE_LOOK); /* nobody there: it will look when it starts */
}

void fr_wake_after_commit(struct fr_wake *wake)
{
	int64_t now_us = fr_env_boot_us(wake->env);

	if (is_past(now_us, wake->was_tried, wake->tried_us, FR_WAKE_EVERY_MS))
		(void)fr_wake_say(wake, FR_WAKE_LOOK);
}
