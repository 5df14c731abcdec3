/* No send before notice: a host that asks for the rule shows its notice once per home, and
 * nothing that was recorded before the user could have read it is ever sent.
 *
 * That it was shown stands in the file `notice.json` of the home. The run that shows it records
 * as `local` to its end: a program that sends while its notice is still on the screen has asked
 * nobody.
 */
#ifndef FR_CLIENT_NOTICE_H
#define FR_CLIENT_NOTICE_H

#include <stdbool.h>

#include "base/env.h"
#include "base/home.h"
#include "base/status.h"

/* Calls show, unless this home has seen the notice, and notes that it was shown. *is_before tells
 * whether events of this run come before the notice. A failure leaves it true: the notice will be
 * shown again. */
enum fr_status fr_notice_show(const struct fr_home *home, const struct fr_env *env,
			      int (*show)(void *context), void *context, bool *is_before,
			      struct fr_error *err);

/* For an owner who wants nothing kept: should recording ever be on again, the notice comes first.
 */
enum fr_status fr_notice_forget(const char *home, struct fr_error *err);

#endif
