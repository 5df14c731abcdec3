#include "result.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { CSV_BYTES_MAX = 512 * 1024 * 1024, TITLES_BYTES_MAX = 1024 * 1024 };

void cli_result_init(struct cli_result *result, const struct cli *cli, enum cli_format format)
{
	*result = (struct cli_result){.cli = cli, .format = format};
	fr_buffer_init(&result->titles, TITLES_BYTES_MAX);
	fr_buffer_init(&result->csv, CSV_BYTES_MAX);
	cli_json_init(&result->json);
	cli_json_array(&result->json, NULL);
}

void cli_result_fini(struct cli_result *result)
{
	fr_buffer_fini(&result->titles);
	fr_buffer_fini(&result->csv);
	cli_json_fini(&result->json);
}

/* ---- a table ---- */

/* The first row tells how columns are called and which of them hold numbers. */
static void table_begin(struct cli_result *result, const struct fr_cell *cells, int columns)
{
	const char *title;

	for (int i = 0; i < columns; i++) {
		cli_add_visible(&result->titles, cells[i].name, strlen(cells[i].name), false);
		fr_buffer_add_char(&result->titles, '\0');
		result->columns[i].right = cells[i].is_number;
	}
	title = fr_buffer_text(&result->titles);
	for (int i = 0; i < columns && result->titles.status == FR_OK; i++) {
		result->columns[i].title = title;
		title += strlen(title) + 1;
	}
	cli_table_init(&result->table, result->cli, result->columns, (size_t)columns, SIZE_MAX);
}

static bool table_add(struct cli_result *result, const struct fr_cell *cells, int columns)
{
	if (columns > CLI_TABLE_COLUMNS) {
		result->has_too_many = true;
		return false;
	}
	if (result->rows == 0)
		table_begin(result, cells, columns);
	if (result->titles.status != FR_OK)
		return false;
	for (int i = 0; i < columns; i++) {
		if (cells[i].text == NULL)
			cli_table_cell(&result->table, CLI_DIM, "NULL");
		else
			cli_table_cell_n(&result->table, CLI_PLAIN, cells[i].text, cells[i].length);
	}
	return result->table.kept.status == FR_OK;
}

/* ---- for programs ---- */

/* Not every number of SQLite's is one of JSON's: Inf is not. */
static bool is_json_number(const struct fr_cell *cell)
{
	return cell->is_number && strspn(cell->text, "-+.0123456789eE") == cell->length;
}

static bool json_add(struct cli_result *result, const struct fr_cell *cells, int columns)
{
	struct cli_json *json = &result->json;

	cli_json_object(json, NULL);
	for (int i = 0; i < columns; i++) {
		if (cells[i].text == NULL)
			cli_json_null(json, cells[i].name);
		else if (is_json_number(&cells[i]))
			cli_json_raw(json, cells[i].name, cells[i].text, cells[i].length);
		else
			cli_json_string_n(json, cells[i].name, cells[i].text, cells[i].length);
	}
	cli_json_object_end(json);
	return json->text.status == FR_OK;
}

/* RFC 4180: quoted where it must be, a quote twice. */
static void csv_add_field(struct fr_buffer *csv, const char *text, size_t length)
{
	bool is_plain = true;

	for (size_t i = 0; i < length && is_plain; i++)
		is_plain = text[i] != ',' && text[i] != '"' && text[i] != '\n' && text[i] != '\r';
	if (is_plain) {
		fr_buffer_add(csv, text, length);
		return;
	}
	fr_buffer_add_char(csv, '"');
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"')
			fr_buffer_add_char(csv, '"');
		fr_buffer_add_char(csv, text[i]);
	}
	fr_buffer_add_char(csv, '"');
}

static bool csv_add(struct cli_result *result, const struct fr_cell *cells, int columns)
{
	struct fr_buffer *csv = &result->csv;

	for (int i = 0; i < columns && result->rows == 0; i++) {
		fr_buffer_add_text(csv, i > 0 ? "," : "");
		csv_add_field(csv, cells[i].name, strlen(cells[i].name));
	}
	if (result->rows == 0)
		fr_buffer_add_text(csv, "\r\n");
	for (int i = 0; i < columns; i++) {
		fr_buffer_add_text(csv, i > 0 ? "," : "");
		if (cells[i].text != NULL)
			csv_add_field(csv, cells[i].text, cells[i].length);
	}
	fr_buffer_add_text(csv, "\r\n");
	return csv->status == FR_OK;
}

/* ---- any of them ---- */

bool cli_result_add(void *context, const struct fr_cell *cells, int columns)
{
	struct cli_result *result = context;
	bool goes_on = false;

	switch (result->format) {
	case CLI_FORMAT_TABLE:
		goes_on = table_add(result, cells, columns);
		break;
	case CLI_FORMAT_JSON:
		goes_on = json_add(result, cells, columns);
		break;
	case CLI_FORMAT_CSV:
		goes_on = csv_add(result, cells, columns);
		break;
	}
	result->rows++;
	return goes_on;
}

enum fr_status cli_result_print(struct cli_result *result, struct fr_error *err)
{
	if (result->has_too_many)
		return fr_fail(err, FR_TOO_LARGE, "a table has at most %d columns: try --json",
			       (int)CLI_TABLE_COLUMNS);
	if (result->titles.status != FR_OK || result->csv.status != FR_OK)
		return fr_fail(err, FR_TOO_LARGE, "the answer does not fit into memory");
	switch (result->format) {
	case CLI_FORMAT_TABLE:
		return result->rows > 0 ? cli_table_finish(&result->table, err) : FR_OK;
	case CLI_FORMAT_JSON:
		cli_json_array_end(&result->json);
		return cli_json_print(&result->json, err);
	case CLI_FORMAT_CSV:
		(void)fwrite(fr_buffer_text(&result->csv), 1, result->csv.length, stdout);
		return FR_OK;
	}
	return FR_OK;
}
