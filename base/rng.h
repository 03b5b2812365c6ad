/* rng: a small fast generator (xoshiro256**, Blackman and Vigna 2018) for jitter, picks and tests;
 * not for secrets. */
#ifndef MERIDIAN_BASE_RNG_H
#define MERIDIAN_BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state[4];
};

/* The same seed gives the same sequence. */
void rng_init(struct rng *rng, uint64_t seed);

/* A seed from the kernel (getrandom); the clock's where that fails. */
uint64_t rng_seed(void);

uint64_t rng_next(struct rng *rng);

/* As rng_next(), from a shorter sequence of the same generator's state: for one choice a query
 * (wyrand, Wang Yi 2019). */
static inline uint64_t rng_quick(struct rng *rng)
{
	rng->state[0] += UINT64_C(0xa0761d6478bd642f);
	unsigned __int128 product =
		(unsigned __int128)rng->state[0] * (rng->state[0] ^ UINT64_C(0xe7037ed1a0b428db));
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Uniform in 0..LIMIT-1 (Lemire 2019, without the rejection step: bias below LIMIT/2^64). LIMIT >
 * 0. */
uint64_t rng_below(struct rng *rng, uint64_t limit);

#endif
