/* How a property becomes a parameter:
 *
 *   a list of texts   an enum of its own; ..._ABSENT (0) leaves it out
 *   text              const char *, NULL leaves it out
 *   whole number      int64_t, FLIGHTREC_ABSENT_INT leaves it out
 *   number            double, FLIGHTREC_ABSENT_DOUBLE leaves it out
 *   true or false     int: 0, 1, or FLIGHTREC_ABSENT_BOOL
 *   anything else     const char *, as JSON text; NULL leaves it out
 */
#include "function.h"

#include <string.h>

#include "c_name.h"
#include "event/draft.h"
#include "event/json.h"

enum kind { KIND_ENUM, KIND_TEXT, KIND_INT, KIND_DOUBLE, KIND_BOOL, KIND_JSON };

/* One property with its names. */
struct parameter {
	const struct fr_schema_member *member;
	enum kind kind;
	char name[C_NAME_TEXT];  /* tool_name */
	char upper[C_NAME_TEXT]; /* TOOL_NAME */
};

/* The event with its. */
struct names {
	char lower[C_NAME_TEXT];
	char upper[C_NAME_TEXT];
};

static enum fr_status too_long(const char *text, struct fr_error *err)
{
	return fr_fail(err, FR_INVALID, "%.64s: too long for a name of C", text);
}

static enum kind kind_of(const struct fr_schema *schema)
{
	size_t texts = 0, i;

	for (i = 0; i < schema->value_count; i++)
		texts += schema->values[i].kind == FR_JSON_STRING;
	if (texts > 0 && texts == schema->value_count)
		return KIND_ENUM;
	switch (schema->types) {
	case FR_TYPE_STRING:
		return KIND_TEXT;
	case FR_TYPE_INTEGER:
		return KIND_INT;
	case FR_TYPE_NUMBER:
		return KIND_DOUBLE;
	case FR_TYPE_BOOLEAN:
		return KIND_BOOL;
	default:
		return KIND_JSON;
	}
}

static enum fr_status parameter_make(struct parameter *parameter,
				     const struct fr_schema_member *member, struct fr_error *err)
{
	parameter->member = member;
	parameter->kind = kind_of(&member->schema);
	if (!c_name_parameter(parameter->name, member->key, member->key_length) ||
	    !c_name_upper(parameter->upper, member->key, member->key_length))
		return too_long(member->key, err);
	return FR_OK;
}

/* ---- text in C ---- */

/* What stands in a comment must not end it. */
static void comment_print(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		(void)fputc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
		if (*text == '*' && text[1] == '/')
			(void)fputc(' ', out);
	}
}

/* A literal; trigraphs and what hexadecimal escapes could swallow are kept apart by octal ones. */
static void literal_print(FILE *out, const char *text, size_t length)
{
	size_t i;

	(void)fputc('"', out);
	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			(void)fprintf(out, "\\%c", c);
		else if (c < 0x20 || c > 0x7e || c == '?')
			(void)fprintf(out, "\\%03o", c);
		else
			(void)fputc(c, out);
	}
	(void)fputc('"', out);
}

/* ---- enums ---- */

static enum fr_status value_decode(struct fr_buffer *out, const struct fr_schema_value *value,
				   struct fr_error *err)
{
	struct fr_json json;
	enum fr_json_kind kind;

	fr_buffer_clear(out);
	fr_json_init(&json, value->text, value->length, 1);
	if (fr_json_next(&json, &kind, err) != FR_OK || fr_json_decode(&json, out) != FR_OK)
		return fr_fail(err, FR_NOMEM, "%s", fr_status_text(FR_NOMEM));
	return FR_OK;
}

/* Two values whose names would be one get their places in the list behind them. */
static bool is_name_taken(const struct fr_schema *schema, size_t until, const char *name)
{
	struct fr_buffer text;
	bool is_taken = false;
	size_t i;

	fr_buffer_init(&text, FR_CATALOGUE_BYTES_MAX);
	for (i = 0; i < until && !is_taken; i++) {
		char other[C_NAME_TEXT];

		is_taken = value_decode(&text, &schema->values[i], NULL) == FR_OK &&
			   c_name_upper(other, fr_buffer_text(&text), text.length) &&
			   strcmp(other, name) == 0;
	}
	fr_buffer_fini(&text);
	return is_taken || strcmp(name, "ABSENT") == 0;
}

