/* One id per home, however many ask for it at once, and only its bucket comes out. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event/uuid.h"
#include "privacy/identity.h"
#include "support/folder.h"
#include "support/world.h"

struct place {
	struct test_folder folder;
	struct test_world world;
	char file[TEST_PATH_MAX];
};

static int place_make(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	assert_non_null(place);
	test_folder_make(&place->folder);
	test_world_init(&place->world);
	test_folder_path(&place->folder, "identity", place->file);
	*state = place;
	return 0;
}

static int place_remove(void **state)
{
	struct place *place = *state;

	test_folder_remove(&place->folder);
	free(place);
	return 0;
}

static unsigned bucket_of(const char *id, unsigned buckets)
{
	struct fr_error err;
	unsigned bucket = ~0u;

	assert_int_equal(fr_bucket_of(id, buckets, &bucket, &err), FR_OK);
	return bucket;
}

static void the_published_vectors_give_their_buckets(void **state)
{
	(void)state;
	assert_int_equal(bucket_of("user-123", 30), 25);
	assert_int_equal(bucket_of("00000000-0000-4000-8000-000000000000", 30), 26);
	assert_int_equal(bucket_of("user-123", 1000), 0xfcdec6dfu % 1000);
	assert_int_equal(bucket_of("user-123", 2), 1);
}

static void the_first_use_makes_a_private_uuid_and_later_ones_keep_it(void **state)
{
	struct place *place = *state;
	unsigned first, second;
	struct fr_error err;
	struct stat info;
	char *text, *again;

	assert_int_equal(
		fr_identity_bucket(place->folder.path, &place->world.env, 30, &first, &err), FR_OK);
	text = test_file_read(place->file, NULL);
	assert_non_null(text);
	assert_int_equal(strlen(text), 37);
	assert_int_equal(text[36], '\n');
	text[36] = '\0';
	assert_true(fr_uuid_is_valid(text));
	assert_int_equal(text[14], '4');
	assert_int_equal(first, bucket_of(text, 30));
	assert_int_equal(stat(place->file, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);

	assert_int_equal(
		fr_identity_bucket(place->folder.path, &place->world.env, 30, &second, &err),
		FR_OK);
	assert_int_equal(first, second);
	again = test_file_read(place->file, NULL);
	assert_memory_equal(text, again, 36);
	free(text);
	free(again);
}

static void a_known_identity_gives_its_bucket_with_and_without_a_newline(void **state)
{
	struct place *place = *state;
	struct fr_error err;
	unsigned bucket;

	test_folder_write(&place->folder, "identity", "00000000-0000-4000-8000-000000000000");
	assert_int_equal(
		fr_identity_bucket(place->folder.path, &place->world.env, 30, &bucket, &err),
		FR_OK);
	assert_int_equal(bucket, 26);
	test_folder_write(&place->folder, "identity", "00000000-0000-4000-8000-000000000000\n");
	assert_int_equal(
		fr_identity_bucket(place->folder.path, &place->world.env, 30, &bucket, &err),
		FR_OK);
	assert_int_equal(bucket, 26);
}

/* In a process of its own: waits for the starting signal, writes its bucket. */
static void ask_for_the_bucket(const char *home, int go, int out)
{
	struct fr_error err;
	struct fr_env env;
	unsigned bucket = 0;
	char start;

	fr_env_real(&env);
	if (read(go, &start, 1) != 0 ||
	    fr_identity_bucket(home, &env, 1000, &bucket, &err) != FR_OK ||
	    write(out, &bucket, sizeof bucket) != (ssize_t)sizeof bucket)
		_exit(1);
	_exit(0);
}

static void race_once(const char *home)
{
	enum { PROCESSES = 8 };
	unsigned buckets[PROCESSES];
	int go[2], out[2];

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(out), 0);
	for (int i = 0; i < PROCESSES; i++) {
		pid_t child = fork();

		assert_int_not_equal(child, -1);
		if (child == 0) {
			(void)close(go[1]);
			ask_for_the_bucket(home, go[0], out[1]);
		}
	}
	(void)close(go[0]);
	(void)close(go[1]); /* all eight read the end of the pipe at once */
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_int_not_equal(wait(&status), -1);
		assert_int_equal(status, 0);
	}
	assert_int_equal(read(out[0], buckets, sizeof buckets), (ssize_t)sizeof buckets);
	(void)close(out[0]);
	(void)close(out[1]);
	for (int i = 1; i < PROCESSES; i++)
		assert_int_equal(buckets[i], buckets[0]);
}

