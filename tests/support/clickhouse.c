#include "support/clickhouse.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/http.h"

static const char program_name[] = "clickhouse-server";

bool test_clickhouse_is_there(void)
{
	char path[TEST_PATH_MAX];

	return test_server_find(program_name, path);
}

/* Small caches: the real ones would be reserved for a warehouse. */
static void clickhouse_configure(void *context, int port)
{
	const struct test_clickhouse *clickhouse = context;
	const char *folder = clickhouse->folder.path;
	char text[8 * TEST_PATH_MAX];

	(void)snprintf(text, sizeof text,
		       "<yandex>\n"
		       " <logger><level>warning</level><console>1</console></logger>\n"
		       " <listen_host>127.0.0.1</listen_host>\n"
		       " <http_port>%d</http_port>\n"
		       " <path>%s/data/</path>\n"
		       " <tmp_path>%s/tmp/</tmp_path>\n"
		       " <user_files_path>%s/files/</user_files_path>\n"
		       " <format_schema_path>%s/schemas/</format_schema_path>\n"
		       " <users_config>%s/users.xml</users_config>\n"
		       " <default_profile>default</default_profile>\n"
		       " <default_database>default</default_database>\n"
		       " <mark_cache_size>16777216</mark_cache_size>\n"
		       " <uncompressed_cache_size>0</uncompressed_cache_size>\n"
		       "</yandex>\n",
		       port, folder, folder, folder, folder, folder);
	test_folder_write(&clickhouse->folder, "config.xml", text);
}

static void users_write(const struct test_clickhouse *clickhouse)
{
	test_folder_write(&clickhouse->folder, "users.xml",
			  "<yandex>\n"
			  " <profiles><default/></profiles>\n"
			  " <quotas><default/></quotas>\n"
			  " <users>\n"
			  "  <default><password></password>\n"
			  "   <networks><ip>127.0.0.1</ip></networks>\n"
			  "   <profile>default</profile><quota>default</quota></default>\n"
			  "  <writer><password>right</password>\n"
			  "   <networks><ip>127.0.0.1</ip></networks>\n"
			  "   <profile>default</profile><quota>default</quota></writer>\n"
			  " </users>\n"
			  "</yandex>\n");
}

/* It listens a moment before it answers. */
static void clickhouse_await(const struct test_clickhouse *clickhouse)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;
	int status;

	do {
		struct test_answer answer;

		test_http_get(clickhouse->server.port, "/ping", &answer);
		status = answer.status;
		test_answer_fini(&answer);
		if (status != 200)
			test_sleep_ms(20);
	} while (status != 200 && test_now_ms() < deadline);
	if (status == 200)
		return;
	fprintf(stderr, "test support: ClickHouse does not answer:\n%s",
		test_process_errors(clickhouse->server.process));
	abort();
}

void test_clickhouse_restart(struct test_clickhouse *clickhouse)
{
	char program[TEST_PATH_MAX], config[TEST_PATH_MAX], option[2 * TEST_PATH_MAX];
	const char *argv[] = {program, option, NULL};

	if (!test_server_find(program_name, program))
		abort();
	(void)snprintf(option, sizeof option, "--config-file=%s",
		       test_folder_path(&clickhouse->folder, "config.xml", config));
	test_server_start(&clickhouse->server, argv, clickhouse_configure, clickhouse);
	clickhouse_await(clickhouse);
}

void test_clickhouse_open(struct test_clickhouse *clickhouse)
{
	*clickhouse = (struct test_clickhouse){.server = {.port = 0}};
	test_folder_make(&clickhouse->folder);
	users_write(clickhouse);
	test_clickhouse_restart(clickhouse);
	test_clickhouse_make_tables(clickhouse);
}

void test_clickhouse_close(struct test_clickhouse *clickhouse)
{
	test_server_stop(&clickhouse->server);
	test_folder_remove(&clickhouse->folder);
}

void test_clickhouse_kill(struct test_clickhouse *clickhouse)
{
	test_process_kill(clickhouse->server.process);
	test_process_free(clickhouse->server.process);
	clickhouse->server.process = NULL;
}

char *test_clickhouse_ask(const struct test_clickhouse *clickhouse, const char *sql)
{
	struct test_answer answer;
	char *text;

	test_http_post(clickhouse->server.port, "/", NULL, sql, &answer);
	if (answer.status != 200) {
		fprintf(stderr, "test support: ClickHouse answers %d %s to\n%s\n", answer.status,
			answer.body, sql);
		abort();
	}
	text = strdup(answer.body);
	if (text == NULL)
		abort();
	if (answer.body_length > 0 && text[answer.body_length - 1] == '\n')
		text[answer.body_length - 1] = '\0';
	test_answer_fini(&answer);
	return text;
}

long long test_clickhouse_number(const struct test_clickhouse *clickhouse, const char *sql)
{
	char *text = test_clickhouse_ask(clickhouse, sql);
	long long number = strtoll(text, NULL, 10);

	free(text);
	return number;
}

/* Over HTTP one statement is taken at a time: a line that ends with a semicolon ends one. */
void test_clickhouse_make_tables(const struct test_clickhouse *clickhouse)
{
	static const char path[] = FLIGHTREC_SCHEMA "/clickhouse.sql";
	char *text = test_file_read(path, NULL), *rest = text, *end;

	if (text == NULL) {
		fprintf(stderr, "test support: no file %s\n", path);
		abort();
	}
	while ((end = strstr(rest, ";\n")) != NULL) {
		*end = '\0';
		free(test_clickhouse_ask(clickhouse, rest));
		rest = end + 2;
	}
	free(text);
}
