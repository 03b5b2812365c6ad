/*
 * limiter: token buckets by key (an address, a name), so that nobody guesses passwords or floods
 * the store. Bounded: the bucket longest untouched makes room. Thread-safe.
 */
#ifndef MERIDIAN_WEB_LIMITER_H
#define MERIDIAN_WEB_LIMITER_H

#include "base/mono.h"

enum { LIMITER_KEYS_MAX = 4096, LIMITER_KEY_MAX = 96 };

struct limiter;

/* A bucket holds BURST tokens and gains one each REFILL_MS. */
struct limiter *limiter_new(unsigned burst, int64_t refill_ms);
void limiter_free(struct limiter *limiter);

/* Takes a token of KEY: 0, or the seconds (at least 1) until there is one. A key longer than
 * LIMITER_KEY_MAX is cut. */
unsigned limiter_take(struct limiter *limiter, const char *key, struct mono now);
/* Gives a token back, for what turned out to be no attempt. */
void limiter_give(struct limiter *limiter, const char *key);

#endif
