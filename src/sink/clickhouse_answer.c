/* ClickHouse's answers. The happy path: 200 and an empty body. Everything else carries the number
 * of an exception, in a header or, before release 23, in the body only; the status says little: a
 * 500 may be a wrong column, a bad row, or a full disk. So the number decides, by one table.
 *
 * What is not in the table is retried a few times and then waits for a person. An answer without
 * any number comes from somebody in front of the server: its status is all there is.
 */
#include "sink/clickhouse.h"

#include <stdio.h>
#include <string.h>

enum { TOO_MANY_PARTS = 252 };

static const struct exception {
	unsigned code;
	enum fr_answer_meaning meaning;
	const char *name; /* ClickHouse's own, which people look up */
} exceptions[] = {
	{159, FR_ANSWER_LATER, "TIMEOUT_EXCEEDED"},
	{160, FR_ANSWER_LATER, "TOO_SLOW"},
	{173, FR_ANSWER_LATER, "CANNOT_ALLOCATE_MEMORY"},
	{198, FR_ANSWER_LATER, "DNS_ERROR"},
	{201, FR_ANSWER_LATER, "QUOTA_EXCEEDED"},
	{202, FR_ANSWER_LATER, "TOO_MANY_SIMULTANEOUS_QUERIES"},
	{203, FR_ANSWER_LATER, "NO_FREE_CONNECTION"},
	{209, FR_ANSWER_LATER, "SOCKET_TIMEOUT"},
	{210, FR_ANSWER_LATER, "NETWORK_ERROR"},
	{216, FR_ANSWER_LATER, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING"},
	{225, FR_ANSWER_LATER, "NO_ZOOKEEPER"},
	{236, FR_ANSWER_LATER, "ABORTED"},
	{241, FR_ANSWER_LATER, "MEMORY_LIMIT_EXCEEDED"},
	{242, FR_ANSWER_LATER, "TABLE_IS_READ_ONLY"},
	{243, FR_ANSWER_LATER, "NOT_ENOUGH_SPACE"},
	{244, FR_ANSWER_LATER, "UNEXPECTED_ZOOKEEPER_ERROR"},
	{TOO_MANY_PARTS, FR_ANSWER_LATER, "TOO_MANY_PARTS"},
	{254, FR_ANSWER_LATER, "NO_ACTIVE_REPLICAS"},
	{265, FR_ANSWER_LATER, "NO_AVAILABLE_REPLICA"},
	{279, FR_ANSWER_LATER, "ALL_CONNECTION_TRIES_FAILED"},
	{285, FR_ANSWER_LATER, "TOO_FEW_LIVE_REPLICAS"},
	{286, FR_ANSWER_LATER, "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE"},
	{289, FR_ANSWER_LATER, "REPLICA_IS_NOT_IN_QUORUM"},
	{290, FR_ANSWER_LATER, "LIMIT_EXCEEDED"},
	{319, FR_ANSWER_LATER, "UNKNOWN_STATUS_OF_INSERT"},
	{335, FR_ANSWER_LATER, "BARRIER_TIMEOUT"},
	{364, FR_ANSWER_LATER, "RECEIVED_ERROR_TOO_MANY_REQUESTS"},
	{373, FR_ANSWER_LATER, "SESSION_IS_LOCKED"},
	{384, FR_ANSWER_LATER, "PART_IS_TEMPORARILY_LOCKED"},
	{394, FR_ANSWER_LATER, "QUERY_WAS_CANCELLED"},
	{425, FR_ANSWER_LATER, "SYSTEM_ERROR"},
	{439, FR_ANSWER_LATER, "CANNOT_SCHEDULE_TASK"},
	{473, FR_ANSWER_LATER, "DEADLOCK_AVOIDED"},
	{499, FR_ANSWER_LATER, "S3_ERROR"},
	{999, FR_ANSWER_LATER, "KEEPER_EXCEPTION"},

	{16, FR_ANSWER_SETUP, "NO_SUCH_COLUMN_IN_TABLE"},
	{47, FR_ANSWER_SETUP, "UNKNOWN_IDENTIFIER"},
	{60, FR_ANSWER_SETUP, "UNKNOWN_TABLE"},
	{81, FR_ANSWER_SETUP, "UNKNOWN_DATABASE"},
	{115, FR_ANSWER_SETUP, "UNKNOWN_SETTING"},
	{164, FR_ANSWER_SETUP, "READONLY"},
	{192, FR_ANSWER_SETUP, "UNKNOWN_USER"},
	{193, FR_ANSWER_SETUP, "WRONG_PASSWORD"},
	{194, FR_ANSWER_SETUP, "REQUIRED_PASSWORD"},
	{291, FR_ANSWER_SETUP, "DATABASE_ACCESS_DENIED"},
	{452, FR_ANSWER_SETUP, "SETTING_CONSTRAINT_VIOLATION"},
	{472, FR_ANSWER_SETUP, "INVALID_SETTING_VALUE"},
	{497, FR_ANSWER_SETUP, "ACCESS_DENIED"},
	{516, FR_ANSWER_SETUP, "AUTHENTICATION_FAILED"},

	{6, FR_ANSWER_EVENTS, "CANNOT_PARSE_TEXT"},
	{25, FR_ANSWER_EVENTS, "CANNOT_PARSE_ESCAPE_SEQUENCE"},
	{26, FR_ANSWER_EVENTS, "CANNOT_PARSE_QUOTED_STRING"},
	{27, FR_ANSWER_EVENTS, "CANNOT_PARSE_INPUT_ASSERTION_FAILED"},
	{33, FR_ANSWER_EVENTS, "CANNOT_READ_ALL_DATA"},
	{38, FR_ANSWER_EVENTS, "CANNOT_PARSE_DATE"},
	{41, FR_ANSWER_EVENTS, "CANNOT_PARSE_DATETIME"},
	{53, FR_ANSWER_EVENTS, "TYPE_MISMATCH"},
	{69, FR_ANSWER_EVENTS, "ARGUMENT_OUT_OF_BOUND"},
	{70, FR_ANSWER_EVENTS, "CANNOT_CONVERT_TYPE"},
	{72, FR_ANSWER_EVENTS, "CANNOT_PARSE_NUMBER"},
	{117, FR_ANSWER_EVENTS, "INCORRECT_DATA"},
	{130, FR_ANSWER_EVENTS, "CANNOT_READ_ARRAY_FROM_TEXT"},
	{131, FR_ANSWER_EVENTS, "TOO_LARGE_STRING_SIZE"},
	{321, FR_ANSWER_EVENTS, "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE"},
	{349, FR_ANSWER_EVENTS, "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN"},
	{376, FR_ANSWER_EVENTS, "CANNOT_PARSE_UUID"},
	{407, FR_ANSWER_EVENTS, "DECIMAL_OVERFLOW"},
	{441, FR_ANSWER_EVENTS, "CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING"},
	{467, FR_ANSWER_EVENTS, "CANNOT_PARSE_BOOL"},
	{469, FR_ANSWER_EVENTS, "VIOLATED_CONSTRAINT"},
};

static const struct exception *exception_find(unsigned code)
{
	size_t i;

	for (i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
		if (exceptions[i].code == code)
			return &exceptions[i];
	return NULL;
}

/* ---- the number ---- */

static const char code_mark[] = "Code: ";

/* The number behind the mark that a line begins with; 0: it does not. */
static unsigned line_code(const char *line, size_t length)
{
	size_t at = sizeof code_mark - 1;
	unsigned code = 0;

	if (length <= at || memcmp(line, code_mark, at) != 0)
		return 0;
	for (; at < length && line[at] >= '0' && line[at] <= '9' && code < 100000; at++)
		code = code * 10 + (unsigned)(line[at] - '0');
	return code;
}

/* The first line that tells a code; NULL: none does. */
static const char *code_line(const struct fr_answer *answer, size_t *length)
{
	const char *at = answer->body, *end = answer->body + answer->body_length;

	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));

		*length = (size_t)((line_end != NULL ? line_end : end) - at);
		if (line_code(at, *length) != 0)
			return at;
		at += *length + 1;
	}
	return NULL;
}

