/* Every named crash point: die there, look, go on, look again.
 *
 * Each script of workload.c is run once to learn which points it passes; then, for each of them and
 * for its first passings, in a home of its own, it dies there by SIGKILL. After that the witness
 * looks, the same script is run to its end on what is left, and the witness looks again.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash/witness.h"
#include "support/folder.h"
#include "support/process.h"
#include "support/test.h"

enum { PASSINGS = 3, POINTS_MOST = 64, NAME_BYTES = 128, ENDED_BY_SIGKILL = 128 + SIGKILL };

struct place {
	struct test_folder folder;
	char home[TEST_PATH_MAX];
	char config[TEST_PATH_MAX];
	char notes[TEST_PATH_MAX];
};

static void place_make(struct place *place)
{
	test_folder_make(&place->folder);
	(void)test_folder_path(&place->folder, "home", place->home);
	(void)test_folder_path(&place->folder, "config.json", place->config);
	(void)test_folder_path(&place->folder, "notes", place->notes);
	test_folder_write(&place->folder, "config.json", "{\"limits\":{\"burst\":0}}");
}

/* Runs the script; variable is "NAME=value" or NULL. Returns how it ended. */
static int run(const struct place *place, const char *script, const char *variable)
{
	const char *const argv[] = {CRASH_WORKLOAD, script,       place->home,
				    place->config,  place->notes, NULL};
	const char *const environment[] = {variable, NULL};
	const struct test_program program = {.argv = argv, .environment = environment};
	struct test_process *process = test_process_start(&program);
	int code = test_process_wait(process, TEST_PATIENCE_MS);

	if (code != 0 && code != ENDED_BY_SIGKILL)
		fail_msg("%s, %s: ended with %d: %s", script, variable ? variable : "to its end",
			 code, test_process_errors(process));
	test_process_free(process);
	return code;
}

/* What the script noted, as the witness has to take it. */
static struct witness *read_notes(const struct place *place)
{
	static const char letters[] = "?ALG"; /* by enum witness_state */
	struct witness *witness = witness_new();
	char *text = test_file_read(place->notes, NULL);
	char *line = text;

	while (line != NULL && *line != '\0') {
		char session[40], letter;
		long long seq;

		assert_int_equal(sscanf(line, "%c %39s %lld", &letter, session, &seq), 3);
		witness_note(witness, session, seq,
			     (enum witness_state)(strchr(letters, letter) - letters));
		line = strchr(line, '\n') + 1;
	}
	free(text);
	return witness;
}

/* has_gone_on: a script that forgets has forgotten what the run before it recorded, too. */
static void look(const struct place *place, const char *script, bool has_gone_on, const char *when)
{
	struct witness *witness = read_notes(place);

	if (strcmp(script, "evict") == 0 || (strcmp(script, "forget") == 0 && has_gone_on))
		witness_allow_evictions(witness);
	if (strcmp(script, "salvage") == 0)
		witness_allow_salvage(witness);
	witness_check(witness, place->home, when);
	witness_free(witness);
}

/* False when the script ends before that passing. */
static bool die_at(const char *script, const char *point, int passing)
{
	char variable[NAME_BYTES + 64], when[NAME_BYTES + 128];
	struct place place;
	bool died;

	place_make(&place);
	(void)snprintf(variable, sizeof variable, "FLIGHTREC_CRASH=%s:%d", point, passing);
	died = run(&place, script, variable) == ENDED_BY_SIGKILL;
	(void)snprintf(when, sizeof when, "%s, after dying at %s:%d", script, point, passing);
	look(&place, script, false, when);
	assert_int_equal(run(&place, script, NULL), 0);
	(void)snprintf(when, sizeof when, "%s, and going on after %s:%d", script, point, passing);
	look(&place, script, true, when);
	test_folder_remove(&place.folder);
	return died;
}

/* The names of all points that a whole run passes. */
static size_t learn_points(const char *script, char names[POINTS_MOST][NAME_BYTES])
{
	char variable[TEST_PATH_MAX + 32], list[TEST_PATH_MAX];
	struct place place;
	size_t count = 0;
	char *text, *line;

	place_make(&place);
	(void)test_folder_path(&place.folder, "list", list);
	(void)snprintf(variable, sizeof variable, "FLIGHTREC_CRASH_LIST=%s", list);
	assert_int_equal(run(&place, script, variable), 0);
	text = test_file_read(list, NULL);
	assert_non_null(text);
	for (line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
		assert_true(count < POINTS_MOST);
		assert_int_equal(sscanf(line, "%127s", names[count++]), 1);
	}
	free(text);
	test_folder_remove(&place.folder);
	return count;
}

static void sweep(const char *script, size_t points_least)
{
	static char names[POINTS_MOST][NAME_BYTES];
	size_t count = learn_points(script, names);
	unsigned deaths = 0;

	for (size_t i = 0; i < count; i++)
		for (int passing = 1; passing <= PASSINGS; passing++) {
			bool died = die_at(script, names[i], passing);

			if (passing == 1 && !died)
				fail_msg("%s: does not die at %s", script, names[i]);
			if (!died)
				break;
			deaths++;
		}
	print_message("%s: %zu points, %u deaths\n", script, count, deaths);
	assert_true(count >= points_least);
}

static void a_host_that_dies_at_any_point_of_recording_loses_nothing(void **state)
{
	(void)state;
	sweep("record", 6);
}

static void an_agent_that_dies_at_any_point_of_a_batch_loses_and_repeats_nothing(void **state)
{
	(void)state;
	sweep("deliver", 6);
}

static void dying_while_dead_letters_are_sent_again_loses_and_repeats_none(void **state)
{
	(void)state;
	sweep("retry", 6);
}

static void dying_while_making_room_leaves_the_books_balanced(void **state)
{
	(void)state;
	sweep("evict", 6);
}

static void dying_while_a_queue_is_salvaged_loses_nothing(void **state)
{
	(void)state;
	sweep("salvage", 8);
}

static void dying_while_everything_is_forgotten_brings_nothing_back(void **state)
{
	(void)state;
	sweep("forget", 6);
}

static int set_up_once(void **state)
{
	(void)state;
	test_folder_in_memory();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_that_dies_at_any_point_of_recording_loses_nothing),
		cmocka_unit_test(
			an_agent_that_dies_at_any_point_of_a_batch_loses_and_repeats_nothing),
		cmocka_unit_test(dying_while_dead_letters_are_sent_again_loses_and_repeats_none),
		cmocka_unit_test(dying_while_making_room_leaves_the_books_balanced),
		cmocka_unit_test(dying_while_a_queue_is_salvaged_loses_nothing),
		cmocka_unit_test(dying_while_everything_is_forgotten_brings_nothing_back),
	};

	return cmocka_run_group_tests(tests, set_up_once, NULL);
}
