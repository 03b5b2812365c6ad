/*
 * trust: whom a TLS probe believes, and what is said of a certificate that it does not believe.
 *
 * The policy: the chain must end at the monitor's CA file (or the system's bundle), and the name
 * must stand in subjectAltName; the common name never counts (RFC 9525 section 6.3). Revocation is
 * not checked.
 */
#ifndef MERIDIAN_HEALTHCHECK_TRUST_H
#define MERIDIAN_HEALTHCHECK_TRUST_H

#include "base/error.h"
#include "healthcheck/certificate.h"
#include "healthcheck/probe.h"

/* CA files read so far, each parsed once and again when the file changes. */
struct trust;
struct trust *trust_new(void);
void trust_free(struct trust *trust);

/* One probe's demands (set once, borrowed) and what its last full handshake showed. */
struct trust_check {
	struct trust *trust;
	bool verify;
	const char *name;    /* a DNS name or an IP address that the certificate must be for */
	const char *ca_file; /* NULL: the system's bundle */
	enum tls_version min_tls;

	struct certificate *cert; /* the server's own; NULL until there was a handshake */
	bool handshake;		  /* a certificate was sent in this attempt; the caller clears it */
	bool refused;		  /* it was not believed; the caller clears it */
	char *why;		  /* one sentence, when refused */
};
/* Frees what it holds. */
void trust_check_fini(struct trust_check *check);

/* Makes SSL_CTX (an OpenSSL SSL_CTX *) verify as CHECK demands, and note what it sees in CHECK,
 * which must outlive the connection's handshake. False with ERROR when the CA file cannot be used.
 */
bool trust_apply(void *ssl_ctx, struct trust_check *check, struct error *error)
	__attribute__((warn_unused_result));

/* The same for a context that connections of several checks share: CHECK_OF tells the check of one
 * of them (an OpenSSL SSL *), when its certificate comes. STORE is trust_store()'s, NULL where
 * nothing is verified. */
void trust_apply_shared(void *ssl_ctx, void *store, enum tls_version min_tls,
			struct trust_check *(*check_of)(void *ssl));
/* Lets SSL_CTX show CERTIFICATE (a PEM file with its chain; NULL: none) with KEY where a server
 * asks for one. False with ERROR where they cannot be used. */
bool trust_show(void *ssl_ctx, const char *certificate, const char *key, struct error *error)
	__attribute__((warn_unused_result));
/* The X509_STORE of CA_FILE (NULL: the system's bundle), read again when the file is another;
 * borrowed until then. NULL with ERROR. */
void *trust_store(struct trust *trust, const char *ca_file, struct error *error);
/* Demands that the certificate shown to SSL be for NAME, and asks for it (SNI). False where NAME
 * cannot be one. */
bool trust_name(void *ssl, const char *name) __attribute__((warn_unused_result));

/* For resumed sessions, in which no certificate is sent: the same sentence as at a handshake when
 * the known certificate is out of its time at NOW_MS. True: it is still valid, or unknown. */
bool trust_still_valid(struct trust_check *check, int64_t now_ms)
	__attribute__((warn_unused_result));

#endif
