/* What needs no recorder. The public numbers are those that travel inside: the compiler checks it
 * here. */
#include "base/status.h"
#include "flightrec.h"

#define SAME(name) _Static_assert((int)FLIGHTREC_##name == (int)FR_##name, #name " differs")
SAME(OK);
SAME(OFF);
SAME(UNDECLARED);
SAME(EXPIRED);
SAME(NOT_INTERNAL);
SAME(LIMITED);
SAME(INVALID);
SAME(TOO_LARGE);
SAME(NOMEM);
SAME(FULL);
SAME(BUSY);
SAME(IO);
SAME(CORRUPT);
SAME(UNCERTAIN);
SAME(TOO_NEW);

const char *flightrec_strerror(enum flightrec_status status)
{
	return fr_status_text((enum fr_status)status);
}

const char *flightrec_version(void)
{
	return FR_VERSION;
}
