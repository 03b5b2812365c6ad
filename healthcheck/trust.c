/* Knows the certificate policy, in OpenSSL's terms. */
#include "healthcheck/trust.h"

#include "base/mem.h"
#include "base/wall.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

enum { SECLEVEL_OLD_TLS = 0 };

/* A parsed CA file and what the file looked like then. */
struct bundle {
	char *path;
	struct stat seen;
	X509_STORE *store;
	struct bundle *next;
};

struct trust {
	struct bundle *bundles;
};

struct trust *trust_new(void)
{
	return mem_new(struct trust);
}

void trust_free(struct trust *trust)
{
	while (trust != NULL && trust->bundles != NULL) {
		struct bundle *gone = trust->bundles;
		trust->bundles = gone->next;
		X509_STORE_free(gone->store);
		free(gone->path);
		free(gone);
	}
	free(trust);
}

static struct bundle *bundle_for(struct trust *trust, const char *path)
{
	struct bundle *bundle = trust->bundles;
	while (bundle != NULL && strcmp(bundle->path, path) != 0)
		bundle = bundle->next;
	if (bundle != NULL)
		return bundle;
	bundle = mem_new(struct bundle);
	bundle->path = mem_strdup(path);
	bundle->next = trust->bundles;
	trust->bundles = bundle;
	return bundle;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Why OpenSSL failed in the first place; what it says last is often the name of a library. */
static const char *first_reason(void)
{
	unsigned long code = ERR_peek_error();
	const char *why = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code))
						 : ERR_reason_error_string(code);
	return why != NULL ? why : "unknown error";
}

/* The store of PATH, borrowed; read again when the file is another. NULL with ERROR. */
static X509_STORE *store_of(struct trust *trust, const char *path, struct error *error)
{
	struct stat now;
	if (stat(path, &now) != 0) {
		error_set_errno(error, "the CA file %s cannot be read", path);
		return NULL;
	}
	struct bundle *bundle = bundle_for(trust, path);
	if (bundle->store != NULL && same_file(&now, &bundle->seen))
		return bundle->store;
	ERR_clear_error();
	X509_STORE *store = X509_STORE_new();
	if (store == NULL || X509_STORE_load_file(store, path) != 1) {
		error_set(error, "the CA file %s holds no usable certificate: %s", path,
			  first_reason());
		ERR_clear_error();
		X509_STORE_free(store);
		return NULL;
	}
	ERR_clear_error(); /* a certificate that stands twice leaves a note */
	X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
	X509_STORE_free(bundle->store);
	bundle->store = store;
	bundle->seen = now;
	return store;
}

