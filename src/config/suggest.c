/* The distance of Levenshtein with swapped neighbours as one slip, case ignored, over words of at
 * most WORD_MAX letters: three rows of the usual table.
 */
#include "config/suggest.h"

#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 40, DISTANCE_MAX = 2 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_same(char a, char b)
{
	return lower(a) == lower(b);
}

static size_t least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Fills row i of the table from the two above it. */
static void row_fill(size_t rows[3][WORD_MAX + 1], size_t i, const char *a, const char *b)
{
	size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
	size_t j;

	row[0] = i;
	for (j = 1; b[j - 1] != '\0'; j++) {
		row[j] = least_of(above[j], row[j - 1]) + 1;
		row[j] = least_of(row[j], above[j - 1] + !is_same(a[i - 1], b[j - 1]));
		if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]))
			row[j] = least_of(row[j], second[j - 2] + 1);
	}
}

static size_t distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1] = {{0}};
	size_t length_a = strlen(a), length_b = strlen(b), i;

	if (length_a > WORD_MAX || length_b > WORD_MAX)
		return WORD_MAX;
	for (i = 0; i <= length_b; i++)
		rows[0][i] = i;
	for (i = 1; i <= length_a; i++)
		row_fill(rows, i, a, b);
	return rows[length_a % 3][length_b];
}

void fr_suggestion_init(struct fr_suggestion *suggestion, const char *word)
{
	size_t most = strlen(word) / 2;

	*suggestion = (struct fr_suggestion){
		.word = word,
		.distance = least_of(most, DISTANCE_MAX) + 1,
	};
}

void fr_suggestion_consider(struct fr_suggestion *suggestion, const char *candidate)
{
	size_t found = distance(suggestion->word, candidate);

	if (found >= suggestion->distance)
		return;
	suggestion->distance = found;
	suggestion->best = candidate;
}
