/* Knows which types and response codes have a counter of their own. */
#include "geodns/counters.h"

#include "base/mem.h"
#include "geodns/wire/dns.h"

#include <stdlib.h>
#include <sys/mman.h>

/* The most asked first: the answer path looks at every query. */
static const struct {
	uint16_t type;
	const char *name;
} types[COUNTERS_TYPES] = {
	{DNS_TYPE_A, "A"},	     {DNS_TYPE_AAAA, "AAAA"},
	{DNS_TYPE_HTTPS, "HTTPS"},   {DNS_TYPE_NS, "NS"},
	{DNS_TYPE_CNAME, "CNAME"},   {DNS_TYPE_SOA, "SOA"},
	{DNS_TYPE_PTR, "PTR"},	     {DNS_TYPE_MX, "MX"},
	{DNS_TYPE_TXT, "TXT"},	     {DNS_TYPE_SRV, "SRV"},
	{DNS_TYPE_NAPTR, "NAPTR"},   {DNS_TYPE_DS, "DS"},
	{DNS_TYPE_DNSKEY, "DNSKEY"}, {DNS_TYPE_TLSA, "TLSA"},
	{DNS_TYPE_SVCB, "SVCB"},     {DNS_TYPE_CAA, "CAA"},
	{DNS_TYPE_ANY, "ANY"},	     {DNS_TYPE_AXFR, "AXFR"},
	{DNS_TYPE_IXFR, "IXFR"},     {0, "other"},
};

static const struct {
	uint16_t rcode;
	const char *name;
} rcodes[COUNTERS_RCODES] = {
	{DNS_RCODE_NOERROR, "NOERROR"},
	{DNS_RCODE_FORMERR, "FORMERR"},
	{DNS_RCODE_SERVFAIL, "SERVFAIL"},
	{DNS_RCODE_NXDOMAIN, "NXDOMAIN"},
	{DNS_RCODE_NOTIMP, "NOTIMP"},
	{DNS_RCODE_REFUSED, "REFUSED"},
	{DNS_RCODE_YXDOMAIN, "YXDOMAIN"},
	{DNS_RCODE_NOTAUTH, "NOTAUTH"},
	{DNS_RCODE_BADVERS, "BADVERS"},
	{DNS_RCODE_BADCOOKIE, "BADCOOKIE"},
	{UINT16_MAX, "other"},
};

struct counters *counters_new(void)
{
	struct counters *counters = mem_new(struct counters);
	void *answers = mmap(NULL, COUNTERS_ANSWERS * sizeof(uint64_t), PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (answers == MAP_FAILED)
		abort();
	counters->answers = answers;
	counters->pages = answers;
	return counters;
}

void counters_free(struct counters *counters)
{
	if (counters == NULL)
		return;
	munmap(counters->pages, COUNTERS_ANSWERS * sizeof(uint64_t));
	free(counters);
}

static uint64_t value_of(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

uint64_t counters_queries(const struct counters *counters, bool stream, bool ipv6, unsigned type)
{
	uint64_t sum = value_of(&counters->queries[stream][ipv6][type]);
	for (unsigned code = 0; code < COUNTERS_CODES; code++)
		for (unsigned ecs = 0; ecs < 2; ecs++)
			sum += value_of(&counters->plain[code << 3 | (unsigned)stream << 2 |
							 (unsigned)ipv6 << 1 | ecs][type]);
	return sum;
}

static const uint16_t codes[COUNTERS_CODES] = {DNS_RCODE_NOERROR, DNS_RCODE_NXDOMAIN,
					       DNS_RCODE_REFUSED};

/* All answers of the short way with one CODE, or of those with a client subnet alone. */
static uint64_t plain_sum(const struct counters *counters, unsigned code, bool ecs_alone)
{
	uint64_t sum = 0;
	for (unsigned at = 0; at < 8; at++) {
		for (unsigned type = 0; type < COUNTERS_TYPES && ((at & 1) != 0 || !ecs_alone);
		     type++)
			sum += value_of(&counters->plain[code << 3 | at][type]);
	}
	return sum;
}

uint64_t counters_responses(const struct counters *counters, unsigned rcode)
{
	uint64_t sum = value_of(&counters->responses[rcode]);
	for (unsigned code = 0; code < COUNTERS_CODES; code++)
		sum += rcodes[rcode].rcode == codes[code] ? plain_sum(counters, code, false) : 0;
	return sum;
}

uint64_t counters_ecs(const struct counters *counters)
{
	uint64_t sum = value_of(&counters->ecs);
	for (unsigned code = 0; code < COUNTERS_CODES; code++)
		sum += plain_sum(counters, code, true);
	return sum;
}

/* By type, one more than its place; 0 is "other". */
static const uint8_t low_types[] = {
	[DNS_TYPE_A] = 1,	[DNS_TYPE_AAAA] = 2,  [DNS_TYPE_HTTPS] = 3,  [DNS_TYPE_NS] = 4,
	[DNS_TYPE_CNAME] = 5,	[DNS_TYPE_SOA] = 6,   [DNS_TYPE_PTR] = 7,    [DNS_TYPE_MX] = 8,
	[DNS_TYPE_TXT] = 9,	[DNS_TYPE_SRV] = 10,  [DNS_TYPE_NAPTR] = 11, [DNS_TYPE_DS] = 12,
	[DNS_TYPE_DNSKEY] = 13, [DNS_TYPE_TLSA] = 14, [DNS_TYPE_SVCB] = 15,
};

unsigned counters_type_rare(uint16_t type)
{
	if (type < sizeof low_types && low_types[type] != 0)
		return low_types[type] - 1u;
	unsigned i = 15; /* CAA and what is above it */
	while (i + 1 < COUNTERS_TYPES && types[i].type != type)
		i++;
	return i;
}

unsigned counters_rcode(unsigned rcode)
{
	unsigned i = 0;
	while (i + 1 < COUNTERS_RCODES && rcodes[i].rcode != rcode)
		i++;
	return i;
}

const char *counters_type_name(unsigned place)
{
	return types[place].name;
}

const char *counters_rcode_name(unsigned place)
{
	return rcodes[place].name;
}
