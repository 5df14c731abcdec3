/* Whose machine this is. Asked of the environment and of /etc/passwd, never of the name services:
 * they may ask the network, and the library is a guest.
 *
 * A name that many machines share tells nobody: "root" is left where it stands.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "privacy/scrub_parts.h"

enum { LINE_MOST = 2048, NAME_LEAST = 2, FIELDS = 7 };

static bool is_common(const char *name)
{
	static const char *const names[] = {"root",  "user",   "users",     "admin",
					    "node",  "ubuntu", "debian",    "runner",
					    "build", "vscode", "localhost", "home"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* What does not fit is not half known. */
static void name_set(struct fr_scrub_name *name, const char *text, size_t least)
{
	name->length = 0;
	if (text == NULL || is_common(text) || !fr_text_copy(name->text, sizeof name->text, text))
		return;
	name->length = strlen(text);
	while (name->length > 1 && name->text[name->length - 1] == '/')
		name->length--;
	if (name->length < least)
		name->length = 0;
}

/* name:password:uid:gid:comment:home:shell */
static bool line_is_of(char *line, unsigned long uid, char *fields[FIELDS])
{
	char number[24];
	size_t count = 0;

	(void)snprintf(number, sizeof number, "%lu", uid);
	for (fields[count++] = line; count < FIELDS; fields[count++] = line) {
		line = strchr(line, ':');
		if (line == NULL)
			return false;
		*line++ = '\0';
	}
	return strcmp(fields[2], number) == 0;
}

static void ask_passwd(struct fr_scrub *scrub)
{
	FILE *file = fopen("/etc/passwd", "re");
	char line[LINE_MOST], *fields[FIELDS];

	if (file == NULL)
		return;
	while (fgets(line, sizeof line, file) != NULL) {
		if (!line_is_of(line, (unsigned long)getuid(), fields))
			continue;
		if (scrub->login.length == 0)
			name_set(&scrub->login, fields[0], NAME_LEAST);
		if (scrub->home.length == 0 && fields[5][0] == '/')
			name_set(&scrub->home, fields[5], NAME_LEAST);
		break;
	}
	(void)fclose(file);
}

/* "laptop.example.com" and "laptop" are the same machine; the short form is found in both. */
static void ask_host(struct fr_scrub *scrub)
{
	char host[FR_SCRUB_NAME_MAX];

	if (gethostname(host, sizeof host) != 0)
		return;
	host[sizeof host - 1] = '\0';
	host[strcspn(host, ".")] = '\0';
	name_set(&scrub->host, host, NAME_LEAST);
}

void fr_scrub_who(struct fr_scrub *scrub, const struct fr_env *env)
{
	const char *home = fr_env_variable(env, "HOME");
	const char *login = fr_env_variable(env, "USER");

	if (login == NULL)
		login = fr_env_variable(env, "LOGNAME");
	if (home != NULL && home[0] == '/')
		name_set(&scrub->home, home, NAME_LEAST);
	name_set(&scrub->login, login, NAME_LEAST);
	if (login == NULL || home == NULL)
		ask_passwd(scrub);
	ask_host(scrub);
}