unsigned fr_clickhouse_code(const struct fr_answer *answer)
{
	const char *line;
	size_t length;

	if (answer->exception_code != 0)
		return answer->exception_code;
	line = code_line(answer, &length);
	return line != NULL ? line_code(line, length) : 0;
}

/* ---- what it means ---- */

/* Where a word begins in a line; the line's length when it is not in it. */
static size_t line_find(const char *line, size_t length, const char *word)
{
	size_t word_length = strlen(word), at;

	for (at = 0; at + word_length <= length; at++)
		if (memcmp(line + at, word, word_length) == 0)
			return at;
	return length;
}

/* The server's own sentence, without what its releases put around it. */
static const char *sentence_of(const struct fr_answer *answer, size_t *length)
{
	static const char mark[] = "DB::Exception: ";
	size_t line_length = 0, at;
	const char *line = code_line(answer, &line_length);

	at = line != NULL ? line_find(line, line_length, mark) : line_length;
	if (at == line_length)
		return NULL;
	line += at + sizeof mark - 1;
	line_length -= at + sizeof mark - 1;
	line_length = line_find(line, line_length, ", e.what() = ");
	*length = line_find(line, line_length, " (version ");
	return line;
}

/* A server that complains of its set-up names tables, columns and users, which is what a person
 * needs. What it says of data may quote them: that stays out of logs and status. */
