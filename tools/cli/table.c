/* Kept cells lie behind one another in one buffer, row by row: a byte for the colour, the visible
 * text, a NUL. Writing walks them once for the widths and once for the output.
 */
#include "table.h"

#include <assert.h>
#include <string.h>

#include "cli.h"

enum { KEPT_BYTES_MAX = 64 * 1024 * 1024, GAP = 2 };

void cli_table_init(struct cli_table *table, const struct cli *cli,
		    const struct cli_column *columns, size_t count, size_t measured)
{
	assert(count > 0 && count <= CLI_TABLE_COLUMNS);
	*table = (struct cli_table){.cli = cli, .columns = columns, .count = count};
	table->measured = measured;
	table->edge = cli_terminal_columns();
	fr_buffer_init(&table->kept, KEPT_BYTES_MAX);
	for (size_t i = 0; i < count; i++) {
		size_t title = cli_columns(columns[i].title, strlen(columns[i].title));

		table->widths[i] =
			measured > 0 || title > columns[i].least ? title : columns[i].least;
	}
}

static void spaces_print(size_t count)
{
	for (; count > 0; count--)
		(void)putchar(' ');
}

/* column starts at `left` on the line; returns where the next one starts. */
static size_t cell_print(const struct cli_table *table, size_t column, size_t left,
			 enum cli_color color, const char *text)
{
	size_t length = strlen(text);
	size_t columns = cli_columns(text, length);
	bool is_last = column + 1 == table->count;
	size_t width = table->widths[column];
	const char *cut = "";

	if (is_last && table->edge > left && columns > table->edge - left) {
		length = cli_fit(text, length, table->edge - left - 1);
		columns = table->edge - left;
		cut = "\u2026";
	}
	if (table->columns[column].right && columns < width)
		spaces_print(width - columns);
	(void)fputs(color != CLI_PLAIN ? cli_color(table->cli, color) : "", stdout);
	(void)fwrite(text, 1, length, stdout);
	(void)fputs(cut, stdout);
	(void)fputs(color != CLI_PLAIN ? cli_color_end(table->cli) : "", stdout);
	if (is_last) {
		(void)putchar('\n');
		return 0;
	}
	if (!table->columns[column].right && columns < width)
		spaces_print(width - columns);
	spaces_print(GAP);
	return left + (columns > width ? columns : width) + GAP;
}

static void titles_print(struct cli_table *table)
{
	size_t left = 0;

	for (size_t i = 0; i < table->count; i++)
		left = cell_print(table, i, left, CLI_BOLD, table->columns[i].title);
	table->has_begun = true;
}

static void kept_measure(struct cli_table *table)
{
	const char *at = table->kept.data;
	const char *end = at + table->kept.length;

	for (size_t cell = 0; at < end; cell++) {
		size_t length = strlen(at + 1);
		size_t columns = cli_columns(at + 1, length);
		size_t column = cell % table->count;

		if (columns > table->widths[column])
			table->widths[column] = columns;
		at += length + 2;
	}
}

/* Writes what is kept and keeps nothing. */
static void kept_print(struct cli_table *table)
{
	const char *at = table->kept.data;
	const char *end = at + table->kept.length;
	size_t left = 0;

	if (table->kept.length == 0)
		return;
	if (!table->has_begun) {
		if (table->measured > 0)
			kept_measure(table);
		titles_print(table);
	}
	for (size_t cell = 0; at < end; cell++) {
		left = cell_print(table, cell % table->count, left, (enum cli_color)at[0], at + 1);
		at += strlen(at + 1) + 2;
	}
	if (table->kept.status == FR_OK)
		fr_buffer_clear(&table->kept);
}

void cli_table_cell_n(struct cli_table *table, enum cli_color color, const char *text,
		      size_t length)
{
	fr_buffer_add_char(&table->kept, (char)color);
	cli_add_visible(&table->kept, text, length, false);
	fr_buffer_add_char(&table->kept, '\0');
	if (++table->cell < table->count)
		return;
	table->cell = 0;
	table->rows++;
	if (table->has_begun || table->rows >= table->measured)
		kept_print(table);
}

void cli_table_cell(struct cli_table *table, enum cli_color color, const char *text)
{
	cli_table_cell_n(table, color, text, strlen(text));
}

void cli_table_cell_count(struct cli_table *table, int64_t value)
{
	char text[CLI_NUMBER_TEXT];

	cli_table_cell(table, CLI_PLAIN, cli_count(text, value));
}

enum fr_status cli_table_finish(struct cli_table *table, struct fr_error *err)
{
	enum fr_status status = table->kept.status;

	assert(table->cell == 0 || status != FR_OK);
	if (status == FR_OK)
		kept_print(table);
	else
		(void)fr_fail(err, status, "the table does not fit into memory: try --json");
	fr_buffer_fini(&table->kept);
	return status;
}
