/* A home of a test's own, recorders on it, and a look into its queue with plain SQLite. */
#ifndef FR_TEST_CLIENT_FIXTURE_H
#define FR_TEST_CLIENT_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "flightrec.h"
#include "support/folder.h"

struct client {
	struct test_folder folder;
	char home[TEST_PATH_MAX]; /* does not exist yet */
	char config[TEST_PATH_MAX];
	flightrec *recorder; /* closed by client_remove */
	char log[4096];      /* what the library had to say, a line each */
};

/* cmocka's setup and teardown; setup leaves a struct client in *state. */
int client_make(void **state);
int client_remove(void **state);

/* Writes the config that the next recorder of this client reads. */
void client_configure(struct client *client, const char *json);

/* Options for this home, with durability `process` and a logger into client->log. */
flightrec_options *client_options(struct client *client);

/* Opens client->recorder with these options (NULL: client_options), which must succeed. */
flightrec *client_open(struct client *client, flightrec_options *options);

void client_close(struct client *client);

/* One number out of this client's queue. */
int64_t client_ask(const struct client *client, const char *sql);

/* Runs statements that change the queue, as a vandal or a newer release would. */
void client_tamper(const struct client *client, const char *sql);

/* The path of a file in the home. */
const char *client_path(const struct client *client, const char *name, char out[TEST_PATH_MAX]);
bool client_has_file(const struct client *client, const char *name);

/* How many names there are in the home; 0 when it does not exist. */
unsigned client_count_files(const struct client *client);

/* Writes the owner's choice. */
void client_choose(const struct client *client, const char *level);

/* Another process holds queue.lock from now on; 20 s at most, should the test forget it. */
pid_t client_hold_lock(const struct client *client);
void client_free_lock(pid_t holder);

#endif
