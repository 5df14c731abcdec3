/* What becomes of a draft before it is recorded, in this order: the common properties join it, what
 * the catalogue does not declare is taken out, secrets and names are scrubbed, and an internal
 * event says where it was recorded.
 */
#include "client/recorder.h"

static void removal_count(flightrec *recorder, const struct fr_draft *draft, struct fr_pass *pass,
			  const char *reason)
{
	fr_recorder_count(recorder, reason, draft->name, 1);
	pass->is_report_due = true;
}

/* What nobody declared is taken out, and what the catalogue says of the event is added. */
static enum fr_status declaration_apply(flightrec *recorder, struct fr_draft *draft,
					struct fr_pass *pass, struct fr_error *err)
{
	const struct fr_declaration *declared = pass->declared;
	struct fr_trimmed trimmed;
	enum fr_status status = fr_catalogue_trim(declared, &draft->properties, &trimmed, err);

	if (status != FR_OK)
		return status;
	if (trimmed.undeclared > 0)
		removal_count(recorder, draft, pass, "property_undeclared");
	if (trimmed.ill_typed > 0)
		removal_count(recorder, draft, pass, "property_invalid");
	if (trimmed.missing > 0)
		removal_count(recorder, draft, pass, "property_missing");
	if (declared->has_severity && !draft->has_severity)
		draft->severity = declared->severity;
	return FR_OK;
}

/* Nothing is gathered before the first internal event that is let pass. */
static enum fr_status context_add(flightrec *recorder, struct fr_draft *draft, struct fr_error *err)
{
	static const struct fr_context_sources usual = {NULL, NULL, NULL};
	const struct fr_context_given given = {recorder->name_space, recorder->pod,
					       recorder->cluster};

	(void)pthread_mutex_lock(&recorder->desk);
	if (!recorder->has_context)
		fr_context_read(&recorder->context, &usual, &given, &recorder->env);
	recorder->has_context = true;
	(void)pthread_mutex_unlock(&recorder->desk);
	fr_context_join(&recorder->context, &draft->properties);
	return draft->properties.status == FR_OK
		       ? FR_OK
		       : fr_fail(err, draft->properties.status, "the context does not fit: %s",
				 fr_status_text(draft->properties.status));
}

enum fr_status fr_recorder_finish(flightrec *recorder, struct fr_draft *draft, struct fr_pass *pass,
				  struct fr_error *err)
{
	const char *common = pass->common != NULL ? pass->common->text : NULL;
	size_t common_length = pass->common != NULL ? pass->common->length : 0;
	enum fr_status status = fr_draft_finish(draft, common, common_length, err);

	if (status == FR_OK && draft->removed > 0)
		removal_count(recorder, draft, pass, "property_key");
	if (status == FR_OK && pass->declared != NULL)
		status = declaration_apply(recorder, draft, pass, err);
	if (status == FR_OK)
		status = fr_scrub_json(recorder->scrub, &draft->properties, err);
	if (status == FR_OK && pass->internal)
		status = context_add(recorder, draft, err);
	return status;
}
