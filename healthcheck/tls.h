/*
 * tls: client connections over OpenSSL itself, as monitors want them. One context a monitor, since
 * making one costs as much as a handshake; made again when a file it was made of changes.
 */
#ifndef MERIDIAN_HEALTHCHECK_TLS_H
#define MERIDIAN_HEALTHCHECK_TLS_H

#include "healthcheck/trust.h"

struct tls_contexts;
struct tls_contexts *tls_contexts_new(struct trust *trust);
void tls_contexts_free(struct tls_contexts *contexts);

/* A monitor's part in it, for as long as some probe uses the monitor (compared by address). */
struct tls_context *tls_context_ref(struct tls_contexts *contexts, const struct object *monitor);
void tls_context_unref(struct tls_contexts *contexts, struct tls_context *context);

/* One probe's TLS: all zeros but check, closed. */
struct tls {
	struct trust_check check;
	void *ssl; /* OpenSSL's SSL; NULL: closed */
	/* The session to resume, in DER and without certificates, which would take ten times the
	 * memory. NULL: none. */
	unsigned char *session;
	int session_len;
	const void *session_context;
};

/* Begins a connection on FD; RESUME: with the last session, where there is one. False with ERROR
 * where a file of the monitor's cannot be used. */
bool tls_open(struct tls *tls, struct tls_contexts *contexts, struct tls_context *context, int fd,
	      bool resume, struct error *error) __attribute__((warn_unused_result));
void tls_close(struct tls *tls);
/* Closes, and forgets the session. */
void tls_fini(struct tls *tls);

/* What an operation came to. DONE of a read: *LEN octets. */
enum tls_result { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_CLOSED, TLS_FAILED };
enum tls_result tls_handshake(struct tls *tls) __attribute__((warn_unused_result));
enum tls_result tls_read(struct tls *tls, char *octets, size_t *len)
	__attribute__((warn_unused_result));
/* All of LEN octets, or none yet. */
enum tls_result tls_write(struct tls *tls, const char *octets, size_t len)
	__attribute__((warn_unused_result));

/* After TLS_FAILED: the socket's errno, or 0 and what TLS says of it in WHY (LEN octets). */
int tls_error(const struct tls *tls, char *why, size_t len);

#endif
