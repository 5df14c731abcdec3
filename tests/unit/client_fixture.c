#include "support/test.h"

#include "client_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"
#include "base/file.h"
#include "privacy/consent.h"

int client_make(void **state)
{
	struct client *client = calloc(1, sizeof *client);

	assert_non_null(client);
	test_folder_make(&client->folder);
	(void)test_folder_path(&client->folder, "home", client->home);
	(void)test_folder_path(&client->folder, "config.json", client->config);
	client_configure(client, "{}");
	*state = client;
	return 0;
}

int client_remove(void **state)
{
	struct client *client = *state;

	client_close(client);
	test_folder_remove(&client->folder);
	free(client);
	return 0;
}

void client_configure(struct client *client, const char *json)
{
	test_folder_write(&client->folder, "config.json", json);
}

static void note(void *context, int level, const char *text)
{
	struct client *client = context;
	size_t length = strlen(client->log);

	(void)snprintf(client->log + length, sizeof client->log - length, "%d %s\n", level, text);
}

flightrec_options *client_options(struct client *client)
{
	flightrec_options *options = flightrec_options_new();

	assert_non_null(options);
	flightrec_options_set_home(options, client->home);
	flightrec_options_set_config(options, client->config);
	flightrec_options_set_durability(options, FLIGHTREC_PROCESS);
	flightrec_options_set_logger(options, note, client);
	return options;
}

flightrec *client_open(struct client *client, flightrec_options *options)
{
	client_close(client);
	if (options == NULL)
		options = client_options(client);
	if (flightrec_open(&client->recorder, options) != FLIGHTREC_OK)
		fail_msg("cannot open a recorder: %s", client->log);
	assert_non_null(client->recorder);
	return client->recorder;
}

void client_close(struct client *client)
{
	flightrec_close(client->recorder);
	client->recorder = NULL;
}

const char *client_path(const struct client *client, const char *name, char out[TEST_PATH_MAX])
{
	assert_int_equal(fr_path_join(out, client->home, name, NULL), FR_OK);
	return out;
}

static sqlite3 *queue_open(const struct client *client, int flags)
{
	char path[TEST_PATH_MAX];
	sqlite3 *db = NULL;

	(void)client_path(client, "queue.db", path);
	if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK)
		fail_msg("%s: %s", path, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_busy_timeout(db, 10000), SQLITE_OK);
	/* the last one to close must leave everything as it is */
	assert_int_equal(sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL),
			 SQLITE_OK);
	return db;
}

int64_t client_ask(const struct client *client, const char *sql)
{
	sqlite3 *db = queue_open(client, SQLITE_OPEN_READWRITE);
	sqlite3_stmt *statement = NULL;
	int64_t number;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(statement) != SQLITE_ROW)
		fail_msg("%s: no row", sql);
	number = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return number;
}

void client_tamper(const struct client *client, const char *sql)
{
	sqlite3 *db = queue_open(client, SQLITE_OPEN_READWRITE);

	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

bool client_has_file(const struct client *client, const char *name)
{
	char path[TEST_PATH_MAX];
	struct stat facts;

	return lstat(client_path(client, name, path), &facts) == 0;
}

unsigned client_count_files(const struct client *client)
{
	DIR *folder = opendir(client->home);
	struct dirent *entry;
	unsigned count = 0;

	if (folder == NULL)
		return 0;
	while ((entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			count++;
	(void)closedir(folder);
	return count;
}

void client_choose(const struct client *client, const char *level)
{
	struct fr_error err = {FR_OK, ""};
	enum fr_consent chosen;
	struct fr_env env;

	fr_env_real(&env);
	assert_true(fr_consent_parse(level, &chosen));
	if (fr_consent_choose(client->home, chosen, &env, &err) != FR_OK)
		fail_msg("%s", err.text);
}

pid_t client_hold_lock(const struct client *client)
{
	char path[TEST_PATH_MAX];
	int ready[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		int fd = open(client_path(client, "queue.lock", path), O_RDWR);

		if (fd < 0 || flock(fd, LOCK_EX) != 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		(void)alarm(20); /* should the test fail and leave it behind */
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return child;
}

void client_free_lock(pid_t holder)
{
	assert_int_equal(kill(holder, SIGKILL), 0);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
}
