/* flightrec-intake: options, store, server; until it is told to end. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/env.h"
#include "base/file.h"
#include "intake/options.h"
#include "intake/server.h"
#include "intake/store.h"

enum { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2 };

static int complain(int code, const struct fr_error *err)
{
	fprintf(stderr, "flightrec-intake: %s\n", err->text);
	return code;
}

static int print_help(void)
{
	struct fr_buffer text;
	fr_buffer_init(&text, 64 * 1024);
	intake_options_write_help(&text);
	fputs(fr_buffer_text(&text), stdout);
	fr_buffer_fini(&text);
	return EXIT_DONE;
}

/* Says where it listens: to whoever waits for the file, or for the line. */
static enum fr_status announce(const struct intake_server *server, struct fr_error *err)
{
	char port[16];
	int length = snprintf(port, sizeof(port), "%d\n", server->port);
	const char *file = server->options->port_file;
	enum fr_status status = FR_OK;
	if (*file != '\0')
		status = fr_file_replace(file, port, (size_t)length, err);
	printf("listening on %s\n", server->url);
	(void)fflush(stdout);
	return status;
}

static enum fr_status serve(const struct fr_env *env, const struct intake_options *options,
			    struct fr_error *err)
{
	struct intake_store *store = NULL;
	struct intake_server server;
	enum fr_status status =
		intake_store_open(&store, options->db[0] != '\0' ? options->db : NULL, err);
	if (status != FR_OK)
		return status;
	status = intake_server_open(&server, env, options, store, err);
	if (status == FR_OK) {
		status = announce(&server, err);
		if (status == FR_OK)
			intake_server_run(&server);
		intake_server_close(&server);
	}
	intake_store_close(store);
	return status;
}

int main(int count, char **arguments)
{
	struct fr_env env;
	struct fr_error err;
	struct intake_options *options = malloc(sizeof(*options));
	if (options == NULL)
		return EXIT_WRONG;
	fr_env_real(&env);
	(void)umask(077);
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	(void)sigaction(SIGPIPE, &ignore, NULL);

	int code = EXIT_DONE;
	if (intake_options_parse(options, &env, count, arguments, &err) != FR_OK)
		code = complain(EXIT_USAGE, &err);
	else if (options->help)
		code = print_help();
	else if (options->version)
		printf("flightrec-intake %s\n", FR_VERSION);
	else if (serve(&env, options, &err) != FR_OK)
		code = complain(EXIT_WRONG, &err);
	free(options);
	return code;
}
