/* A table for people: columns as wide as what stands in them, the last one cut at the terminal's
 * edge.
 *
 * Rows are kept until the first CLI_TABLE_MEASURED of them have told the widths, then they are
 * written as they come. Cells are made visible (output.h); an error of memory ends in missing
 * rows and is returned by finish.
 * Life: init, cell..., finish.
 */
#ifndef FLIGHTREC_CLI_TABLE_H
#define FLIGHTREC_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/status.h"
#include "output.h"

enum { CLI_TABLE_COLUMNS = 64, CLI_TABLE_MEASURED = 1000 };

struct cli_column {
	const char *title; /* borrowed until finish */
	bool right;        /* numbers */
	unsigned least;    /* columns to keep free, for tables that are not measured */
};

struct cli_table {
	const struct cli *cli;
	const struct cli_column *columns;
	size_t count;
	size_t widths[CLI_TABLE_COLUMNS];
	size_t edge;           /* columns of the terminal, 0: no edge */
	size_t cell;           /* next cell of the row */
	size_t rows;           /* complete ones */
	size_t measured;       /* rows to wait for before anything is written */
	bool has_begun;        /* titles are out, widths are fixed */
	struct fr_buffer kept; /* colour byte, text, NUL for each cell */
};

/* measured: how many rows decide the widths; 0: the columns' own `least`, and rows come out at
 * once. */
void cli_table_init(struct cli_table *table, const struct cli *cli,
		    const struct cli_column *columns, size_t count, size_t measured);

/* The next cell, left to right; the last one ends the row. */
void cli_table_cell(struct cli_table *table, enum cli_color color, const char *text);
void cli_table_cell_n(struct cli_table *table, enum cli_color color, const char *text,
		      size_t length);
void cli_table_cell_count(struct cli_table *table, int64_t value);

/* Writes what is left; a table without rows writes nothing. */
enum fr_status cli_table_finish(struct cli_table *table, struct fr_error *err);

#endif
