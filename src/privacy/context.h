/* Where an internal event was recorded: the container, and the place in the cluster.
 *
 * Only insiders' machines gather it (internal.h), and only internal sinks get it. It becomes
 * properties of the event, by OpenTelemetry's names: container.id, k8s.namespace.name,
 * k8s.pod.name, k8s.cluster.name. What is not known is left out; nothing is invented. The token
 * file of a service account is never opened.
 */
#ifndef FR_PRIVACY_CONTEXT_H
#define FR_PRIVACY_CONTEXT_H

#include "base/buffer.h"
#include "base/env.h"
#include "privacy/container.h"

enum { FR_CONTEXT_TEXT = 254 }; /* DNS names of Kubernetes */

/* Where to look; NULL: the usual places. */
struct fr_context_sources {
	const char *cgroup;    /* /proc/self/cgroup */
	const char *mountinfo; /* /proc/self/mountinfo */
	const char *namespace; /* /var/run/secrets/kubernetes.io/serviceaccount/namespace */
};

/* What the host itself says; NULL: it does not. */
struct fr_context_given {
	const char *namespace, *pod, *cluster;
};

struct fr_context {
	char container[FR_CONTAINER_ID]; /* each "" when it is not known */
	char namespace[FR_CONTEXT_TEXT];
	char pod[FR_CONTEXT_TEXT];
	char cluster[FR_CONTEXT_TEXT];
};

/* What the host gives goes before POD_NAMESPACE and POD_NAME, these before the namespace file and
 * HOSTNAME, which count only inside a cluster (KUBERNETES_SERVICE_HOST is set). Never fails. */
void fr_context_read(struct fr_context *out, const struct fr_context_sources *sources,
		     const struct fr_context_given *given, const struct fr_env *env);

/* Adds what is known to the inside of a canonical object; a key that stands there already is the
 * event's own and stays. */
void fr_context_join(const struct fr_context *context, struct fr_buffer *properties);

#endif
