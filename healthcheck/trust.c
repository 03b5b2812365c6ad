/* Knows the certificate policy, in OpenSSL's terms. */
#include "healthcheck/trust.h"

#include "base/mem.h"
#include "base/wall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

enum { NAMES_SHOWN = 3, SECLEVEL_OLD_TLS = 0 };

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
	X509_STORE *store = X509_STORE_new();
	if (store == NULL || X509_STORE_load_file(store, path) != 1) {
		unsigned long code = ERR_peek_last_error();
		const char *why = ERR_reason_error_string(code);
		error_set(error, "the CA file %s holds no usable certificate: %s", path,
			  why != NULL ? why : "unknown error");
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

/* Copies LEN octets of somebody else's text as printable ASCII. */
static void copy_printable(char *out, size_t size, const unsigned char *text, int len)
{
	size_t used = 0;
	for (int i = 0; i < len && used + 1 < size; i++)
		out[used++] = text[i] >= ' ' && text[i] < 0x7f ? (char)text[i] : '?';
	out[used] = '\0';
}

static void name_text(const X509_NAME *name, char out[PROBE_NAME_MAX])
{
	out[0] = '\0';
	BIO *bio = BIO_new(BIO_s_mem());
	if (bio == NULL)
		return;
	X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
	char *text = NULL;
	long len = BIO_get_mem_data(bio, &text);
	copy_printable(out, PROBE_NAME_MAX, (const unsigned char *)text, (int)len);
	BIO_free(bio);
}

static int64_t time_ms(const ASN1_TIME *time)
{
	struct tm parts;
	if (ASN1_TIME_to_tm(time, &parts) != 1)
		return 0;
	return (int64_t)timegm(&parts) * 1000;
}

static void date_text(int64_t ms, char text[WALL_TEXT_MAX])
{
	wall_format(ms, text);
	char *fraction = strchr(text, '.'); /* certificates know whole seconds */
	if (fraction != NULL)
		memcpy(fraction, "Z", 2);
}

static void note_cert(struct probe_cert *cert, const X509 *x509)
{
	cert->known = true;
	name_text(X509_get_subject_name(x509), cert->subject);
	name_text(X509_get_issuer_name(x509), cert->issuer);
	cert->not_before_ms = time_ms(X509_get0_notBefore(x509));
	cert->not_after_ms = time_ms(X509_get0_notAfter(x509));
}

static void san_text(const GENERAL_NAME *name, char *out, size_t size)
{
	out[0] = '\0';
	if (name->type == GEN_DNS) {
		copy_printable(out, size, ASN1_STRING_get0_data(name->d.dNSName),
			       ASN1_STRING_length(name->d.dNSName));
	} else if (name->type == GEN_IPADD) {
		int len = ASN1_STRING_length(name->d.iPAddress);
		const unsigned char *octets = ASN1_STRING_get0_data(name->d.iPAddress);
		if (len == 4 || len == 16)
			inet_ntop(len == 4 ? AF_INET : AF_INET6, octets, out, (socklen_t)size);
	}
}

/* "a.example, b.example and 4 more"; "" where the certificate has no name that could count. */
static void names_text(const X509 *x509, char *out, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	int shown = 0, more = 0;
	size_t used = 0;
	out[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		char one[80];
		san_text(sk_GENERAL_NAME_value(names, i), one, sizeof one);
		if (one[0] == '\0')
			continue;
		if (shown >= NAMES_SHOWN || used + strlen(one) + 20 > size) {
			more++;
			continue;
		}
		used += (size_t)snprintf(out + used, size - used, "%s%s", shown > 0 ? ", " : "",
					 one);
		shown++;
	}
	if (more > 0)
		snprintf(out + used, size - used, " and %d more", more);
	GENERAL_NAMES_free(names);
}

static void say_wrong_name(struct trust_check *check, const X509 *leaf)
{
	char names[160];
	names_text(leaf, names, sizeof names);
	if (names[0] != '\0')
		snprintf(check->why, sizeof check->why, "certificate is for %s, wanted %s", names,
			 check->name);
	else
		snprintf(check->why, sizeof check->why,
			 "certificate has no name in subjectAltName (its common name does not "
			 "count), wanted %s",
			 check->name);
}

/* "certificate" for the server's own, "certificate of CN=Some CA" for one above it. */
static void whose(const X509 *x509, int depth, char *out, size_t size)
{
	char subject[PROBE_NAME_MAX];
	name_text(X509_get_subject_name(x509), subject);
	if (depth == 0)
		snprintf(out, size, "certificate");
	else
		snprintf(out, size, "certificate of %.160s in the chain", subject);
}

static void say_date(struct trust_check *check, const X509 *x509, int depth, bool expired)
{
	char who[PROBE_NAME_MAX], date[WALL_TEXT_MAX];
	whose(x509, depth, who, sizeof who);
	date_text(time_ms(expired ? X509_get0_notAfter(x509) : X509_get0_notBefore(x509)), date);
	snprintf(check->why, sizeof check->why, "%s %s %s", who,
		 expired ? "expired on" : "is not yet valid before", date);
}

static void say_why(struct trust_check *check, X509_STORE_CTX *context)
{
	int code = X509_STORE_CTX_get_error(context),
	    depth = X509_STORE_CTX_get_error_depth(context);
	X509 *leaf = X509_STORE_CTX_get0_cert(context);
	X509 *at = X509_STORE_CTX_get_current_cert(context);
	char name[PROBE_NAME_MAX];
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
		snprintf(check->why, sizeof check->why, "self-signed certificate of %.200s",
			 check->cert.subject);
		return;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		name_text(X509_get_issuer_name(at), name);
		snprintf(check->why, sizeof check->why,
			 "certificate issuer is not trusted: %.200s (unknown CA, or an "
			 "intermediate is "
			 "missing)",
			 name);
		return;
	default:
		whose(at, depth, name, sizeof name);
		snprintf(check->why, sizeof check->why, "%s is refused: %s", name,
			 X509_verify_cert_error_string(code));
	}
}

