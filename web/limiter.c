/* Knows how often somebody may try. */
#include "web/limiter.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bucket {
	char key[LIMITER_KEY_MAX];
	unsigned tokens;
	struct mono refilled; /* when TOKENS was true */
	struct mono touched;
};

struct limiter {
	pthread_mutex_t mutex;
	unsigned burst;
	int64_t refill_ms;
	size_t count;
	struct bucket buckets[LIMITER_KEYS_MAX];
};

struct limiter *limiter_new(unsigned burst, int64_t refill_ms)
{
	struct limiter *limiter = mem_new(struct limiter);
	limiter->burst = burst;
	limiter->refill_ms = refill_ms;
	pthread_mutex_init(&limiter->mutex, NULL);
	return limiter;
}

void limiter_free(struct limiter *limiter)
{
	if (limiter == NULL)
		return;
	pthread_mutex_destroy(&limiter->mutex);
	free(limiter);
}

static struct bucket *bucket_find(struct limiter *limiter, const char *key)
{
	for (size_t i = 0; i < limiter->count; i++) {
		if (strncmp(limiter->buckets[i].key, key, LIMITER_KEY_MAX - 1) == 0)
			return &limiter->buckets[i];
	}
	return NULL;
}

static struct bucket *bucket_make(struct limiter *limiter, const char *key, struct mono now)
{
	struct bucket *bucket = &limiter->buckets[0];
	if (limiter->count < LIMITER_KEYS_MAX) {
		bucket = &limiter->buckets[limiter->count++];
	} else {
		for (size_t i = 1; i < limiter->count; i++) {
			if (limiter->buckets[i].touched.ns < bucket->touched.ns)
				bucket = &limiter->buckets[i];
		}
	}
	snprintf(bucket->key, sizeof bucket->key, "%s", key);
	bucket->tokens = limiter->burst;
	bucket->refilled = now;
	return bucket;
}

static void refill(const struct limiter *limiter, struct bucket *bucket, struct mono now)
{
	int64_t gained = mono_ms_between(bucket->refilled, now) / limiter->refill_ms;
	if (gained <= 0)
		return;
	bucket->refilled = mono_add_ms(bucket->refilled, gained * limiter->refill_ms);
	int64_t tokens = (int64_t)bucket->tokens + gained;
	bucket->tokens = tokens < (int64_t)limiter->burst ? (unsigned)tokens : limiter->burst;
}

unsigned limiter_take(struct limiter *limiter, const char *key, struct mono now)
{
	pthread_mutex_lock(&limiter->mutex);
	struct bucket *bucket = bucket_find(limiter, key);
	if (bucket == NULL)
		bucket = bucket_make(limiter, key, now);
	refill(limiter, bucket, now);
	bucket->touched = now;
	unsigned wait_s = 0;
	if (bucket->tokens > 0)
		bucket->tokens--;
	else
		wait_s = (unsigned)((limiter->refill_ms - mono_ms_between(bucket->refilled, now)) /
				    1000) +
			 1;
	pthread_mutex_unlock(&limiter->mutex);
	return wait_s;
}

void limiter_give(struct limiter *limiter, const char *key)
{
	pthread_mutex_lock(&limiter->mutex);
	struct bucket *bucket = bucket_find(limiter, key);
	if (bucket != NULL && bucket->tokens < limiter->burst)
		bucket->tokens++;
	pthread_mutex_unlock(&limiter->mutex);
}
