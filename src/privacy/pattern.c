/* Glushkov's automaton: one position for each character of the pattern, with repetitions written
 * out, and for each position the set of those that may come next. Matching keeps the set of
 * positions that the text so far may have ended at; there is nothing to go back to.
 *
 * An alternative that begins with ^ may only be entered at the first character; what ends in $ only
 * counts at the end of the text.
 */
#include "privacy/pattern.h"

#include <string.h>

#include "base/text.h"
#include "privacy/pattern_tree.h"

enum { WORDS = FR_PATTERN_POSITIONS_MAX / 64, BUILDS_MOST = 4096 };

struct set {
	uint64_t words[WORDS];
};

struct fr_pattern {
	bool matches_all;   /* an alternative that asks for nothing */
	bool matches_empty; /* ^$ */
	size_t count;
	size_t words; /* of each set, that are in use */
	const struct fr_pattern_class **characters;
	struct set *follow;
	struct set enters, enters_first; /* anywhere; at the first character only */
	struct set ends, ends_last;      /* anywhere; at the end of the text only */
};

/* ---- building ---- */

/* A part of the pattern: where its texts begin and end, and whether the empty one is among them. */
struct part {
	bool is_nullable;
	struct set first, last;
};

struct builder {
	struct fr_pattern *pattern;
	unsigned builds; /* a bound on repetitions of repetitions of nothing */
	const struct fr_pattern_class *characters[FR_PATTERN_POSITIONS_MAX];
	struct set follow[FR_PATTERN_POSITIONS_MAX];
};

static void set_join(struct set *set, const struct set *other)
{
	for (size_t i = 0; i < WORDS; i++)
		set->words[i] |= other->words[i];
}

/* What ends in `last` may go on with `first`. */
static void link_parts(struct builder *builder, const struct set *last, const struct set *first)
{
	for (size_t p = 0; p < builder->pattern->count; p++)
		if ((last->words[p / 64] >> (p % 64) & 1) != 0)
			set_join(&builder->follow[p], first);
}

static void part_append(struct builder *builder, struct part *part, const struct part *more)
{
	link_parts(builder, &part->last, &more->first);
	if (part->is_nullable)
		set_join(&part->first, &more->first);
	if (!more->is_nullable)
		part->last = (struct set){{0}};
	set_join(&part->last, &more->last);
	part->is_nullable = part->is_nullable && more->is_nullable;
}

static bool node_build(struct builder *builder, const struct fr_pattern_node *node,
		       struct part *part);

static bool character_build(struct builder *builder, const struct fr_pattern_node *node,
			    struct part *part)
{
	size_t position = builder->pattern->count;

	if (position == FR_PATTERN_POSITIONS_MAX)
		return false;
	builder->characters[position] = node->characters;
	builder->pattern->count++;
	part->first.words[position / 64] |= UINT64_C(1) << (position % 64);
	part->last = part->first;
	return true;
}

static bool sequence_build(struct builder *builder, const struct fr_pattern_node *node,
			   struct part *part)
{
	const struct fr_pattern_node *child;

	part->is_nullable = true;
	for (child = node->child; child != NULL; child = child->next) {
		struct part more;

		if (!node_build(builder, child, &more))
			return false;
		part_append(builder, part, &more);
	}
	return true;
}

static bool choice_build(struct builder *builder, const struct fr_pattern_node *node,
			 struct part *part)
{
	const struct fr_pattern_node *child;

	for (child = node->child; child != NULL; child = child->next) {
		struct part one;

		if (!node_build(builder, child, &one))
			return false;
		set_join(&part->first, &one.first);
		set_join(&part->last, &one.last);
		part->is_nullable = part->is_nullable || one.is_nullable;
	}
	return true;
}

/* Written out as often as it must be there, then as often as it may be; the last one loops when
 * there is no end. */
static bool repeat_build(struct builder *builder, const struct fr_pattern_node *node,
			 struct part *part)
{
	bool is_endless = node->most == FR_PATTERN_WITHOUT_END;
	int copies = is_endless ? (node->least > 0 ? node->least : 1) : node->most;
	int i;

	part->is_nullable = true;
	for (i = 0; i < copies; i++) {
		struct part copy;

		if (!node_build(builder, node->child, &copy))
			return false;
		if (is_endless && i == copies - 1)
			link_parts(builder, &copy.last, &copy.first);
		copy.is_nullable = copy.is_nullable || i >= node->least;
		part_append(builder, part, &copy);
	}
	return true;
}

/* False when the bounds do not hold it. As deep as groups are nested. */
static bool node_build(struct builder *builder, const struct fr_pattern_node *node,
		       struct part *part)
{
	*part = (struct part){.is_nullable = false};
	if (++builder->builds > BUILDS_MOST)
		return false;
	switch (node->kind) {
	case FR_PATTERN_CHARACTER:
		return character_build(builder, node, part);
	case FR_PATTERN_SEQUENCE:
		return sequence_build(builder, node, part);
	case FR_PATTERN_CHOICE:
		return choice_build(builder, node, part);
	case FR_PATTERN_REPEAT:
		return repeat_build(builder, node, part);
	}
	return false;
}

