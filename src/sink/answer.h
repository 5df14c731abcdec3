/* What came back for a request, and what a format reads out of it beyond its status. */
#ifndef FR_SINK_ANSWER_H
#define FR_SINK_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

enum { FR_ANSWER_MAX = 2 * 1024 * 1024, FR_EXCERPT_TEXT = 513 };

/* Strings are never NULL, "" where there was no such header. */
struct fr_answer {
	int status; /* HTTP status; 0 when there was none */
	const char *content_type;
	const char *retry_after;
	const char *date;
	const char *body; /* never more than FR_ANSWER_MAX */
	size_t body_length;
	bool body_incomplete; /* cut, or over FR_ANSWER_MAX */
	bool over_tls;
	unsigned exception_code; /* X-ClickHouse-Exception-Code; 0 where there was none */
};

/* What an answer means where its status does not tell: a format's own rule. The verdict
 * (ship/verdict.h) makes an action of it. */
enum fr_answer_meaning {
	FR_ANSWER_BY_STATUS,    /* the status decides, as for any sink */
	FR_ANSWER_TAKEN,        /* counts as 2xx */
	FR_ANSWER_LATER,        /* the same batch again after a backoff */
	FR_ANSWER_SETUP,        /* the settings are at fault: pause, drop nothing */
	FR_ANSWER_EVENTS,       /* some event is at fault: bisect */
	FR_ANSWER_TOO_LARGE,    /* split */
	FR_ANSWER_FOR_GOOD,     /* must not be sent again: all of it becomes dead letters, a pause
				 * after three in a row */
	FR_ANSWER_NOBODY_KNOWS, /* retried five times, then a pause */
};

struct fr_answer_refusal {
	size_t index; /* into the batch */
	char reason[128];
};

struct fr_answer_details {
	enum fr_answer_meaning meaning;
	char words[128];    /* for people: why this meaning or this loss; "" says no more */
	size_t lost;        /* so many of an acked batch were refused, and it was not said which */
	bool already_taken; /* a 409 for a batch that was taken before: counts as 2xx */
	struct fr_answer_refusal *refusals; /* ascending by index, each index once */
	size_t refused;
};

void fr_answer_details_fini(struct fr_answer_details *details);

/* What a server wrote, as one line that is safe to store and to show: valid UTF-8, control
 * characters as spaces, cut where it does not fit. */
void fr_answer_line(char *out, size_t size, const char *text, size_t length);

/* The first 512 bytes of an answer in that form. */
void fr_answer_excerpt(const struct fr_answer *answer, char out[FR_EXCERPT_TEXT]);

#endif