static void words_set(struct fr_answer_details *details, const struct fr_answer *answer,
		      unsigned code, const struct exception *known)
{
	bool is_quoted = known != NULL && known->meaning == FR_ANSWER_SETUP;
	size_t length = 0, filled;
	const char *sentence = is_quoted ? sentence_of(answer, &length) : NULL;

	filled = (size_t)snprintf(details->words, sizeof details->words, "ClickHouse code %u, %s%s",
				  code, known != NULL ? known->name : "which is unknown",
				  sentence != NULL ? ": " : "");
	if (sentence != NULL)
		fr_answer_line(details->words + filled, sizeof details->words - filled, sentence,
			       length);
}

/* The same number stands for a table that has to catch up, and for one insert that would make more
 * partitions than are allowed at once: the table has one a month, and events may be of any. */
static bool is_of_too_many_months(const struct fr_answer *answer, unsigned code)
{
	size_t length = 0;
	const char *sentence = code == TOO_MANY_PARTS ? sentence_of(answer, &length) : NULL;

	return sentence != NULL &&
	       line_find(sentence, length, "partitions for single INSERT block") < length;
}

static void read_exception(const struct fr_answer *answer, unsigned code,
			   struct fr_answer_details *details)
{
	const struct exception *known = exception_find(code);
	bool is_setup = known != NULL && known->meaning == FR_ANSWER_SETUP;

	/* A status that speaks of credentials says what can be done about it. */
	if (!is_setup || (answer->status != 401 && answer->status != 403))
		details->meaning = known != NULL ? known->meaning : FR_ANSWER_NOBODY_KNOWS;
	if (is_of_too_many_months(answer, code))
		details->meaning = FR_ANSWER_EVENTS; /* halves of it will do */
	words_set(details, answer, code, known);
}

enum fr_status fr_clickhouse_read(const struct fr_sink_batch *batch, const struct fr_answer *answer,
				  struct fr_answer_details *details)
{
	unsigned code = fr_clickhouse_code(answer);

	(void)batch;
	if (code != 0) {
		read_exception(answer, code, details);
	} else if (answer->status == 200 && answer->body_length == 0 && !answer->body_incomplete) {
		details->meaning = FR_ANSWER_TAKEN;
	} else if (answer->status == 200 && answer->body_incomplete) {
		/* It may have said anything; the events' ids find a duplicate. */
		details->meaning = FR_ANSWER_LATER;
		(void)snprintf(details->words, sizeof details->words, "the answer broke off");
	} else if (answer->status / 100 == 2) {
		details->meaning = FR_ANSWER_NOBODY_KNOWS;
		(void)snprintf(details->words, sizeof details->words,
			       "not an answer of ClickHouse to an INSERT");
	}
	return FR_OK;
}
