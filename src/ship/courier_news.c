/* News from outside that ends a wait early: another network, other credentials.
 *
 * The wait is shortened, never lengthened: to a moment within five seconds when the network has
 * changed, since all laptops of an office see their network come back in the same second, and to
 * nothing for credentials, which change on one machine at a time. What the news cannot have mended
 * waits on as it did. A request under way when the network changes has yet to fail: that is noted
 * with it, and its wait is a short one, too (the link comes up, a request is tried, and only then
 * comes the address).
 */
#include <string.h>

#include "ship/courier_parts.h"

/* Troubles that lie between the sink and this machine. Redirects and TLS failures often are a
 * captive portal; a network that goes away in the middle of a request leaves it without an answer.
 */
static bool is_of_the_network(const char *kind)
{
	static const char *const kinds[] = {"offline",  "proxy", "captive_portal",
					    "redirect", "tls",   "ambiguous"};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	return false;
}

/* They also depend on where the machine is: a VPN, an address that is let in. */
static bool is_of_credentials(const char *kind)
{
	return strcmp(kind, "credentials") == 0;
}

static bool is_waiting(const struct fr_courier *courier)
{
	return courier->state == FR_COURIER_WAITING || courier->state == FR_COURIER_PAUSED;
}

static bool may_another_network_help(const struct fr_retry *retry)
{
	return is_of_the_network(retry->kind) || is_of_credentials(retry->kind);
}

void fr_courier_network_changed(struct fr_courier *courier)
{
	struct fr_moment now = fr_courier_now(courier);

	for (size_t i = 0; i < courier->parcel_count; i++)
		courier->parcels[i].has_news = true;
	if (!is_waiting(courier) || !may_another_network_help(&courier->retry))
		return;
	fr_retry_hasten(&courier->retry, FR_NETWORK_JITTER_MS, &now);
	fr_courier_nudge(courier);
}

void fr_parcel_heed_news(const struct fr_parcel *parcel, struct fr_turn *turn)
{
	struct fr_moment now = fr_courier_now(parcel->courier);

	if (parcel->has_news && may_another_network_help(&turn->retry))
		fr_retry_hasten(&turn->retry, FR_NETWORK_JITTER_MS, &now);
}

void fr_courier_credentials_changed(struct fr_courier *courier)
{
	struct fr_moment now = fr_courier_now(courier);

	if (!is_waiting(courier) || !is_of_credentials(courier->retry.kind))
		return;
	fr_retry_hasten(&courier->retry, 0, &now);
	fr_courier_nudge(courier);
}
