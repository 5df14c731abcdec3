#include "support/nginx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool test_nginx_is_there(void)
{
	char path[TEST_PATH_MAX];

	return test_server_find("nginx", path);
}

/* A variable in ssl_certificate makes nginx read the file at every handshake. Its own ideas of
 * what is too weak must not stand in the way of showing something weak. Paths are relative to the
 * prefix, which is the folder. */
static void nginx_configure(void *context, int port)
{
	const struct test_nginx *nginx = context;
	const char *authority = nginx->client_authority;
	char text[4096], client[512] = "";

	if (authority != NULL)
		(void)snprintf(client, sizeof client,
			       "ssl_client_certificate %s; ssl_verify_client on;", authority);
	(void)snprintf(
		text, sizeof text,
		"daemon off; master_process off; pid nginx.pid; error_log nginx.error info;\n"
		"events { worker_connections 64; }\n"
		"http {\n"
		" log_format lines '$server_protocol $status "
		"connection-request=$connection_requests tls=$ssl_protocol';\n"
		" access_log nginx.access lines;\n"
		" client_body_temp_path body; proxy_temp_path proxy;\n"
		" fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n"
		" client_max_body_size 64m; client_body_buffer_size 1m;\n"
		" map $ssl_server_name $pem { default %s/%s; }\n"
		" server {\n"
		"  listen 127.0.0.1:%d ssl%s;\n"
		"  ssl_certificate $pem; ssl_certificate_key $pem;\n"
		"  ssl_protocols %s; ssl_ciphers ALL:@SECLEVEL=0;\n"
		"  %s\n"
		"  location / { proxy_pass http://127.0.0.1:%d; proxy_http_version 1.1; }\n"
		"  %s\n"
		" }\n"
		"}\n",
		nginx->folder->path, nginx->certificate != NULL ? nginx->certificate : "server.pem",
		port, nginx->has_http2 ? " http2" : "",
		nginx->protocols != NULL ? nginx->protocols : "TLSv1.2 TLSv1.3", client,
		nginx->intake_port, nginx->more != NULL ? nginx->more : "");
	test_folder_write(nginx->folder, "nginx.conf", text);
}

void test_nginx_start(struct test_nginx *nginx)
{
	char program[TEST_PATH_MAX], config[TEST_PATH_MAX], errors[TEST_PATH_MAX];
	const char *argv[] = {program, "-p", nginx->folder->path, "-c", config, "-e", errors, NULL};

	if (!test_server_find("nginx", program))
		abort();
	(void)test_folder_path(nginx->folder, "nginx.conf", config);
	(void)test_folder_path(nginx->folder, "nginx.error", errors);
	test_server_start(&nginx->server, argv, nginx_configure, nginx);
}

void test_nginx_stop(struct test_nginx *nginx)
{
	test_server_stop(&nginx->server);
}

int test_nginx_count(const struct test_nginx *nginx, const char *text)
{
	char path[TEST_PATH_MAX];
	char *log = test_file_read(test_folder_path(nginx->folder, "nginx.access", path), NULL);
	char *rest = log, *line;
	int count = 0;

	while ((line = strsep(&rest, "\n")) != NULL)
		count += line[0] != '\0' && strstr(line, text) != NULL;
	free(log);
	return count;
}
