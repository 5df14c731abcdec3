/* What kind of machine this is, in the words of OpenTelemetry's conventions. */
#ifndef FR_BASE_MACHINE_H
#define FR_BASE_MACHINE_H

enum { FR_MACHINE_TEXT = 32 };

struct fr_machine {
	char os_type[FR_MACHINE_TEXT];   /* "linux", "darwin", ... */
	char host_arch[FR_MACHINE_TEXT]; /* "amd64", "arm64", ... */
};

/* "" for what the system does not say. */
void fr_machine_look(struct fr_machine *out);

/* The conventions' word for what uname calls a processor: "x86_64" is "amd64"; one that they do not
 * know stays as it is. */
const char *fr_machine_arch(const char *machine);

#endif