static void eight_processes_making_the_identity_agree_on_it(void **state)
{
	struct place *place = *state;

	for (int round = 0; round < 20; round++) {
		race_once(place->folder.path);
		assert_int_equal(unlink(place->file), 0);
	}
	assert_int_equal(rmdir(place->folder.path), 0); /* no temporary file is left */
}

static void assert_is_refused(struct place *place, enum fr_status status, const char *says)
{
	unsigned bucket = 77;
	struct fr_error err;

	assert_int_equal(
		fr_identity_bucket(place->folder.path, &place->world.env, 30, &bucket, &err),
		status);
	assert_int_equal(bucket, 77);
	assert_non_null(strstr(err.text, place->file));
	if (strstr(err.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void what_is_no_identity_is_refused_and_left_alone(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"00000000-0000-4000-8000-00000000000",
		"00000000-0000-4000-8000-0000000000000",
		"00000000-0000-4000-8000-000000000000\n\n",
		"00000000-0000-4000-8000-00000000000G",
		"ABCDEF00-0000-4000-8000-000000000000",
		"root",
	};
	struct place *place = *state;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char *after;

		test_folder_write(&place->folder, "identity", texts[i]);
		assert_is_refused(place, FR_INVALID, "does not hold an identity");
		after = test_file_read(place->file, NULL);
		assert_string_equal(after, texts[i]);
		free(after);
	}
}

static void an_identity_that_is_much_too_long_is_refused(void **state)
{
	struct place *place = *state;
	char text[4096];

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	test_folder_write(&place->folder, "identity", text);
	assert_is_refused(place, FR_INVALID, "does not hold an identity");
}

static void an_identity_behind_a_symlink_or_of_somebody_else_is_refused(void **state)
{
	struct place *place = *state;
	char other[TEST_PATH_MAX];

	test_folder_write(&place->folder, "other", "00000000-0000-4000-8000-000000000000");
	assert_int_equal(symlink(test_folder_path(&place->folder, "other", other), place->file), 0);
	assert_is_refused(place, FR_INVALID, "symbolic link");
	assert_int_equal(unlink(place->file), 0);
	if (geteuid() != 0)
		return; /* only root can give files away */
	test_folder_write(&place->folder, "identity", "00000000-0000-4000-8000-000000000000");
	assert_int_equal(chown(place->file, 12345, 12345), 0);
	assert_is_refused(place, FR_INVALID, "belongs to user 12345");
}

static void a_home_that_is_not_there_is_named(void **state)
{
	struct place *place = *state;

	assert_int_equal(rmdir(place->folder.path), 0);
	assert_is_refused(place, FR_IO, "No such file or directory");
}

static void a_reset_makes_another_id_whatever_was_there(void **state)
{
	struct place *place = *state;
	struct fr_error err;
	unsigned bucket;
	char *text;

	test_folder_write(&place->folder, "identity", "broken");
	assert_int_equal(fr_identity_reset(place->folder.path, &place->world.env, &err), FR_OK);
	text = test_file_read(place->file, NULL);
	text[36] = '\0';
	assert_true(fr_uuid_is_valid(text));
	assert_int_equal(
		fr_identity_bucket(place->folder.path, &place->world.env, 1000, &bucket, &err),
		FR_OK);
	assert_int_equal(bucket, bucket_of(text, 1000));
	assert_int_equal(fr_identity_reset(place->folder.path, &place->world.env, &err), FR_OK);
	{
		char *other = test_file_read(place->file, NULL);

		assert_memory_not_equal(text, other, 36);
		free(other);
	}
	free(text);
}

static enum fr_status no_randomness(void *context, void *out, size_t length)
{
	(void)context;
	(void)out;
	(void)length;
	return FR_IO;
}

static void without_randomness_no_identity_is_made(void **state)
{
	struct place *place = *state;
	struct fr_error err;
	unsigned bucket;

	place->world.env.random_bytes = no_randomness;
	assert_int_equal(
		fr_identity_bucket(place->folder.path, &place->world.env, 30, &bucket, &err),
		FR_IO);
	assert_int_equal(access(place->file, F_OK), -1);
}

#define in_a_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vectors_give_their_buckets),
		in_a_place(the_first_use_makes_a_private_uuid_and_later_ones_keep_it),
		in_a_place(a_known_identity_gives_its_bucket_with_and_without_a_newline),
		in_a_place(eight_processes_making_the_identity_agree_on_it),
		in_a_place(what_is_no_identity_is_refused_and_left_alone),
		in_a_place(an_identity_that_is_much_too_long_is_refused),
		in_a_place(an_identity_behind_a_symlink_or_of_somebody_else_is_refused),
		in_a_place(a_home_that_is_not_there_is_named),
		in_a_place(a_reset_makes_another_id_whatever_was_there),
		in_a_place(without_randomness_no_identity_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
