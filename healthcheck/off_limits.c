/* Knows the ranges. */
#include "healthcheck/off_limits.h"

#include <assert.h>
#include <stddef.h>

static const struct {
	const char *prefix, *what;
} ranges[] = {
	{"169.254.0.0/16", "link-local"},		    /* RFC 3927 */
	{"fe80::/10", "link-local"},			    /* RFC 4291 section 2.5.6 */
	{"224.0.0.0/24", "link-local"},			    /* RFC 5771 section 4 */
	{"ff02::/16", "link-local"},			    /* RFC 4291 section 2.7 */
	{"fd00:ec2::/32", "a cloud's metadata address"},    /* AWS: instances, and pods of EKS */
	{"fd20:ce::254/128", "a cloud's metadata address"}, /* Google */
	{"fd00:c1::a9fe:a9fe/128", "a cloud's metadata address"}, /* Oracle */
	{"fd00:42::42/128", "a cloud's metadata address"},	  /* Scaleway */
	{"fd00:a9fe:a9fe::1/128", "a cloud's metadata address"},  /* Akamai */
	{"fd00:100::100:200/128", "a cloud's metadata address"},  /* Alibaba */
	{"100.100.100.200/32", "a cloud's metadata address"},	  /* Alibaba */
	{"168.63.129.16/32", "a cloud's metadata address"},	  /* Azure */
	{"192.0.0.192/32", "a cloud's metadata address"},	  /* Oracle */
};

const char *off_limits(const struct addr *address)
{
	struct addr inside;
	unsigned bits;
	/* ::ffff:169.254.169.254 and its like lead to the same place. */
	if (addr_embedded_ipv4(address, &inside, &bits))
		address = &inside;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		struct prefix prefix;
		const char *why;
		bool parsed = prefix_parse(ranges[i].prefix, &prefix, &why);
		assert(parsed);
		if (prefix_contains(&prefix, address))
			return ranges[i].what;
	}
	return NULL;
}
