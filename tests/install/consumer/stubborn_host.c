/* A host that happens to use names of ours and of SQLite's for things of its own. */
#include <flightrec.h>

#include <stdio.h>

int fr_log(const char *text);
int fr_queue_open(void);
int sqlite3_open(const char *name, void **out);

int fr_log(const char *text)
{
	return printf("host: %s\n", text);
}

int fr_queue_open(void)
{
	return fr_log("our own queue, thank you");
}

int sqlite3_open(const char *name, void **out)
{
	(void)name;
	(void)out;
	fr_log("nobody should call this");
	return 42;
}

int main(void)
{
	flightrec *recorder = NULL;
	enum flightrec_status status = flightrec_open(&recorder, NULL);

	if (status == FLIGHTREC_OK)
		status = flightrec_record(recorder, "consumer_ran", NULL);
	flightrec_close(recorder);
	fr_queue_open();
	return status == FLIGHTREC_OK ? 0 : 1;
}