static bool alternative_build(struct builder *builder, const struct fr_pattern_node *alternative)
{
	struct fr_pattern *pattern = builder->pattern;
	struct part part;

	if (!node_build(builder, alternative, &part))
		return false;
	set_join(alternative->at_start ? &pattern->enters_first : &pattern->enters, &part.first);
	set_join(alternative->at_end ? &pattern->ends_last : &pattern->ends, &part.last);
	if (part.is_nullable && alternative->at_start && alternative->at_end)
		pattern->matches_empty = true;
	else if (part.is_nullable)
		pattern->matches_all = true;
	return true;
}

/* From the builder's tables, which have room for the largest, to ones of the right size. */
static enum fr_status pattern_keep(const struct builder *builder, struct fr_arena *arena,
				   struct fr_error *err)
{
	struct fr_pattern *pattern = builder->pattern;
	size_t count = pattern->count;

	pattern->words = (count + 63) / 64;
	pattern->characters = fr_arena_take(arena, count + 1, sizeof(const void *));
	pattern->follow = fr_arena_take(arena, count + 1, sizeof *pattern->follow);
	if (pattern->characters == NULL || pattern->follow == NULL)
		return fr_fail(err, FR_NOMEM, "pattern: %s", fr_status_text(FR_NOMEM));
	for (size_t i = 0; i < count; i++)
		pattern->characters[i] = builder->characters[i];
	memcpy(pattern->follow, builder->follow, count * sizeof *pattern->follow);
	return FR_OK;
}

enum fr_status fr_pattern_compile(struct fr_pattern **out, struct fr_arena *arena, const char *text,
				  size_t length, struct fr_error *err)
{
	const struct fr_pattern_node *alternative;
	struct builder builder = {.builds = 0};
	struct fr_pattern_node *tree;
	enum fr_status status = fr_pattern_read(&tree, arena, text, length, err);

	*out = NULL;
	if (status != FR_OK)
		return status;
	builder.pattern = fr_arena_take(arena, 1, sizeof *builder.pattern);
	if (builder.pattern == NULL)
		return fr_fail(err, FR_NOMEM, "pattern: %s", fr_status_text(FR_NOMEM));
	for (alternative = tree->child; alternative != NULL; alternative = alternative->next)
		if (!alternative_build(&builder, alternative))
			return fr_fail(err, FR_TOO_LARGE,
				       "with its repetitions written out it has more than %d "
				       "characters; bound the length with maxLength instead",
				       FR_PATTERN_POSITIONS_MAX);
	status = pattern_keep(&builder, arena, err);
	if (status == FR_OK)
		*out = builder.pattern;
	return status;
}

static bool set_is_empty(const struct set *set)
{
	uint64_t any = 0;

	for (size_t i = 0; i < WORDS; i++)
		any |= set->words[i];
	return any == 0;
}

bool fr_pattern_is_anchored(const struct fr_pattern *pattern)
{
	return !pattern->matches_all && set_is_empty(&pattern->enters) &&
	       set_is_empty(&pattern->ends);
}

/* ---- matching ---- */

static uint32_t code_point_next(const char **text, const char *end)
{
	const unsigned char *at = (const unsigned char *)*text;
	size_t length, i;
	uint32_t c;

	if (at[0] < 0x80) {
		(*text)++;
		return at[0];
	}
	length = fr_utf8_next(*text, (size_t)(end - *text));
	if (length == 0) /* not UTF-8 after all: a byte that no class takes */
		length = 1;
	*text += length;
	c = at[0] & (0x7fU >> length);
	for (i = 1; i < length; i++)
		c = c << 6 | (at[i] & 0x3fU);
	return c;
}

/* Where the text may be next, whatever its next character. */
static struct set pattern_expect(const struct fr_pattern *pattern, const struct set *here,
				 bool is_first)
{
	struct set next = pattern->enters;

	if (is_first)
		set_join(&next, &pattern->enters_first);
	for (size_t w = 0; w < pattern->words; w++) {
		uint64_t left = here->words[w];

		for (; left != 0; left &= left - 1)
			set_join(&next, &pattern->follow[w * 64 + (size_t)__builtin_ctzll(left)]);
	}
	return next;
}

/* Which of them take it. */
static struct set pattern_step(const struct fr_pattern *pattern, const struct set *expected,
			       uint32_t c)
{
	struct set here = {{0}};

	for (size_t w = 0; w < pattern->words; w++) {
		uint64_t left = expected->words[w];

		for (; left != 0; left &= left - 1) {
			size_t position = w * 64 + (size_t)__builtin_ctzll(left);

			if (fr_pattern_takes(pattern->characters[position], c))
				here.words[w] |= left & -left;
		}
	}
	return here;
}

static bool sets_meet(const struct set *a, const struct set *b)
{
	uint64_t common = 0;

	for (size_t i = 0; i < WORDS; i++)
		common |= a->words[i] & b->words[i];
	return common != 0;
}

bool fr_pattern_matches(const struct fr_pattern *pattern, const char *text, size_t length)
{
	const char *at = text, *end = text + length;
	struct set here = {{0}};

	if (pattern->matches_all || length == 0)
		return pattern->matches_all || pattern->matches_empty;
	while (at < end) {
		struct set expected = pattern_expect(pattern, &here, at == text);

		here = pattern_step(pattern, &expected, code_point_next(&at, end));
		if (sets_meet(&here, &pattern->ends))
			return true;
	}
	return sets_meet(&here, &pattern->ends_last);
}
