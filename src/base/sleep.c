#include "base/sleep.h"

#include "base/platform.h"

#define LEAST_US INT64_C(1000000)

int64_t fr_sleep_awake_us(void)
{
	return fr_platform_awake_us();
}

void fr_sleep_init(struct fr_sleep *sleep, int64_t boot_us, int64_t awake_us)
{
	sleep->ahead_us = boot_us - awake_us;
}

bool fr_sleep_look(struct fr_sleep *sleep, int64_t boot_us, int64_t awake_us)
{
	int64_t ahead_us = boot_us - awake_us;
	bool has_slept = ahead_us - sleep->ahead_us >= LEAST_US;

	sleep->ahead_us = ahead_us;
	return has_slept;
}

int fr_sleep_open(void)
{
	return fr_platform_resume_open();
}

void fr_sleep_read(int fd)
{
	fr_platform_resume_read(fd);
}
