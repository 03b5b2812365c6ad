/* Knows which responses share an account, and when an account is empty. */
#include "geodns/rrl.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
	WAYS = 4,	/* accounts a set: one cache line */
	SETS = 1 << 14, /* 65,536 accounts in a megabyte a worker */
	IPV4_BITS = 24, /* the common unit of assignment */
	IPV6_BITS = 56, /* what a site is given (RFC 6177) */
	NS_A_SECOND = 1000000000
};

/*
 * The generic cell rate algorithm (ITU-T I.371): FULL is when the account will have its whole
 * second of responses again; each response moves it by 1/rate.
 */
struct account {
	uint64_t key; /* 0: free */
	int64_t full_ns;
};

struct set {
	_Alignas(64) struct account ways[WAYS];
};

struct rrl {
	struct rrl_settings settings;
	uint64_t seed[2];
	int64_t step_ns; /* what one response costs */
	uint64_t beyond; /* responses beyond the rate, for slip */
	struct set sets[SETS];
};

struct rrl *rrl_new(const struct rrl_settings *settings, uint64_t seed)
{
	if (settings->rate == 0)
		return NULL;
	struct rrl *rrl = aligned_alloc(_Alignof(struct set), sizeof *rrl);
	if (rrl == NULL)
		abort();
	memset(rrl, 0, sizeof *rrl);
	rrl->settings = *settings;
	rrl->seed[0] = seed | 1;
	rrl->seed[1] = (seed ^ 0x9e3779b97f4a7c15) | 1;
	rrl->step_ns = (int64_t)NS_A_SECOND * settings->share / settings->rate;
	return rrl;
}

void rrl_free(struct rrl *rrl)
{
	free(rrl);
}

bool rrl_allows(const struct rrl *rrl, const struct addr *source)
{
	for (unsigned i = 0; i < rrl->settings.allow_count; i++) {
		const struct prefix *allow = &rrl->settings.allow[i];
		if (allow->addr.family == source->family && prefix_contains(allow, source))
			return true;
	}
	return false;
}

/* A product of 128 bits folded: each bit of the result hangs on all of both. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t source_network(const struct addr *source)
{
	unsigned bits = source->family == ADDR_IPV6 ? IPV6_BITS : IPV4_BITS;
	uint64_t network = source->family;
	for (unsigned i = 0; i < bits / 8; i++)
		network = network << 8 | source->bytes[i];
	return network;
}

static uint64_t account_key(const struct rrl *rrl, const struct addr *source, enum rrl_class class_,
			    uint64_t name)
{
	bool by_name = class_ == RRL_NORMAL || class_ == RRL_EMPTY;
	uint64_t what = (by_name ? name : 0) ^ (uint64_t)class_ << 60;
	uint64_t key = fold(source_network(source) ^ rrl->seed[0], what ^ rrl->seed[1]);
	return fold(key ^ rrl->seed[1], rrl->seed[0]) | 1;
}

/* The account of KEY; where it has none, the quietest of its set becomes it. */
static struct account *find(struct rrl *rrl, uint64_t key)
{
	struct set *set = &rrl->sets[key >> 32 & (SETS - 1)];
	struct account *quietest = &set->ways[0];
	for (unsigned i = 0; i < WAYS; i++) {
		struct account *account = &set->ways[i];
		if (account->key == key)
			return account;
		if (account->full_ns < quietest->full_ns)
			quietest = account;
	}
	*quietest = (struct account){.key = key};
	return quietest;
}

static enum rrl_action beyond(struct rrl *rrl)
{
	unsigned slip = rrl->settings.slip;
	return slip > 0 && rrl->beyond++ % slip == 0 ? RRL_TRUNCATE : RRL_DROP;
}

enum rrl_action rrl_account(struct rrl *rrl, const struct addr *source, enum rrl_class class_,
			    uint64_t name, struct mono now)
{
	struct account *account = find(rrl, account_key(rrl, source, class_, name));
	int64_t full_ns = account->full_ns > now.ns ? account->full_ns : now.ns;
	/* A rate below one a second still gives one. */
	int64_t most_ns = rrl->step_ns > NS_A_SECOND ? rrl->step_ns : NS_A_SECOND;
	if (full_ns + rrl->step_ns - now.ns > most_ns)
		return beyond(rrl);
	account->full_ns = full_ns + rrl->step_ns;
	return RRL_PASS;
}