/* The sentence that is told of a certificate that is not believed. */
static void __attribute__((format(printf, 2, 3)))
say(struct trust_check *check, const char *format, ...)
{
	char text[PROBE_REASON_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	free(check->why);
	check->why = mem_strdup(text);
}

static void say_wrong_name(struct trust_check *check, const X509 *leaf)
{
	char names[160];
	certificate_names_text(leaf, names, sizeof names);
	if (names[0] != '\0')
		say(check, "certificate is for %s, wanted %s", names, check->name);
	else
		say(check,
		    "certificate has no name in subjectAltName (its common name does not "
		    "count), wanted %s",
		    check->name);
}

/* "certificate" for the server's own, "certificate of CN=Some CA" for one above it. */
static void whose(const X509 *x509, int depth, char *out, size_t size)
{
	char subject[CERTIFICATE_NAME_MAX];
	certificate_name_text(X509_get_subject_name(x509), subject);
	if (depth == 0)
		snprintf(out, size, "certificate");
	else
		snprintf(out, size, "certificate of %.160s in the chain", subject);
}

static void say_date(struct trust_check *check, const X509 *x509, int depth, bool expired)
{
	char who[CERTIFICATE_NAME_MAX], date[WALL_TEXT_MAX];
	whose(x509, depth, who, sizeof who);
	certificate_date_text(
		certificate_time_ms(expired ? X509_get0_notAfter(x509) : X509_get0_notBefore(x509)),
		date);
	say(check, "%s %s %s", who, expired ? "expired on" : "is not yet valid before", date);
}

static void say_why(struct trust_check *check, X509_STORE_CTX *context)
{
	int code = X509_STORE_CTX_get_error(context),
	    depth = X509_STORE_CTX_get_error_depth(context);
	X509 *leaf = X509_STORE_CTX_get0_cert(context);
	X509 *at = X509_STORE_CTX_get_current_cert(context);
	char name[CERTIFICATE_NAME_MAX];
	at = at != NULL ? at : leaf;
	switch (code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		say_date(check, at, depth, code == X509_V_ERR_CERT_HAS_EXPIRED);
		return;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		say_wrong_name(check, leaf);
		return;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		say(check, "self-signed certificate of %.200s", check->cert->subject);
		return;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		certificate_name_text(X509_get_issuer_name(at), name);
		say(check,
		    "certificate issuer is not trusted: %.200s (unknown CA, or an "
		    "intermediate is "
		    "missing)",
		    name);
		return;
	default:
		whose(at, depth, name, sizeof name);
		say(check, "%s is refused: %s", name, X509_verify_cert_error_string(code));
	}
}

/* Takes the place of OpenSSL's own verification, to see what it found. */
static int verify(X509_STORE_CTX *context, struct trust_check *check)
{
	X509 *leaf = X509_STORE_CTX_get0_cert(context);
	check->handshake = true;
	struct certificate *before = check->cert;
	check->cert = certificate_of(leaf, before);
	certificate_unref(before);
	if (!check->verify)
		return 1;
	if (X509_verify_cert(context) == 1)
		return 1;
	check->refused = true;
	say_why(check, context);
	return 0;
}

static int verify_one(X509_STORE_CTX *context, void *argument)
{
	return verify(context, argument);
}

/* ARGUMENT holds the function that knows the check. */
struct finder {
	struct trust_check *(*check_of)(void *ssl);
};

static int verify_shared(X509_STORE_CTX *context, void *argument)
{
	const struct finder *finder = argument;
	void *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
	return verify(context, finder->check_of(ssl));
}

static bool demand_name(X509_VERIFY_PARAM *param, const char *name)
{
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
						       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	struct addr ip;
	if (addr_parse(name, &ip))
		return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
	return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1;
}

void trust_check_fini(struct trust_check *check)
{
	certificate_unref(check->cert);
	free(check->why);
	check->cert = NULL;
	check->why = NULL;
}

/* The distribution's security level forbids what an operator allowed by saying so; of certificates
 * nothing was said. */
static void allow_old_tls(SSL_CTX *context)
{
	int level = SSL_CTX_get_security_level(context);
	SSL_CTX_set_security_level(context, SECLEVEL_OLD_TLS);
	X509_VERIFY_PARAM_set_auth_level(SSL_CTX_get0_param(context), level);
}

bool trust_apply(void *ssl_ctx, struct trust_check *check, struct error *error)
{
	SSL_CTX *context = ssl_ctx;
	if (check->min_tls < TLS_1_2)
		allow_old_tls(context);
	SSL_CTX_set_cert_verify_callback(context, verify_one, check);
	if (!check->verify)
		return true;
	const char *path = check->ca_file != NULL ? check->ca_file : SYSTEM_BUNDLE;
	X509_STORE *store = store_of(check->trust, path, error);
	if (store == NULL)
		return false;
	SSL_CTX_set1_cert_store(context, store);
	if (demand_name(SSL_CTX_get0_param(context), check->name))
		return true;
	error_set(error, "\"%s\" cannot be a certificate's name", check->name);
	return false;
}

void trust_apply_shared(void *ssl_ctx, void *store, enum tls_version min_tls,
			struct trust_check *(*check_of)(void *ssl))
{
	static struct finder finder; /* there is one caller, with one function */
	finder.check_of = check_of;
	if (min_tls < TLS_1_2)
		allow_old_tls(ssl_ctx);
	SSL_CTX_set_cert_verify_callback(ssl_ctx, verify_shared, &finder);
	SSL_CTX_set_verify(ssl_ctx, store != NULL ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	if (store != NULL)
		SSL_CTX_set1_cert_store(ssl_ctx, store);
}

bool trust_show(void *ssl_ctx, const char *certificate, const char *key, struct error *error)
{
	ERR_clear_error();
	if (certificate == NULL)
		return true;
	if (SSL_CTX_use_certificate_chain_file(ssl_ctx, certificate) == 1 &&
	    SSL_CTX_use_PrivateKey_file(ssl_ctx, key, SSL_FILETYPE_PEM) == 1)
		return true;
	error_set(error, "the client certificate %s or its key %s cannot be used: %s", certificate,
		  key, first_reason());
	ERR_clear_error();
	return false;
}

void *trust_store(struct trust *trust, const char *ca_file, struct error *error)
{
	return store_of(trust, ca_file != NULL ? ca_file : SYSTEM_BUNDLE, error);
}

bool trust_name(void *ssl, const char *name)
{
	struct addr ip;
	if (!addr_parse(name, &ip) && SSL_set_tlsext_host_name((SSL *)ssl, name) != 1)
		return false;
	return demand_name(SSL_get0_param(ssl), name);
}

bool trust_still_valid(struct trust_check *check, int64_t now_ms)
{
	if (!check->verify || check->cert == NULL || now_ms <= check->cert->not_after_ms)
		return true;
	char date[WALL_TEXT_MAX];
	certificate_date_text(check->cert->not_after_ms, date);
	say(check, "certificate expired on %s", date);
	check->refused = true;
	return false;
}