/* Takes the place of OpenSSL's own verification, to see what it found. */
static int verify(X509_STORE_CTX *context, struct trust_check *check)
{
	X509 *leaf = X509_STORE_CTX_get0_cert(context);
	check->handshake = true;
	note_cert(&check->cert, leaf);
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

bool trust_apply(void *ssl_ctx, struct trust_check *check, struct error *error)
{
	SSL_CTX *context = ssl_ctx;
	/* The distribution's security level forbids what an operator allowed by saying so. */
	if (check->min_tls < TLS_1_2)
		SSL_CTX_set_security_level(context, SECLEVEL_OLD_TLS);
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
		SSL_CTX_set_security_level(ssl_ctx, SECLEVEL_OLD_TLS);
	SSL_CTX_set_cert_verify_callback(ssl_ctx, verify_shared, &finder);
	SSL_CTX_set_verify(ssl_ctx, store != NULL ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	if (store != NULL)
		SSL_CTX_set1_cert_store(ssl_ctx, store);
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
	if (!check->verify || !check->cert.known || now_ms <= check->cert.not_after_ms)
		return true;
	char date[WALL_TEXT_MAX];
	date_text(check->cert.not_after_ms, date);
	snprintf(check->why, sizeof check->why, "certificate expired on %s", date);
	check->refused = true;
	return false;
}

/* OpenSSL's reasons from 1000 on are alerts the peer sent, less 1000 (SSL_AD_REASON_OFFSET). */
static void say_reason(int reason, char *out, size_t len)
{
	switch (reason) {
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
		snprintf(out, len, "the server does not speak TLS");
		return;
	case SSL_R_UNSUPPORTED_PROTOCOL:
		snprintf(out, len, "the server's TLS version is below the monitor's min_tls");
		return;
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		snprintf(out, len, "the server closed the connection");
		return;
	default:
		break;
	}
	if (reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) {
		int alert = reason - SSL_AD_REASON_OFFSET;
		/* RFC 8446 section 6.2; OpenSSL 3.0 has no text for it. */
		bool certificate = alert == SSL_AD_CERTIFICATE_REQUIRED;
		snprintf(out, len, "the server sent the alert \"%s\" (%d)",
			 certificate ? "certificate required" : SSL_alert_desc_string_long(alert),
			 alert);
		return;
	}
	const char *why = ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, reason));
	snprintf(out, len, "%s", why != NULL ? why : "unknown error");
}

bool trust_explain_error(const char *text, char *out, size_t len)
{
	const char *at = strstr(text, "error:");
	if (at == NULL)
		return false;
	char *end;
	unsigned long code = strtoul(at + 6, &end, 16);
	if (end == at + 6 || *end != ':')
		return false;
	if (ERR_GET_LIB(code) == ERR_LIB_SSL)
		say_reason(ERR_GET_REASON(code), out, len);
	else
		snprintf(out, len, "%.*s", (int)strcspn(end + 1, "\n"), end + 1);
	return true;
}
