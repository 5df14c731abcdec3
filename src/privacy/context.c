#include "privacy/context.h"

#include <string.h>

#include "base/file.h"
#include "event/json.h"

enum { PROC_BYTES = 1024 * 1024, NAMESPACE_BYTES = 4096 };

/* ---- reading ---- */

/* A file of /proc or a mounted secret: neither is a plain file that stands still. What cannot be
 * read says nothing. */
static void file_read(struct fr_buffer *text, const char *path)
{
	if (fr_file_read_linked(path, text, NULL) != FR_OK)
		fr_buffer_clear(text);
}

static void container_read(char out[FR_CONTAINER_ID], const struct fr_context_sources *sources)
{
	const char *cgroup = sources->cgroup, *mountinfo = sources->mountinfo;
	struct fr_buffer text;

	out[0] = '\0';
	fr_buffer_init(&text, PROC_BYTES);
	file_read(&text, cgroup != NULL ? cgroup : "/proc/self/cgroup");
	if (!fr_container_of_cgroup(out, fr_buffer_text(&text), text.length)) {
		fr_buffer_clear(&text);
		file_read(&text, mountinfo != NULL ? mountinfo : "/proc/self/mountinfo");
		(void)fr_container_of_mountinfo(out, fr_buffer_text(&text), text.length);
	}
	fr_buffer_fini(&text);
}

/* Names of Kubernetes are DNS names; anything else is none. */
static bool name_take(char out[FR_CONTEXT_TEXT], const char *name)
{
	size_t length = name != NULL ? strlen(name) : 0, i;

	if (length == 0 || length >= FR_CONTEXT_TEXT)
		return false;
	for (i = 0; i < length; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._",
			   name[i]) == NULL)
			return false;
	memcpy(out, name, length + 1);
	return true;
}

static void namespace_read(char out[FR_CONTEXT_TEXT], const char *path)
{
	struct fr_buffer text;

	fr_buffer_init(&text, NAMESPACE_BYTES);
	file_read(&text,
		  path != NULL ? path : "/var/run/secrets/kubernetes.io/serviceaccount/namespace");
	while (text.length > 0 && strchr(" \t\r\n", text.data[text.length - 1]) != NULL)
		fr_buffer_cut(&text, text.length - 1);
	(void)name_take(out, fr_buffer_text(&text));
	fr_buffer_fini(&text);
}

void fr_context_read(struct fr_context *out, const struct fr_context_sources *sources,
		     const struct fr_context_given *given, const struct fr_env *env)
{
	bool is_in_cluster = fr_env_variable(env, "KUBERNETES_SERVICE_HOST") != NULL;

	*out = (struct fr_context){.container = ""};
	container_read(out->container, sources);
	(void)name_take(out->cluster, given->cluster);
	if (!name_take(out->namespace, given->namespace) &&
	    !name_take(out->namespace, fr_env_variable(env, "POD_NAMESPACE")) && is_in_cluster)
		namespace_read(out->namespace, sources->namespace);
	if (!name_take(out->pod, given->pod) &&
	    !name_take(out->pod, fr_env_variable(env, "POD_NAME")) && is_in_cluster)
		(void)name_take(out->pod, fr_env_variable(env, "HOSTNAME"));
}

/* ---- joining ---- */

/* Does one of the members have this key? */
static bool has_key(const struct fr_buffer *properties, const char *key)
{
	size_t length = strlen(key), at = 0;

	while (at < properties->length) {
		const char *name = properties->data + at + 1;
		const char *quote = memchr(name, '"', properties->length - at - 1);
		enum fr_json_kind kind;
		struct fr_json value;
		size_t begin;

		if (quote == NULL)
			return false;
		if ((size_t)(quote - name) == length && memcmp(name, key, length) == 0)
			return true;
		begin = (size_t)(quote - properties->data) + 2;
		fr_json_init(&value, properties->data + begin, properties->length - begin,
			     FR_JSON_DEPTH_MAX);
		if (fr_json_next(&value, &kind, NULL) != FR_OK ||
		    fr_json_skip(&value, kind, NULL) != FR_OK)
			return false;
		at = begin + value.at + 1; /* the comma */
	}
	return false;
}

static void member_join(struct fr_buffer *properties, const char *key, const char *value)
{
	if (value[0] == '\0' || has_key(properties, key))
		return;
	if (properties->length > 0)
		fr_buffer_add_char(properties, ',');
	fr_json_add_string(properties, key, strlen(key));
	fr_buffer_add_char(properties, ':');
	fr_json_add_string(properties, value, strlen(value));
}

void fr_context_join(const struct fr_context *context, struct fr_buffer *properties)
{
	member_join(properties, "container.id", context->container);
	member_join(properties, "k8s.namespace.name", context->namespace);
	member_join(properties, "k8s.pod.name", context->pod);
	member_join(properties, "k8s.cluster.name", context->cluster);
}
