/* Knows how the demo's certificates are made. */
#include "cli/demo_cert.h"

#include "base/mem.h"

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	bool good = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return good;
}

/* A version 3 certificate for KEY, not yet signed. */
static X509 *draft(EVP_PKEY *key, const char *name, long serial, int days)
{
	X509 *cert = X509_new();
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), (long)days * 86400);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
				   (const unsigned char *)name, -1, -1, 0);
	return cert;
}

/* Opens FOLDER/NAME for writing by us alone. */
static FILE *create(const char *folder, const char *name, struct error *error)
{
	char *path = mem_printf("%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		error_set_errno(error, "cannot write %s", path);
	free(path);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

static bool write_cert(const char *folder, const char *name, X509 *cert, struct error *error)
{
	FILE *file = create(folder, name, error);
	bool good = file != NULL && PEM_write_X509(file, cert) == 1;
	return file != NULL && fclose(file) == 0 && good;
}

static bool write_key(const char *folder, const char *name, EVP_PKEY *key, struct error *error)
{
	FILE *file = create(folder, name, error);
	bool good = file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
	return file != NULL && fclose(file) == 0 && good;
}

bool demo_cert_write(const char *folder, const char *san, int days, struct error *error)
{
	error_set(error, "cannot make the demo's certificates in %s", folder);
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = draft(ca_key, "Meridian demo authority", 1, days),
	     *cert = draft(key, "Meridian demo", 2, days);
	X509_set_issuer_name(ca, X509_get_subject_name(ca));
	X509_set_issuer_name(cert, X509_get_subject_name(ca));
	bool good = extend(ca, ca, NID_basic_constraints, "critical,CA:TRUE") &&
		    extend(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
		    extend(ca, ca, NID_subject_key_identifier, "hash") &&
		    X509_sign(ca, ca_key, EVP_sha256()) > 0 &&
		    extend(cert, ca, NID_basic_constraints, "CA:FALSE") &&
		    extend(cert, ca, NID_ext_key_usage, "serverAuth") &&
		    extend(cert, ca, NID_authority_key_identifier, "keyid") &&
		    extend(cert, ca, NID_subject_alt_name, san) &&
		    X509_sign(cert, ca_key, EVP_sha256()) > 0 &&
		    write_cert(folder, "server.pem", cert, error) &&
		    write_key(folder, "server.key", key, error) &&
		    write_cert(folder, "ca.pem", ca, error);
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	return good;
}
