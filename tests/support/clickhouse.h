/* A real ClickHouse server of a test's own, all of it in the test's folder, with the shipped tables
 * in it and two users: `default` without a password and `writer` with "right".
 */
#ifndef FR_TESTS_SUPPORT_CLICKHOUSE_H
#define FR_TESTS_SUPPORT_CLICKHOUSE_H

#include <stdbool.h>

#include "support/folder.h"
#include "support/server.h"

struct test_clickhouse {
	struct test_folder folder;
	struct test_server server;
};

/* False: not installed, a reason to skip. */
bool test_clickhouse_is_there(void);

/* Makes the folder and the tables, too. */
void test_clickhouse_open(struct test_clickhouse *clickhouse);
void test_clickhouse_close(struct test_clickhouse *clickhouse);

/* Away and back again, with its data and its port. */
void test_clickhouse_kill(struct test_clickhouse *clickhouse);
void test_clickhouse_restart(struct test_clickhouse *clickhouse);

/* One statement as `default`; what it answers, to free, without the last line break. Aborts when it
 * is refused. */
char *test_clickhouse_ask(const struct test_clickhouse *clickhouse, const char *sql);

/* The same for a statement that answers with one number. */
long long test_clickhouse_number(const struct test_clickhouse *clickhouse, const char *sql);

/* Those of schema/clickhouse.sql that are not there; open does it too. */
void test_clickhouse_make_tables(const struct test_clickhouse *clickhouse);

#endif
