/* What a host program needs, in C and in C++. */
#include <flightrec.h>

#include <stdio.h>

int main(void)
{
	flightrec *recorder = NULL;
	enum flightrec_status status = flightrec_open(&recorder, NULL);

	if (status == FLIGHTREC_OK)
		status = flightrec_record(recorder, "consumer_ran", "{\"answer\":42}");
	flightrec_close(recorder);
	puts(flightrec_strerror(status));
	return status == FLIGHTREC_OK ? 0 : 1;
}