static enum fr_status enum_print(FILE *out, const struct names *event,
				 const struct parameter *parameter, struct fr_error *err)
{
	const struct fr_schema *schema = &parameter->member->schema;
	enum fr_status status = FR_OK;
	struct fr_buffer text;
	size_t i;

	fr_buffer_init(&text, FR_CATALOGUE_BYTES_MAX);
	(void)fprintf(out, "enum flightrec_%s_%s {\n\tFLIGHTREC_%s_%s_ABSENT = 0", event->lower,
		      parameter->name, event->upper, parameter->upper);
	for (i = 0; i < schema->value_count && status == FR_OK; i++) {
		char name[C_NAME_TEXT];

		status = value_decode(&text, &schema->values[i], err);
		if (status == FR_OK && !c_name_upper(name, fr_buffer_text(&text), text.length))
			status = too_long(fr_buffer_text(&text), err);
		if (status != FR_OK)
			break;
		(void)fprintf(out, ",\n\tFLIGHTREC_%s_%s_%s", event->upper, parameter->upper, name);
		if (is_name_taken(schema, i, name))
			(void)fprintf(out, "_%zu", i + 1);
		(void)fprintf(out, " = %zu", i + 1);
	}
	(void)fprintf(out, "\n};\n");
	fr_buffer_fini(&text);
	return status;
}

/* The texts of an enum, in the function that records them. */
static enum fr_status words_print(FILE *out, const struct parameter *parameter,
				  struct fr_error *err)
{
	const struct fr_schema *schema = &parameter->member->schema;
	enum fr_status status = FR_OK;
	struct fr_buffer text;
	size_t i;

	fr_buffer_init(&text, FR_CATALOGUE_BYTES_MAX);
	(void)fprintf(out, "\tstatic const char *const %s_words[] = {NULL", parameter->name);
	for (i = 0; i < schema->value_count && status == FR_OK; i++) {
		status = value_decode(&text, &schema->values[i], err);
		(void)fprintf(out, ",\n\t\t");
		literal_print(out, fr_buffer_text(&text), text.length);
	}
	(void)fprintf(out, "};\n");
	fr_buffer_fini(&text);
	return status;
}

/* ---- the function ---- */

static void parameter_print(FILE *out, const struct names *event, const struct parameter *parameter)
{
	static const char *const types[] = {
		[KIND_TEXT] = "const char *", [KIND_INT] = "int64_t ",
		[KIND_DOUBLE] = "double ",    [KIND_BOOL] = "int ",
		[KIND_JSON] = "const char *",
	};

	(void)fprintf(out, ",\n\t");
	if (parameter->kind == KIND_ENUM)
		(void)fprintf(out, "enum flightrec_%s_%s ", event->lower, parameter->name);
	else
		(void)fprintf(out, "%s", types[parameter->kind]);
	(void)fprintf(out, "%s%s", parameter->name, parameter->kind == KIND_JSON ? "_json" : "");
}

