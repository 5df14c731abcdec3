#include "base/machine.h"

#include <stddef.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/text.h"

const char *fr_machine_arch(const char *machine)
{
	static const struct {
		const char *prefix, *arch;
	} words[] = {
		{"x86_64", "amd64"}, {"amd64", "amd64"}, {"aarch64", "arm64"}, {"arm64", "arm64"},
		{"arm", "arm32"},    {"i386", "x86"},    {"i486", "x86"},      {"i586", "x86"},
		{"i686", "x86"},     {"ppc64", "ppc64"}, {"ppc", "ppc32"},
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strncmp(machine, words[i].prefix, strlen(words[i].prefix)) == 0)
			return words[i].arch;
	return machine;
}

void fr_machine_look(struct fr_machine *out)
{
	struct utsname name;
	char *c;

	*out = (struct fr_machine){"", ""};
	if (uname(&name) < 0)
		return;
	(void)fr_text_copy(out->os_type, sizeof out->os_type, name.sysname);
	for (c = out->os_type; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	(void)fr_text_copy(out->host_arch, sizeof out->host_arch, fr_machine_arch(name.machine));
}
