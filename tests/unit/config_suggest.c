/* "Did you mean": slips of the fingers are near, other words are not. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "config/suggest.h"

static const char *nearest(const char *word)
{
	static const char *const words[] = {"service", "max_bytes", "max_age", "url",
					    "on",      "off",       "timeout"};
	struct fr_suggestion suggestion;

	fr_suggestion_init(&suggestion, word);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		fr_suggestion_consider(&suggestion, words[i]);
	return suggestion.best != NULL ? suggestion.best : "";
}

static void a_slip_finds_its_word(void **state)
{
	(void)state;
	assert_string_equal(nearest("servce"), "service");
	assert_string_equal(nearest("servicee"), "service");
	assert_string_equal(nearest("sercive"), "service");
	assert_string_equal(nearest("sevrice"), "service");
	assert_string_equal(nearest("SERVICE"), "service");
	assert_string_equal(nearest("max-bytes"), "max_bytes");
	assert_string_equal(nearest("uri"), "url");
	assert_string_equal(nearest("of"), "on"); /* the first of two equals */
}

static void other_words_find_nothing(void **state)
{
	char word[200];

	(void)state;
	assert_string_equal(nearest(""), "");
	assert_string_equal(nearest("x"), "");
	assert_string_equal(nearest("interval"), "");
	assert_string_equal(nearest("abc"), "");
	memset(word, 's', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	assert_string_equal(nearest(word), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_finds_its_word),
		cmocka_unit_test(other_words_find_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
