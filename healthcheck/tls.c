/* Knows how OpenSSL is driven on a socket that does not block. */
#include "healthcheck/tls.h"

#include "base/mem.h"
#include "healthcheck/tls_words.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES = 2 /* client_cert, client_key */, SESSION_PEER = 3, SEND_FRAGMENT = 2048 };

struct tls_context {
	const struct object *monitor; /* referenced by who uses it */
	unsigned users;
	SSL_CTX *ssl_ctx;
	X509_STORE *store; /* as it was set; compared by address */
	struct timespec seen[FILES];
	struct tls_context *next;
};

struct tls_contexts {
	struct trust *trust;
	struct tls_context *first;
};

struct tls_contexts *tls_contexts_new(struct trust *trust)
{
	struct tls_contexts *contexts = mem_new(struct tls_contexts);
	contexts->trust = trust;
	return contexts;
}

void tls_contexts_free(struct tls_contexts *contexts)
{
	free(contexts);
}

struct tls_context *tls_context_ref(struct tls_contexts *contexts, const struct object *monitor)
{
	struct tls_context *context = contexts->first;
	while (context != NULL && context->monitor != monitor)
		context = context->next;
	if (context == NULL) {
		context = mem_new(struct tls_context);
		context->monitor = monitor;
		context->next = contexts->first;
		contexts->first = context;
	}
	context->users++;
	return context;
}

void tls_context_unref(struct tls_contexts *contexts, struct tls_context *context)
{
	if (context == NULL || --context->users > 0)
		return;
	struct tls_context **link = &contexts->first;
	while (*link != context)
		link = &(*link)->next;
	*link = context->next;
	SSL_CTX_free(context->ssl_ctx);
	free(context);
}

/*
 * A session in DER (openssl, ssl/ssl_asn1.c: a SEQUENCE whose member [3] is the peer's certificate)
 * without that member: resuming needs no certificate, and to parse it each time costs as much as
 * the handshake. On the heap; NULL where WHOLE is not that.
 */
static unsigned char *without_certificate(const unsigned char *whole, int whole_len, int *len)
{
	const unsigned char *at = whole;
	long size;
	int tag, class;
	if ((ASN1_get_object(&at, &size, &tag, &class, whole_len) & 0x80) != 0 ||
	    tag != V_ASN1_SEQUENCE)
		return NULL;
	const unsigned char *end = at + size;
	unsigned char *kept = mem_array((size_t)size, 1);
	int kept_len = 0;
	while (at < end) {
		const unsigned char *member = at;
		if ((ASN1_get_object(&at, &size, &tag, &class, end - at) & 0x80) != 0)
			break;
		at += size;
		if (class == V_ASN1_CONTEXT_SPECIFIC && tag == SESSION_PEER)
			continue;
		memcpy(kept + kept_len, member, (size_t)(at - member));
		kept_len += (int)(at - member);
	}
	*len = ASN1_object_size(1, kept_len, V_ASN1_SEQUENCE);
	unsigned char *cut = mem_array((size_t)*len, 1), *out = cut;
	ASN1_put_object(&out, 1, kept_len, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	memcpy(out, kept, (size_t)kept_len);
	free(kept);
	return cut;
}

/* The session belongs to the probe whose connection it came over. */
static int on_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls *tls = SSL_get_app_data(ssl);
	unsigned char *whole = NULL;
	int len = i2d_SSL_SESSION(session, &whole);
	if (len > 0) {
		free(tls->session);
		tls->session = without_certificate(whole, len, &tls->session_len);
		tls->session_context = SSL_get_SSL_CTX(ssl);
	}
	OPENSSL_free(whole);
	return 0; /* not kept as it is */
}

static struct trust_check *check_of(void *ssl)
{
	struct tls *tls = SSL_get_app_data((SSL *)ssl);
	return &tls->check;
}

static int openssl_version(enum tls_version version)
{
	static const int versions[] = {[TLS_1_0] = TLS1_VERSION,
				       [TLS_1_1] = TLS1_1_VERSION,
				       [TLS_1_2] = TLS1_2_VERSION,
				       [TLS_1_3] = TLS1_3_VERSION};
	return versions[version];
}

