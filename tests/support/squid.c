#include "support/squid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool test_squid_is_there(void)
{
	char path[TEST_PATH_MAX];

	return test_server_find("squid", path);
}

/* Started by root, squid becomes somebody else, who must read this. */
static void shared_write(const struct test_squid *squid, const char *name, const char *text)
{
	char path[TEST_PATH_MAX];

	test_folder_write(&squid->folder, name, text);
	(void)chmod(test_folder_path(&squid->folder, name, path), 0644);
}

/* squid asks its helper "user password", one a line, and wants OK or ERR. */
static void helper_write(const struct test_squid *squid)
{
	char text[512];

	(void)snprintf(text, sizeof text,
		       "while read -r user password; do\n"
		       "\tif [ \"$user $password\" = '%s %s' ]; then echo OK; else echo ERR; fi\n"
		       "done\n",
		       squid->user, squid->password);
	shared_write(squid, "squid.helper", text);
}

static void squid_configure(void *context, int port)
{
	const struct test_squid *squid = context;
	const char *folder = squid->folder.path;
	char text[8192], hosts[256], login[2048] = "http_access allow all\n";

	(void)snprintf(hosts, sizeof hosts, "127.0.0.1 %s\n",
		       squid->host != NULL ? squid->host : "localhost");
	shared_write(squid, "squid.hosts", hosts);
	if (squid->user != NULL) {
		helper_write(squid);
		(void)snprintf(login, sizeof login,
			       "auth_param basic program /bin/sh %s/squid.helper\n"
			       "auth_param basic children 1 startup=1 idle=1\n"
			       "auth_param basic realm test\n"
			       "acl known proxy_auth REQUIRED\n"
			       "http_access allow known\nhttp_access deny all\n",
			       folder);
	}
	(void)snprintf(text, sizeof text,
		       "http_port 127.0.0.1:%d\n%s%s"
		       "pid_filename %s/squid.pid\ncache_log %s/squid.log\n"
		       "access_log stdio:%s/squid.access\ncoredump_dir %s\n"
		       "hosts_file %s/squid.hosts\ndns_nameservers 127.0.0.1\n"
		       "cache deny all\ncache_mem 1 MB\nmemory_cache_shared off\nshutdown_lifetime "
		       "0 seconds\n"
		       "visible_hostname test\npinger_enable off\nworkers 1\n",
		       port, geteuid() == 0 ? "cache_effective_user nobody\n" : "", login, folder,
		       folder, folder, folder, folder);
	shared_write(squid, "squid.conf", text);
}

void test_squid_start(struct test_squid *squid)
{
	char program[TEST_PATH_MAX], config[TEST_PATH_MAX];
	char name[32];
	const char *argv[] = {program, "-N", "-n", name, "-f", config, NULL};

	if (!test_server_find("squid", program))
		abort();
	/* Names what it has in shared memory. */
	(void)snprintf(name, sizeof name, "test%ld", (long)getpid());
	if (squid->folder.path[0] == '\0') {
		test_folder_make(&squid->folder);
		(void)chmod(squid->folder.path, 0777);
	}
	(void)test_folder_path(&squid->folder, "squid.conf", config);
	test_server_start(&squid->server, argv, squid_configure, squid);
}

void test_squid_stop(struct test_squid *squid)
{
	test_server_stop(&squid->server);
}

void test_squid_free(struct test_squid *squid)
{
	test_squid_stop(squid);
	if (squid->folder.path[0] != '\0')
		test_folder_remove(&squid->folder);
}

int test_squid_count(const struct test_squid *squid, const char *text)
{
	char path[TEST_PATH_MAX];
	char *log = test_file_read(test_folder_path(&squid->folder, "squid.access", path), NULL);
	char *rest = log, *line;
	int count = 0;

	while ((line = strsep(&rest, "\n")) != NULL)
		count += line[0] != '\0' && strstr(line, text) != NULL;
	free(log);
	return count;
}
