#include "support/test.h"

#include <string.h>

#include "base/machine.h"

static void processors_have_the_names_of_the_conventions(void **state)
{
	(void)state;
	assert_string_equal(fr_machine_arch("x86_64"), "amd64");
	assert_string_equal(fr_machine_arch("aarch64"), "arm64");
	assert_string_equal(fr_machine_arch("arm64"), "arm64");
	assert_string_equal(fr_machine_arch("armv7l"), "arm32");
	assert_string_equal(fr_machine_arch("i686"), "x86");
	assert_string_equal(fr_machine_arch("ppc64le"), "ppc64");
	assert_string_equal(fr_machine_arch("s390x"), "s390x");
	assert_string_equal(fr_machine_arch("riscv64"), "riscv64");
	assert_string_equal(fr_machine_arch(""), "");
}

static void this_machine_has_a_system_and_a_processor(void **state)
{
	struct fr_machine machine;
	const char *c;

	(void)state;
	fr_machine_look(&machine);
	assert_string_not_equal(machine.os_type, "");
	assert_string_not_equal(machine.host_arch, "");
	for (c = machine.os_type; *c != '\0'; c++)
		assert_false(*c >= 'A' && *c <= 'Z');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processors_have_the_names_of_the_conventions),
		cmocka_unit_test(this_machine_has_a_system_and_a_processor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