static SSL_CTX *make_context(const struct monitor *monitor, struct error *error)
{
	static const unsigned char alpn[] = "\x08http/1.1";
	SSL_CTX *ssl_ctx = SSL_CTX_new(TLS_client_method());
	if (ssl_ctx == NULL)
		abort(); /* no memory at configuration: as in mem.h */
	SSL_CTX_set_min_proto_version(ssl_ctx, openssl_version(monitor->min_tls));
	SSL_CTX_set_mode(ssl_ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_max_send_fragment(ssl_ctx, SEND_FRAGMENT); /* decides the write buffer */
	/* An end without close_notify is an end: whether the answer was whole, HTTP knows. */
	SSL_CTX_set_options(ssl_ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_read_ahead(ssl_ctx, 1); /* one read(2) a flight instead of two a record */
	if (monitor->type == MONITOR_HTTPS)
		SSL_CTX_set_alpn_protos(ssl_ctx, alpn, sizeof alpn - 1);
	if (monitor->connection == CONNECTION_SESSION) {
		SSL_CTX_set_session_cache_mode(ssl_ctx,
					       SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
		SSL_CTX_sess_set_new_cb(ssl_ctx, on_session);
	} else {
		SSL_CTX_set_session_cache_mode(ssl_ctx, SSL_SESS_CACHE_OFF);
	}
	if (trust_show(ssl_ctx, monitor->client_cert, monitor->client_key, error))
		return ssl_ctx;
	SSL_CTX_free(ssl_ctx);
	return NULL;
}

static void look(const struct monitor *monitor, struct timespec seen[FILES])
{
	const char *const files[FILES] = {monitor->client_cert, monitor->client_key};
	for (size_t i = 0; i < FILES; i++) {
		struct stat now;
		bool there = files[i] != NULL && stat(files[i], &now) == 0;
		seen[i] = there ? now.st_mtim : (struct timespec){0};
	}
}

/* Brings CONTEXT up to date with the files. */
static bool refresh(struct tls_context *context, struct trust *trust, struct error *error)
{
	const struct monitor *monitor = &context->monitor->monitor;
	struct timespec seen[FILES];
	X509_STORE *store = NULL;
	look(monitor, seen);
	if (monitor->verify) {
		store = trust_store(trust, monitor->ca_file, error);
		if (store == NULL)
			return false;
	}
	if (context->ssl_ctx != NULL && context->store == store &&
	    memcmp(seen, context->seen, sizeof seen) == 0)
		return true;
	SSL_CTX *ssl_ctx = make_context(monitor, error);
	if (ssl_ctx == NULL)
		return false;
	SSL_CTX_free(context->ssl_ctx);
	context->ssl_ctx = ssl_ctx;
	context->store = store;
	memcpy(context->seen, seen, sizeof seen);
	trust_apply_shared(ssl_ctx, store, monitor->min_tls, check_of);
	return true;
}

static void resume_session(struct tls *tls)
{
	const unsigned char *at = tls->session;
	SSL_SESSION *session = d2i_SSL_SESSION(NULL, &at, tls->session_len);
	if (session != NULL)
		SSL_set_session(tls->ssl, session);
	SSL_SESSION_free(session);
	ERR_clear_error();
}

bool tls_open(struct tls *tls, struct tls_contexts *contexts, struct tls_context *context, int fd,
	      bool resume, struct error *error)
{
	if (!refresh(context, contexts->trust, error))
		return false;
	SSL *ssl = SSL_new(context->ssl_ctx);
	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1)
		abort(); /* as in mem.h */
	tls->ssl = ssl;
	SSL_set_app_data(ssl, tls);
	SSL_set_connect_state(ssl);
	if (!trust_name(ssl, tls->check.name)) {
		error_set(error, "\"%s\" cannot be a certificate's name", tls->check.name);
		return false;
	}
	if (resume && tls->session != NULL && tls->session_context == context->ssl_ctx)
		resume_session(tls);
	return true;
}

void tls_close(struct tls *tls)
{
	/* Freed while it is open, it would take the session's good name with it. */
	if (tls->ssl != NULL)
		SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(tls->ssl);
	tls->ssl = NULL;
}

void tls_fini(struct tls *tls)
{
	tls_close(tls);
	free(tls->session);
	tls->session = NULL;
	trust_check_fini(&tls->check);
}

static enum tls_result outcome(const struct tls *tls, int code)
{
	switch (SSL_get_error(tls->ssl, code)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANTS_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_CLOSED;
	default:
		return TLS_FAILED;
	}
}

enum tls_result tls_handshake(struct tls *tls)
{
	ERR_clear_error();
	errno = 0;
	int code = SSL_do_handshake(tls->ssl);
	return code == 1 ? TLS_DONE : outcome(tls, code);
}

enum tls_result tls_read(struct tls *tls, char *octets, size_t *len)
{
	ERR_clear_error();
	errno = 0;
	int code = SSL_read_ex(tls->ssl, octets, *len, len);
	return code == 1 ? TLS_DONE : outcome(tls, code);
}

enum tls_result tls_write(struct tls *tls, const char *octets, size_t len)
{
	size_t written;
	ERR_clear_error();
	errno = 0;
	int code = SSL_write_ex(tls->ssl, octets, len, &written);
	return code == 1 ? TLS_DONE : outcome(tls, code);
}

int tls_error(const struct tls *tls, char *why, size_t len)
{
	char text[256];
	int code = errno; /* of the operation that failed just now */
	unsigned long error = ERR_peek_error();
	(void)tls;
	why[0] = '\0';
	if (error == 0)
		return code;
	ERR_error_string_n(error, text, sizeof text);
	if (!tls_words(text, why, len))
		why[0] = '\0';
	ERR_clear_error();
	return 0;
}
