/* The command line of flightrec-intake. */
#ifndef FR_INTAKE_OPTIONS_H
#define FR_INTAKE_OPTIONS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/buffer.h"
#include "base/env.h"
#include "base/file.h"
#include "intake/fault.h"

enum { INTAKE_SECRET_MAX = 512 };

struct intake_options {
	struct sockaddr_storage address;
	int address_length;
	bool allow_remote;
	char port_file[FR_PATH_MAX]; /* "": none */
	char db[FR_PATH_MAX];        /* "": a temporary store */
	char api_key[INTAKE_SECRET_MAX];
	char token[INTAKE_SECRET_MAX];
	struct intake_faults faults;
	bool quiet;
	bool json;
	bool help;    /* --help: nothing else is looked at */
	bool version; /* --version: likewise */
};

/* arguments[0] is the program's name. FR_INVALID says what is wrong with which flag. */
enum fr_status intake_options_parse(struct intake_options *options, const struct fr_env *env,
				    int count, char *const *arguments, struct fr_error *err);

void intake_options_write_help(struct fr_buffer *out);

#endif
