/* What the benches share: times, medians, and one line for each figure.
 *
 * Figures are ratios and medians of one run, with what they were measured against interleaved in
 * it; absolute times are told only because a person wants to see them.
 */
#ifndef FR_BENCH_H
#define FR_BENCH_H

#include <stdbool.h>
#include <stddef.h>

/* How to print: JSON lines for programs. */
extern bool bench_json;

double bench_now_us(void);

/* The value below which this share of the values lies; sorts them. */
double bench_quantile(double *values, size_t count, double share);

/* One figure. target NULL: there is none. */
void bench_tell(const char *bench, const char *what, double value, const char *unit,
		const char *target);

/* What a reader of the figures should know, on standard error. */
void bench_say(const char *bench, const char *text);

/* What stopped a bench: a plain sentence on standard error, and the program ends with 1. */
_Noreturn void bench_give_up(const char *bench, const char *why);

/* A folder of the bench's own, removed by bench_folder_remove with all that is in it. */
void bench_folder_make(char *out, size_t size);
void bench_folder_remove(const char *folder);

/* The properties of a typical event: about 300 bytes. */
extern const char bench_properties[];

/* One file each. */
void bench_record(void);
void bench_writers(void);
void bench_claim(void);
void bench_drain(void);
void bench_deliver(void);
void bench_start(void);
void bench_catalogue(void);
void bench_limits(void);

#endif
