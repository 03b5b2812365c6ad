/*
 * idempotency: what a POST with an Idempotency-Key answered, so that the same key is answered the
 * same again and nothing is done twice. In memory; bounded; an answer is kept for 24 hours.
 * Thread-safe.
 */
#ifndef MERIDIAN_WEB_IDEMPOTENCY_H
#define MERIDIAN_WEB_IDEMPOTENCY_H

#include "base/mono.h"
#include "web/response.h"

enum {
	IDEMPOTENCY_KEPT_MAX = 1000,
	IDEMPOTENCY_KEPT_MS = 24 * 3600 * 1000,
	IDEMPOTENCY_KEY_MAX = 128,
	IDEMPOTENCY_BODY_MAX = 256 << 10 /* a longer answer is not kept */
};

struct idempotency;

enum idempotency_result {
	IDEMPOTENCY_NEW,       /* go on; then idempotency_keep() or idempotency_forget() */
	IDEMPOTENCY_AGAIN,     /* *RESPONSE is a copy of the first answer */
	IDEMPOTENCY_UNDER_WAY, /* the first is not answered yet */
	IDEMPOTENCY_DIFFERS    /* another body came with this key */
};

struct idempotency *idempotency_new(void);
void idempotency_free(struct idempotency *idempotency);

/* WHAT names caller, method, path and key; BODY is what came with it. */
enum idempotency_result idempotency_begin(struct idempotency *idempotency, const char *what,
					  const char *body, size_t len, struct mono now,
					  struct response **response);
/* Keeps a copy of RESPONSE. */
void idempotency_keep(struct idempotency *idempotency, const char *what,
		      const struct response *response);
void idempotency_forget(struct idempotency *idempotency, const char *what);

#endif
