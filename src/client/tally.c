#include "client/tally.h"

#include <string.h>

#include "base/text.h"

#define MINUTE_US (INT64_C(60) * 1000000)

static struct fr_tally_entry *entry_find(struct fr_tally *tally, const char *reason,
					 const char *name)
{
	for (unsigned i = 0; i < tally->count; i++)
		if (strcmp(tally->entries[i].reason, reason) == 0 &&
		    strcmp(tally->entries[i].name, name) == 0)
			return &tally->entries[i];
	return NULL;
}

/* The last entry is for all names that have none of their own, whatever the reason. */
void fr_tally_add(struct fr_tally *tally, const char *reason, const char *name, uint64_t events)
{
	struct fr_tally_entry *entry = entry_find(tally, reason, name);

	if (entry == NULL && tally->count >= FR_TALLY_ENTRIES - 1) {
		reason = "many_names";
		name = "(others)";
		entry = entry_find(tally, reason, name);
	}
	if (entry == NULL) {
		entry = &tally->entries[tally->count++];
		entry->reason = reason;
		entry->events = 0;
		(void)fr_text_copy(entry->name, sizeof entry->name, name);
	}
	entry->events += events;
}

bool fr_tally_is_due(const struct fr_tally *tally, int64_t now_boot_us)
{
	return tally->count > 0 && now_boot_us >= tally->due_boot_us;
}

void fr_tally_defer(struct fr_tally *tally, int64_t now_boot_us)
{
	tally->due_boot_us = now_boot_us + MINUTE_US;
}

void fr_tally_take(struct fr_tally *tally, struct fr_tally *out, int64_t now_boot_us)
{
	*out = *tally;
	tally->count = 0;
	fr_tally_defer(tally, now_boot_us);
}
