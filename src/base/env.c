/* The real world: every function here is a line over the platform's own. */
#include "base/env.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/platform.h"

static char boot_id[FR_BOOT_ID_TEXT];
static pthread_once_t boot_id_once = PTHREAD_ONCE_INIT;

static void boot_id_read(void)
{
	fr_platform_boot_id(boot_id);
}

static int64_t real_wall_us(void *context)
{
	struct timespec now;

	(void)context;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t real_boot_us(void *context)
{
	(void)context;
	return fr_platform_boot_us();
}

static enum fr_status real_random_bytes(void *context, void *out, size_t length)
{
	(void)context;
	return fr_platform_random(out, length);
}

static const char *real_variable(void *context, const char *name)
{
	(void)context;
	return getenv(name);
}

void fr_env_real(struct fr_env *env)
{
	(void)pthread_once(&boot_id_once, boot_id_read);
	*env = (struct fr_env){
		.wall_us = real_wall_us,
		.boot_us = real_boot_us,
		.random_bytes = real_random_bytes,
		.variable = real_variable,
		.boot_id = boot_id,
	};
}

int64_t fr_env_wall_us(const struct fr_env *env)
{
	return env->wall_us(env->context);
}

int64_t fr_env_boot_us(const struct fr_env *env)
{
	return env->boot_us(env->context);
}

enum fr_status fr_env_random(const struct fr_env *env, void *out, size_t length)
{
	return env->random_bytes(env->context, out, length);
}

const char *fr_env_variable(const struct fr_env *env, const char *name)
{
	const char *value = env->variable(env->context, name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}
