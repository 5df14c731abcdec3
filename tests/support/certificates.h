/* Certificates of a test's own, good and bad, as PEM files in its folder.
 *
 * A certificate file holds the certificate and its key, as a server or a client takes them. Keys
 * are P-256, which cost nothing to make. What cannot work aborts, loudly.
 */
#ifndef FR_TESTS_SUPPORT_CERTIFICATES_H
#define FR_TESTS_SUPPORT_CERTIFICATES_H

#include <stdbool.h>

#include "support/folder.h"

struct test_authority; /* who signs */

/* A new one; its certificate goes to <folder>/<name>. */
struct test_authority *test_authority_new(const struct test_folder *folder, const char *name);

/* The same certificate in a folder, under the name by which OpenSSL looks for it there. */
void test_authority_enter(const struct test_authority *authority, const char *folder);
void test_authority_free(struct test_authority *authority);

/* What is to be certified; all zero: for 127.0.0.1, from yesterday until tomorrow. */
struct test_certificate {
	const char *names;    /* "DNS:localhost", "IP:127.0.0.1"; NULL: the latter */
	int begins_h;         /* hours from now; 0: yesterday */
	int ends_h;           /* hours from now, may lie behind; 0: tomorrow */
	bool is_own;          /* signed by its own key, by no authority */
	bool is_weak;         /* RSA with 1,024 bits */
	bool key_elsewhere;   /* the key goes to <name>.key instead */
	const char *password; /* its key is encrypted */
};

/* Makes it, or replaces it in one step. */
void test_certificate_write(const struct test_folder *folder, const char *name,
			    const struct test_authority *authority,
			    const struct test_certificate *what);

#endif