/* "if it is there, set it". */
static void setter_print(FILE *out, const struct names *event, const struct parameter *parameter)
{
	const char *name = parameter->name, *key = parameter->member->key;

	switch (parameter->kind) {
	case KIND_ENUM:
		(void)fprintf(out,
			      "\tif (%s != FLIGHTREC_%s_%s_ABSENT)\n"
			      "\t\tflightrec_event_set_string(event, \"%s\", %s_words[%s]);\n",
			      name, event->upper, parameter->upper, key, name, name);
		break;
	case KIND_TEXT:
		(void)fprintf(out,
			      "\tif (%s != NULL)\n"
			      "\t\tflightrec_event_set_string(event, \"%s\", %s);\n",
			      name, key, name);
		break;
	case KIND_INT:
		(void)fprintf(out,
			      "\tif (%s != FLIGHTREC_ABSENT_INT)\n"
			      "\t\tflightrec_event_set_int64(event, \"%s\", %s);\n",
			      name, key, name);
		break;
	case KIND_DOUBLE:
		(void)fprintf(out,
			      "\tif (%s > FLIGHTREC_ABSENT_DOUBLE)\n"
			      "\t\tflightrec_event_set_double(event, \"%s\", %s);\n",
			      name, key, name);
		break;
	case KIND_BOOL:
		(void)fprintf(out,
			      "\tif (%s >= 0)\n"
			      "\t\tflightrec_event_set_bool(event, \"%s\", %s);\n",
			      name, key, name);
		break;
	case KIND_JSON:
		(void)fprintf(out,
			      "\tif (%s_json != NULL)\n"
			      "\t\tflightrec_event_set_json(event, \"%s\", %s_json);\n",
			      name, key, name);
		break;
	}
}

static void head_print(FILE *out, const struct names *event,
		       const struct fr_declaration *declaration)
{
	(void)fprintf(out, "\n/* ");
	comment_print(out, declaration->name);
	if (declaration->description[0] != '\0') {
		(void)fprintf(out, ": ");
		comment_print(out, declaration->description);
	}
	(void)fprintf(out, " */\n#define FLIGHTREC_EVENT_%s \"%s\"\n", event->upper,
		      declaration->name);
}

static enum fr_status body_print(FILE *out, const struct names *event,
				 const struct parameter *parameters, size_t count,
				 struct fr_error *err)
{
	enum fr_status status = FR_OK;
	size_t i;

	(void)fprintf(out,
		      "static inline enum flightrec_status flightrec_log_%s(flightrec *recorder",
		      event->lower);
	for (i = 0; i < count; i++)
		parameter_print(out, event, &parameters[i]);
	(void)fprintf(out, ")\n{\n");
	for (i = 0; i < count && status == FR_OK; i++)
		if (parameters[i].kind == KIND_ENUM)
			status = words_print(out, &parameters[i], err);
	(void)fprintf(out,
		      "\tflightrec_event *event = flightrec_event_new(FLIGHTREC_EVENT_%s);\n\n",
		      event->upper);
	for (i = 0; i < count; i++)
		setter_print(out, event, &parameters[i]);
	(void)fprintf(out, "\treturn flightrec_commit(recorder, event);\n}\n");
	return status;
}

static enum fr_status parameters_make(struct parameter *parameters, const struct fr_schema *schema,
				      struct fr_error *err)
{
	size_t i, j;

	for (i = 0; i < schema->member_count; i++) {
		enum fr_status status = parameter_make(&parameters[i], &schema->members[i], err);

		if (status != FR_OK)
			return status;
		for (j = 0; j < i; j++)
			if (strcmp(parameters[i].name, parameters[j].name) == 0)
				return fr_fail(err, FR_INVALID,
					       "the properties %s and %s would both be %s in C",
					       schema->members[j].key, schema->members[i].key,
					       parameters[i].name);
	}
	return FR_OK;
}

enum fr_status function_print(FILE *out, const struct fr_declaration *declaration,
			      struct fr_error *err)
{
	static struct parameter parameters[FR_PROPERTIES_MAX];
	const struct fr_schema *schema = &declaration->schema;
	size_t length = strlen(declaration->name), i;
	struct names event;
	enum fr_status status;

	if (!c_name_lower(event.lower, declaration->name, length) ||
	    !c_name_upper(event.upper, declaration->name, length))
		return too_long(declaration->name, err);
	status = parameters_make(parameters, schema, err);
	if (status != FR_OK)
		return status;
	head_print(out, &event, declaration);
	for (i = 0; i < schema->member_count && status == FR_OK; i++)
		if (parameters[i].kind == KIND_ENUM)
			status = enum_print(out, &event, &parameters[i], err);
	if (status == FR_OK)
		status = body_print(out, &event, parameters, schema->member_count, err);
	return status;
}
