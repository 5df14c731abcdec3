/* Files that decide over privacy and say nothing sensible: the stricter reading wins, one line says
 * so, and neither the tool nor a host that records fails or waits because of it.
 */
#include "support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_fixture.h"
#include "flightrec.h"

enum { HUGE_BYTES = 256 * 1024 * 1024, STRANGER = 12345 };

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void make_empty(const char *path)
{
	write_text(path, "");
}

static void make_short(const char *path)
{
	write_text(path, "{\"consent\":\"o");
}

static void make_nonsense(const char *path)
{
	write_text(path, "\x01\xff not anything\n");
}

static void make_huge(const char *path)
{
	write_text(path, "{\"consent\":\"on\"}");
	assert_int_equal(truncate(path, HUGE_BYTES), 0);
}

static void make_link(const char *path)
{
	char elsewhere[TEST_PATH_MAX + 16];

	(void)snprintf(elsewhere, sizeof elsewhere, "%s.elsewhere", path);
	write_text(elsewhere, "{\"consent\":\"on\"}");
	assert_int_equal(symlink(elsewhere, path), 0);
}

static void make_folder(const char *path)
{
	assert_int_equal(mkdir(path, 0700), 0);
}

/* Nobody ever writes into it: whoever opened it as a file would wait for good. */
static void make_pipe(const char *path)
{
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void make_strangers(const char *path)
{
	write_text(path, "{\"consent\":\"on\"}");
	assert_int_equal(chown(path, STRANGER, STRANGER), 0);
}

static const struct {
	void (*make)(const char *path);
	bool needs_root;
	bool is_folder; /* which no file can be put in the place of */
} odd[] = {
	{make_empty, false, false}, {make_short, false, false},    {make_nonsense, false, false},
	{make_huge, false, false},  {make_link, false, false},     {make_pipe, false, false},
	{make_folder, false, true}, {make_strangers, true, false},
};

static unsigned count_lines(const char *text)
{
	unsigned lines = 0;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

/* One sentence, and it names the file. */
static void expect_one_complaint(struct cli_fixture *cli, const char *name)
{
	assert_complains(cli, name);
	if (count_lines(cli_errors(cli)) != 1)
		fail_msg("more than one line:\n%s", cli_errors(cli));
}

static const char *home_file(const struct cli_fixture *cli, const char *name,
			     char out[TEST_PATH_MAX])
{
	int length = snprintf(out, TEST_PATH_MAX, "%s/%s", cli->home, name);

	assert_in_range(length, 1, TEST_PATH_MAX - 1);
	return out;
}

static void file_clear(const char *path)
{
	if (unlink(path) != 0)
		(void)rmdir(path);
}

static bool can_make(size_t which)
{
	return !odd[which].needs_root || geteuid() == 0;
}

/* ---- the owner's choice ---- */

static void an_odd_choice_is_off_for_the_tool_and_a_new_choice_mends_it(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX], queue[TEST_PATH_MAX];

	assert_int_equal(mkdir(cli->home, 0700), 0);
	home_file(cli, "consent.json", path);
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		if (!can_make(i))
			continue;
		odd[i].make(path);
		CLI(cli, 1, "record", "x");
		expect_one_complaint(cli, "consent.json");
		assert_complains(cli, "not recorded: off: the owner's choice cannot be read");
		assert_int_equal(access(home_file(cli, "queue.db", queue), F_OK), -1);
		CLI(cli, 1, "status");
		assert_says(cli,
			    "consent   off: the owner's choice cannot be read, choose again: ");
		CLI(cli, 1, "whoami");
		expect_one_complaint(cli, "consent.json");
		if (odd[i].is_folder) {
			CLI(cli, 1, "consent", "local");
			expect_one_complaint(cli, "consent.json");
		} else {
			CLI(cli, 0, "consent", "local");
			CLI(cli, 0, "record", "x");
			CLI(cli, 0, "purge", "--yes");
			CLI(cli, 0, "consent", "off");
		}
		file_clear(path);
	}
}

/* Lines that the library has for its host. */
struct ears {
	unsigned lines;
	char last[1024];
};

static void on_line(void *context, int level, const char *text)
{
	struct ears *ears = context;

	(void)level;
	ears->lines++;
	(void)snprintf(ears->last, sizeof ears->last, "%s", text);
}

static flightrec *host_open(const struct cli_fixture *cli, struct ears *ears)
{
	flightrec_options *options = flightrec_options_new();
	flightrec *recorder = NULL;

	*ears = (struct ears){.lines = 0};
	flightrec_options_set_home(options, cli->home);
	flightrec_options_set_logger(options, on_line, ears);
	assert_int_equal(flightrec_open(&recorder, options), FLIGHTREC_OK);
	return recorder;
}

static void an_odd_choice_stops_a_host_that_records_and_is_told_once(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX];
	struct ears ears;

	assert_int_equal(mkdir(cli->home, 0700), 0);
	home_file(cli, "consent.json", path);
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		flightrec *recorder = host_open(cli, &ears);

		assert_int_equal(flightrec_record(recorder, "x", NULL), FLIGHTREC_OK);
		assert_int_equal(ears.lines, 0);
		if (can_make(i)) {
			odd[i].make(path);
			for (int call = 0; call < 5; call++)
				assert_int_equal(flightrec_record(recorder, "x", NULL),
						 FLIGHTREC_OFF);
			assert_int_equal(ears.lines, 1);
			assert_non_null(strstr(ears.last, path));
			file_clear(path);
			assert_int_equal(flightrec_record(recorder, "x", NULL), FLIGHTREC_OK);
		}
		flightrec_close(recorder);
	}
}

/* ---- the identity ---- */

static void an_odd_identity_is_named_left_alone_and_mended_by_a_reset(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX];
	struct stat before, after;

	assert_int_equal(mkdir(cli->home, 0700), 0);
	home_file(cli, "identity", path);
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		if (!can_make(i))
			continue;
		odd[i].make(path);
		assert_int_equal(lstat(path, &before), 0);
		CLI(cli, 1, "whoami");
		expect_one_complaint(cli, "identity");
		assert_int_equal(lstat(path, &after), 0);
		assert_true(before.st_ino == after.st_ino);
		if (!odd[i].is_folder) {
			CLI(cli, 0, "whoami", "--reset");
			assert_says(cli, "of a new identity");
			CLI(cli, 0, "whoami");
		}
		file_clear(path);
	}
}

static void an_odd_identity_fails_a_call_and_never_the_host(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX];
	struct ears ears;

	assert_int_equal(mkdir(cli->home, 0700), 0);
	home_file(cli, "identity", path);
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		flightrec *recorder;

		if (!can_make(i))
			continue;
		odd[i].make(path);
		recorder = host_open(cli, &ears);
		assert_int_equal(flightrec_record(recorder, "x", NULL), FLIGHTREC_IO);
		assert_non_null(strstr(ears.last, path));
		assert_int_equal(ears.lines, 1);
		file_clear(path);
		assert_int_equal(flightrec_record(recorder, "x", NULL), FLIGHTREC_OK);
		flightrec_close(recorder);
		file_clear(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)
		TEST(an_odd_choice_is_off_for_the_tool_and_a_new_choice_mends_it),
		TEST(an_odd_choice_stops_a_host_that_records_and_is_told_once),
		TEST(an_odd_identity_is_named_left_alone_and_mended_by_a_reset),
		TEST(an_odd_identity_fails_a_call_and_never_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
