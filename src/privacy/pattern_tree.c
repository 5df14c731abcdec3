/* Reads a pattern by recursive descent, one level a group, so that its depth is bounded by
 * FR_PATTERN_GROUPS_MAX:
 *
 *   choice   = sequence { "|" sequence }
 *   sequence = { atom [ repetition ] }
 *   atom     = character | class | "(" choice ")"
 *
 * The first thing that does not fit ends the reading; its place is part of the message.
 */
#include "privacy/pattern_tree.h"

#include <string.h>

#include "privacy/pattern_text.h"

enum { REPEATS_MOST = 1000 };

static enum fr_status choice_read(struct fr_pattern_text *text, struct fr_pattern_node **out,
				  unsigned depth);

static struct fr_pattern_node *node_new(struct fr_pattern_text *text, enum fr_pattern_kind kind)
{
	struct fr_pattern_node *node = fr_arena_take(text->arena, 1, sizeof *node);

	if (node == NULL)
		(void)fr_fail(text->err, FR_NOMEM, "pattern: %s", fr_status_text(FR_NOMEM));
	else
		node->kind = kind;
	return node;
}

static void node_adopt(struct fr_pattern_node *parent, struct fr_pattern_node *child)
{
	if (parent->last_child != NULL)
		parent->last_child->next = child;
	else
		parent->child = child;
	parent->last_child = child;
}

/* ---- repetitions ---- */

static bool count_read(struct fr_pattern_text *text, int *count)
{
	bool has_digit = false;

	for (*count = 0; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++) {
		has_digit = true;
		if (*count <= REPEATS_MOST)
			*count = *count * 10 + (*text->at - '0');
	}
	return has_digit;
}

/* Behind the brace: "n}", "n,}" or "n,m}". */
static enum fr_status braces_read(struct fr_pattern_text *text, int *least, int *most)
{
	if (!count_read(text, least))
		return fr_pattern_wrong(text, "a number belongs behind \"{\"");
	*most = *least;
	if (fr_pattern_take(text, ',') && !count_read(text, most))
		*most = FR_PATTERN_WITHOUT_END;
	if (!fr_pattern_take(text, '}'))
		return fr_pattern_wrong(text, "\"}\" is missing");
	if (*least > REPEATS_MOST || *most > REPEATS_MOST)
		return fr_pattern_wrong(text, "repeated more than 1000 times");
	if (*most != FR_PATTERN_WITHOUT_END && *most < *least)
		return fr_pattern_wrong(text, "the counts are in the wrong order");
	return FR_OK;
}

/* Wraps the atom when a repetition stands behind it. */
static enum fr_status repetition_read(struct fr_pattern_text *text, struct fr_pattern_node **node)
{
	int least = 0, most = FR_PATTERN_WITHOUT_END;
	struct fr_pattern_node *repeat;
	enum fr_status status = FR_OK;

	if (fr_pattern_take(text, '+'))
		least = 1;
	else if (fr_pattern_take(text, '?'))
		most = 1;
	else if (fr_pattern_take(text, '{'))
		status = braces_read(text, &least, &most);
	else if (!fr_pattern_take(text, '*'))
		return FR_OK;
	if (status != FR_OK)
		return status;
	(void)fr_pattern_take(text, '?'); /* lazy: the same texts match */
	repeat = node_new(text, FR_PATTERN_REPEAT);
	if (repeat == NULL)
		return FR_NOMEM;
	repeat->least = least;
	repeat->most = most;
	node_adopt(repeat, *node);
	*node = repeat;
	return FR_OK;
}

/* ---- atoms ---- */

static enum fr_status group_read(struct fr_pattern_text *text, struct fr_pattern_node **out,
				 unsigned depth)
{
	enum fr_status status;

	if (fr_pattern_take(text, '?') && !fr_pattern_take(text, ':'))
		return fr_pattern_wrong(text, "look-around and named groups are not supported");
	if (depth == FR_PATTERN_GROUPS_MAX)
		return fr_pattern_wrong(text, "groups are nested too deeply");
	status = choice_read(text, out, depth + 1);
	if (status == FR_OK && !fr_pattern_take(text, ')'))
		status = fr_pattern_wrong(text, "\")\" is missing");
	return status;
}

static enum fr_status atom_read(struct fr_pattern_text *text, struct fr_pattern_node **out,
				unsigned depth)
{
	if (fr_pattern_take(text, '('))
		return group_read(text, out, depth);
	if (strchr("*+?{", *text->at) != NULL)
		return fr_pattern_wrong(text, "nothing stands before this repetition");
	if (strchr("]}", *text->at) != NULL)
		return fr_pattern_wrong(text, "a closing bracket that nothing opens");
	if (strchr("^$", *text->at) != NULL)
		return fr_pattern_wrong(text, "\"^\" may only stand first and \"$\" last, outside "
					      "of groups");
	*out = node_new(text, FR_PATTERN_CHARACTER);
	return *out == NULL ? FR_NOMEM : fr_pattern_class_read(text, &(*out)->characters);
}

static bool is_at_end_of_sequence(const struct fr_pattern_text *text)
{
	return text->at == text->end || *text->at == '|' || *text->at == ')';
}

static bool dollar_take(struct fr_pattern_text *text)
{
	const char *behind = text->at + 1;

	return *text->at == '$' && (behind == text->end || *behind == '|') &&
	       fr_pattern_take(text, '$');
}

static enum fr_status sequence_read(struct fr_pattern_text *text, struct fr_pattern_node *sequence,
				    unsigned depth)
{
	struct fr_pattern_node *node = NULL;
	enum fr_status status = FR_OK;

	if (depth == 0)
		sequence->at_start = fr_pattern_take(text, '^');
	while (status == FR_OK && !is_at_end_of_sequence(text)) {
		if (depth == 0 && dollar_take(text)) {
			sequence->at_end = true;
			break;
		}
		status = atom_read(text, &node, depth);
		if (status == FR_OK)
			status = repetition_read(text, &node);
		if (status == FR_OK)
			node_adopt(sequence, node);
	}
	return status;
}

static enum fr_status choice_read(struct fr_pattern_text *text, struct fr_pattern_node **out,
				  unsigned depth)
{
	struct fr_pattern_node *choice = node_new(text, FR_PATTERN_CHOICE);
	struct fr_pattern_node *sequence;
	enum fr_status status;

	*out = choice;
	if (choice == NULL)
		return FR_NOMEM;
	do {
		sequence = node_new(text, FR_PATTERN_SEQUENCE);
		if (sequence == NULL)
			return FR_NOMEM;
		node_adopt(choice, sequence);
		status = sequence_read(text, sequence, depth);
	} while (status == FR_OK && fr_pattern_take(text, '|'));
	return status;
}

enum fr_status fr_pattern_read(struct fr_pattern_node **out, struct fr_arena *arena,
			       const char *text, size_t length, struct fr_error *err)
{
	struct fr_pattern_text reader = {arena, err, text, text, text + length};
	enum fr_status status;

	if (length > FR_PATTERN_BYTES_MAX)
		return fr_fail(err, FR_TOO_LARGE, "the pattern is longer than %d bytes",
			       FR_PATTERN_BYTES_MAX);
	if (memchr(text, '\0', length) != NULL)
		return fr_fail(err, FR_INVALID, "a NUL in a pattern is written \\0");
	status = choice_read(&reader, out, 0);
	if (status == FR_OK && reader.at < reader.end)
		status = fr_pattern_wrong(&reader, "\")\" that nothing opens");
	return status;
}
