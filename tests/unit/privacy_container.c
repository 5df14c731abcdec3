#include "privacy/container.h"

#include <string.h>

#include "support/test.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void assert_cgroup(const char *text, const char *expected)
{
	char id[FR_CONTAINER_ID] = "";

	assert_int_equal(fr_container_of_cgroup(id, text, strlen(text)), expected[0] != '\0');
	assert_string_equal(id, expected);
}

static void assert_mountinfo(const char *text, const char *expected)
{
	char id[FR_CONTAINER_ID] = "";

	assert_int_equal(fr_container_of_mountinfo(id, text, strlen(text)), expected[0] != '\0');
	assert_string_equal(id, expected);
}

static void the_cgroup_path_of_each_runtime_holds_the_id(void **state)
{
	(void)state;
	assert_cgroup("12:memory:/docker/" A64 "\n", A64);
	assert_cgroup("1:name=systemd:/system.slice/docker-" A64 ".scope\n", A64);
	assert_cgroup("11:devices:/kubepods/besteffort/pod5bc1e3f0-8c6b-11ee-b9d1-0242ac120002/" A64
		      "\n",
		      A64);
	assert_cgroup("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" A64 ".scope\n", A64);
	assert_cgroup("0::/kubepods.slice/crio-" A64 ".scope\n", A64);
	assert_cgroup("0::/user.slice/user-1000.slice/libpod-" A64 ".scope/container\n", A64);
	assert_cgroup("0::/machine.slice/libpod-conmon-" B64 ".scope\n", B64);
}

static void the_last_of_several_ids_is_the_containers(void **state)
{
	(void)state;
	assert_cgroup("0::/kubepods/pod1/" A64 "/docker/" B64 "\n", B64);
	assert_cgroup("2:cpu:/docker/" A64 "\n1:name=systemd:/docker/" B64 "\n", B64);
}

static void what_is_not_exactly_64_digits_is_no_id(void **state)
{
	(void)state;
	assert_cgroup("", "");
	assert_cgroup("0::/\n", "");
	assert_cgroup("0::/user.slice/user-1000.slice/session-2.scope\n", "");
	assert_cgroup("0::/system.slice/cron.service\n", "");
	assert_cgroup("0::/docker/" A64 "a\n", "");
	assert_cgroup("0::/docker/abc" A64 "\n", "");
	assert_cgroup("0::/docker/0123456789abcdef0123456789abcdef\n", "");
	assert_cgroup("0::/docker/"
		      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
		      "");
}

static void a_mount_of_the_runtime_holds_the_id_when_the_cgroup_does_not(void **state)
{
	(void)state;
	assert_mountinfo("983 961 0:56 /docker/containers/" A64
			 "/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw\n",
			 A64);
	assert_mountinfo("1 2 0:1 /var/lib/docker/containers/" A64
			 "/resolv.conf /etc/resolv.conf rw - ext4 /dev/vda1 rw\n",
			 A64);
	assert_mountinfo("1 2 0:1 /containers/overlay-containers/" A64
			 "/userdata/hostname /etc/hostname rw - tmpfs tmpfs rw\n",
			 A64);
	assert_mountinfo("1 2 0:1 /kubepods/cri-containerd:" A64 ":x / rw - cgroup2 cgroup rw\n",
			 A64);
	assert_mountinfo(
		"1 2 0:1 /var/lib/x/" A64 "/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n", A64);
}

static void a_runtimes_own_word_goes_before_a_mount(void **state)
{
	(void)state;
	assert_mountinfo("1 2 0:1 /var/lib/docker/containers/" A64 "/hosts /etc/hosts rw - x x rw\n"
			 "1 2 0:1 /kubepods.slice/crio-" B64 ".scope / rw - cgroup2 cgroup rw\n",
			 B64);
}

static void the_pause_container_of_a_pod_is_never_the_one(void **state)
{
	(void)state;
	assert_mountinfo("1 2 0:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/" A64
			 "/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n",
			 "");
	assert_mountinfo(
		"1 2 0:1 /x/sandboxes/" A64 "/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n"
		"1 2 0:1 /var/lib/docker/containers/" B64 "/hosts /etc/hosts rw - x x rw\n",
		B64);
}

static void layers_of_an_image_are_no_container(void **state)
{
	(void)state;
	assert_mountinfo(
		"1 2 0:1 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/" A64
		"/diff\n",
		"");
	assert_mountinfo("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cgroup_path_of_each_runtime_holds_the_id),
		cmocka_unit_test(the_last_of_several_ids_is_the_containers),
		cmocka_unit_test(what_is_not_exactly_64_digits_is_no_id),
		cmocka_unit_test(a_mount_of_the_runtime_holds_the_id_when_the_cgroup_does_not),
		cmocka_unit_test(a_runtimes_own_word_goes_before_a_mount),
		cmocka_unit_test(the_pause_container_of_a_pod_is_never_the_one),
		cmocka_unit_test(layers_of_an_image_are_no_container),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
