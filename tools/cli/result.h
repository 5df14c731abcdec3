/* The answer to a query: a table for people, JSON or CSV for programs.
 *
 * Nothing is written before all of it is there and the snapshot is closed: somebody who reads
 * slowly must not hold the queue's log.
 * Life: init, rows (cli_result_add is an fr_on_row), print, fini.
 */
#ifndef FLIGHTREC_CLI_RESULT_H
#define FLIGHTREC_CLI_RESULT_H

#include "json_out.h"
#include "queue/inspect.h"
#include "table.h"

enum cli_format {
	CLI_FORMAT_TABLE,
	CLI_FORMAT_JSON,
	CLI_FORMAT_CSV,
};

struct cli_result {
	const struct cli *cli;
	enum cli_format format;
	int64_t rows;
	struct fr_buffer titles; /* a NUL behind each */
	struct cli_column columns[CLI_TABLE_COLUMNS];
	struct cli_table table; /* begun with the first row */
	struct cli_json json;
	struct fr_buffer csv;
	bool has_too_many; /* columns for a table */
};

void cli_result_init(struct cli_result *result, const struct cli *cli, enum cli_format format);
bool cli_result_add(void *context, const struct fr_cell *cells, int columns);
enum fr_status cli_result_print(struct cli_result *result, struct fr_error *err);
void cli_result_fini(struct cli_result *result);

#endif
