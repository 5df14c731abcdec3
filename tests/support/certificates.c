#include "support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_H = 24, HOUR_S = 3600, WEAK_BITS = 1024 };

struct test_authority {
	X509 *certificate;
	EVP_PKEY *key;
};

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "test support: certificates: %s fails\n", what);
	abort();
}

static EVP_PKEY *key_new(bool is_weak)
{
	EVP_PKEY *key = is_weak ? EVP_RSA_gen(WEAK_BITS) : EVP_EC_gen("P-256");

	must(key != NULL, "a key");
	return key;
}

static void extension_add(X509 *certificate, int kind, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);

	must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, value);
	X509_EXTENSION_free(extension);
}

/* Everything but the signature; the subject is also the issuer until somebody else signs. */
static X509 *certificate_new(EVP_PKEY *key, const char *subject, int begins_h, int ends_h)
{
	static long serial;
	X509 *certificate = X509_new();
	X509_NAME *name;

	must(certificate != NULL && X509_set_version(certificate, 2) == 1, "a certificate");
	must(ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial) == 1, "a number");
	must(X509_gmtime_adj(X509_getm_notBefore(certificate), (long)begins_h * HOUR_S) != NULL,
	     "a time");
	must(X509_gmtime_adj(X509_getm_notAfter(certificate), (long)ends_h * HOUR_S) != NULL,
	     "a time");
	must(X509_set_pubkey(certificate, key) == 1, "a public key");
	name = X509_get_subject_name(certificate);
	must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)subject,
					-1, -1, 0) == 1 &&
		     X509_set_issuer_name(certificate, name) == 1,
	     "a name");
	return certificate;
}

/* First beside it, then renamed: whoever reads it meanwhile sees the old or the new one. */
static FILE *file_begin(const char *path, char beside[TEST_PATH_MAX + 8])
{
	FILE *file;

	(void)snprintf(beside, TEST_PATH_MAX + 8, "%s.new", path);
	file = fopen(beside, "w");
	must(file != NULL, path);
	return file;
}

static void file_end(FILE *file, const char *beside, const char *path)
{
	must(fclose(file) == 0 && rename(beside, path) == 0, path);
}

struct test_authority *test_authority_new(const struct test_folder *folder, const char *name)
{
	struct test_authority *authority = calloc(1, sizeof *authority);
	char path[TEST_PATH_MAX], beside[TEST_PATH_MAX + 8];
	FILE *file;

	must(authority != NULL, "memory");
	authority->key = key_new(false);
	authority->certificate = certificate_new(authority->key, name, -DAY_H, DAY_H);
	extension_add(authority->certificate, NID_basic_constraints, "critical,CA:TRUE");
	extension_add(authority->certificate, NID_key_usage, "critical,keyCertSign");
	must(X509_sign(authority->certificate, authority->key, EVP_sha256()) > 0, "to sign");
	file = file_begin(test_folder_path(folder, name, path), beside);
	must(PEM_write_X509(file, authority->certificate) == 1, path);
	file_end(file, beside, path);
	return authority;
}

void test_authority_enter(const struct test_authority *authority, const char *folder)
{
	char path[TEST_PATH_MAX], beside[TEST_PATH_MAX + 8];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%08lx.0", folder,
		       X509_subject_name_hash(authority->certificate));
	file = file_begin(path, beside);
	must(PEM_write_X509(file, authority->certificate) == 1, path);
	file_end(file, beside, path);
}

void test_authority_free(struct test_authority *authority)
{
	if (authority == NULL)
		return;
	X509_free(authority->certificate);
	EVP_PKEY_free(authority->key);
	free(authority);
}

static void key_write(FILE *file, EVP_PKEY *key, const char *password)
{
	const EVP_CIPHER *cipher = password != NULL ? EVP_aes_128_cbc() : NULL;
	int length = password != NULL ? (int)strlen(password) : 0;

	must(PEM_write_PKCS8PrivateKey(file, key, cipher, password, length, NULL, NULL) == 1,
	     "to write a key");
}

static void files_write(const struct test_folder *folder, const char *name, X509 *certificate,
			EVP_PKEY *key, const struct test_certificate *what)
{
	char path[TEST_PATH_MAX], beside[TEST_PATH_MAX + 8];
	char key_name[256], key_path[TEST_PATH_MAX], key_beside[TEST_PATH_MAX + 8];
	FILE *file;

	if (what->key_elsewhere) {
		(void)snprintf(key_name, sizeof key_name, "%s.key", name);
		file = file_begin(test_folder_path(folder, key_name, key_path), key_beside);
		key_write(file, key, what->password);
		file_end(file, key_beside, key_path);
	}
	file = file_begin(test_folder_path(folder, name, path), beside);
	must(PEM_write_X509(file, certificate) == 1, path);
	if (!what->key_elsewhere)
		key_write(file, key, what->password);
	file_end(file, beside, path);
}

void test_certificate_write(const struct test_folder *folder, const char *name,
			    const struct test_authority *authority,
			    const struct test_certificate *what)
{
	EVP_PKEY *key = key_new(what->is_weak);
	X509 *certificate =
		certificate_new(key, name, what->begins_h != 0 ? what->begins_h : -DAY_H,
				what->ends_h != 0 ? what->ends_h : DAY_H);

	extension_add(certificate, NID_subject_alt_name,
		      what->names != NULL ? what->names : "IP:127.0.0.1");
	if (!what->is_own)
		must(X509_set_issuer_name(certificate,
					  X509_get_subject_name(authority->certificate)) == 1,
		     "an issuer");
	must(X509_sign(certificate, what->is_own ? key : authority->key, EVP_sha256()) > 0,
	     "to sign");
	files_write(folder, name, certificate, key, what);
	X509_free(certificate);
	EVP_PKEY_free(key);
}
