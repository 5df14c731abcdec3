#include "privacy/context.h"

#include <string.h>

#include "support/folder.h"
#include "support/test.h"
#include "support/world.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct place {
	struct test_folder folder;
	struct test_world world;
	char cgroup[TEST_PATH_MAX], mountinfo[TEST_PATH_MAX], namespace[TEST_PATH_MAX];
	struct fr_context context;
};

static int set_up(void **state)
{
	static struct place place;

	memset(&place, 0, sizeof place);
	test_folder_make(&place.folder);
	test_world_init(&place.world);
	(void)test_folder_path(&place.folder, "cgroup", place.cgroup);
	(void)test_folder_path(&place.folder, "mountinfo", place.mountinfo);
	(void)test_folder_path(&place.folder, "namespace", place.namespace);
	*state = &place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	test_folder_remove(&place->folder);
	return 0;
}

static void place_read(struct place *place, const struct fr_context_given *given)
{
	const struct fr_context_sources sources = {place->cgroup, place->mountinfo,
						   place->namespace};
	static const struct fr_context_given nothing = {NULL, NULL, NULL};

	fr_context_read(&place->context, &sources, given != NULL ? given : &nothing,
			&place->world.env);
}

static void nothing_is_invented_where_nothing_is_known(void **state)
{
	struct place *place = *state;
	struct fr_buffer properties;

	test_folder_write(&place->folder, "namespace", "default\n");
	test_world_set(&place->world, "HOSTNAME", "laptop");
	place_read(place, NULL); /* not in a cluster: file and host name say nothing */
	assert_string_equal(place->context.container, "");
	assert_string_equal(place->context.namespace, "");
	assert_string_equal(place->context.pod, "");
	assert_string_equal(place->context.cluster, "");
	fr_buffer_init(&properties, 1024);
	fr_context_join(&place->context, &properties);
	assert_string_equal(fr_buffer_text(&properties), "");
	fr_buffer_fini(&properties);
}

static void in_a_cluster_the_pods_own_files_and_name_count(void **state)
{
	struct place *place = *state;

	test_folder_write(&place->folder, "cgroup", "0::/kubepods/pod1/" ID "\n");
	test_folder_write(&place->folder, "namespace", "payments\n");
	test_world_set(&place->world, "KUBERNETES_SERVICE_HOST", "10.0.0.1");
	test_world_set(&place->world, "HOSTNAME", "worker-7c9f");
	place_read(place, NULL);
	assert_string_equal(place->context.container, ID);
	assert_string_equal(place->context.namespace, "payments");
	assert_string_equal(place->context.pod, "worker-7c9f");
	assert_string_equal(place->context.cluster, "");
}

static void the_host_goes_before_the_environment_and_that_before_files(void **state)
{
	const struct fr_context_given given = {"given", NULL, "blue"};
	struct place *place = *state;

	test_folder_write(&place->folder, "namespace", "file");
	test_world_set(&place->world, "KUBERNETES_SERVICE_HOST", "10.0.0.1");
	test_world_set(&place->world, "POD_NAMESPACE", "variable");
	test_world_set(&place->world, "POD_NAME", "pod-1");
	test_world_set(&place->world, "HOSTNAME", "other");
	place_read(place, NULL);
	assert_string_equal(place->context.namespace, "variable");
	assert_string_equal(place->context.pod, "pod-1");
	place_read(place, &given);
	assert_string_equal(place->context.namespace, "given");
	assert_string_equal(place->context.cluster, "blue");
}

static void what_is_no_name_is_left_out(void **state)
{
	struct place *place = *state;

	test_world_set(&place->world, "POD_NAMESPACE", "two words");
	test_world_set(&place->world, "POD_NAME", "a\"b");
	place_read(place, NULL);
	assert_string_equal(place->context.namespace, "");
	assert_string_equal(place->context.pod, "");
}

static void the_mounts_are_asked_when_the_cgroup_says_nothing(void **state)
{
	struct place *place = *state;

	test_folder_write(&place->folder, "cgroup", "0::/\n");
	test_folder_write(&place->folder, "mountinfo",
			  "1 2 0:1 /docker/containers/" ID "/hosts /etc/hosts rw - x x rw\n");
	place_read(place, NULL);
	assert_string_equal(place->context.container, ID);
}

static void it_joins_the_properties_and_yields_to_the_events_own(void **state)
{
	const struct fr_context context = {.container = ID, .namespace = "n", .pod = "p"};
	struct fr_buffer properties;

	(void)state;
	fr_buffer_init(&properties, 1024);
	fr_buffer_add_text(&properties,
			   "\"a\":{\"k8s.namespace.name\":1},\"k8s.pod.name\":\"own\"");
	fr_context_join(&context, &properties);
	assert_string_equal(fr_buffer_text(&properties),
			    "\"a\":{\"k8s.namespace.name\":1},\"k8s.pod.name\":\"own\","
			    "\"container.id\":\"" ID "\",\"k8s.namespace.name\":\"n\"");
	fr_buffer_clear(&properties);
	fr_context_join(&context, &properties);
	assert_string_equal(fr_buffer_text(&properties),
			    "\"container.id\":\"" ID
			    "\",\"k8s.namespace.name\":\"n\",\"k8s.pod.name\":\"p\"");
	fr_buffer_fini(&properties);
}

#define PLACE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(nothing_is_invented_where_nothing_is_known),
		PLACE_TEST(in_a_cluster_the_pods_own_files_and_name_count),
		PLACE_TEST(the_host_goes_before_the_environment_and_that_before_files),
		PLACE_TEST(what_is_no_name_is_left_out),
		PLACE_TEST(the_mounts_are_asked_when_the_cgroup_says_nothing),
		PLACE_TEST(it_joins_the_properties_and_yields_to_the_events_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
