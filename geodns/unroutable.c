/* Knows which addresses are not globally reachable. */
#include "geodns/unroutable.h"

#include "geodns/ranges.h"

/* IANA IPv4 Special-Purpose Address Registry, "Globally Reachable: False"; multicast and above. */
static const struct unroutable_range ipv4[] = {
	{0x00000000, 0x00ffffff}, /* 0.0.0.0/8, RFC 791 */
	{0x0a000000, 0x0affffff}, /* 10.0.0.0/8, RFC 1918 */
	{0x64400000, 0x647fffff}, /* 100.64.0.0/10, RFC 6598 */
	{0x7f000000, 0x7fffffff}, /* 127.0.0.0/8, RFC 1122 */
	{0xa9fe0000, 0xa9feffff}, /* 169.254.0.0/16, RFC 3927 */
	{0xac100000, 0xac1fffff}, /* 172.16.0.0/12, RFC 1918 */
	{0xc0000000, 0xc00000ff}, /* 192.0.0.0/24, RFC 6890 */
	{0xc0000200, 0xc00002ff}, /* 192.0.2.0/24, RFC 5737 */
	{0xc0a80000, 0xc0a8ffff}, /* 192.168.0.0/16, RFC 1918 */
	{0xc6120000, 0xc613ffff}, /* 198.18.0.0/15, RFC 2544 */
	{0xc6336400, 0xc63364ff}, /* 198.51.100.0/24, RFC 5737 */
	{0xcb007100, 0xcb0071ff}, /* 203.0.113.0/24, RFC 5737 */
	{0xe0000000, 0xffffffff}, /* 224.0.0.0/3, RFC 5771 and 1112 */
};

/* Upper 64 bits. Left out, for they carry IPv4: ::/64, 64:ff9b::/64 (addr_embedded_ipv4). */
static const struct unroutable_range ipv6[] = {
	{UINT64_C(0x0000000000000001), UINT64_C(0x0064ff9affffffff)},
	{UINT64_C(0x0064ff9b00000001), UINT64_C(0x1fffffffffffffff)}, /* below 2000::/3 */
	{UINT64_C(0x2001000200000000), UINT64_C(0x200100020000ffff)}, /* 2001:2::/48, RFC 5180 */
	{UINT64_C(0x2001001000000000), UINT64_C(0x2001002fffffffff)}, /* ORCHID, RFC 4843, 7343 */
	{UINT64_C(0x20010db800000000), UINT64_C(0x20010db8ffffffff)}, /* 2001:db8::/32, RFC 3849 */
	{UINT64_C(0x3fff000000000000), UINT64_C(0x3fff0fffffffffff)}, /* 3fff::/20, RFC 9637 */
	{UINT64_C(0x4000000000000000), UINT64_C(0xffffffffffffffff)}, /* above 2000::/3 */
};

const struct unroutable_range *unroutable_ranges(enum addr_family family, size_t *count)
{
	*count = family == ADDR_IPV4 ? sizeof ipv4 / sizeof *ipv4 : sizeof ipv6 / sizeof *ipv6;
	return family == ADDR_IPV4 ? ipv4 : ipv6;
}

bool unroutable_contains(const struct addr *addr)
{
	struct addr inside;
	if (addr_embedded_ipv4(addr, &inside, NULL))
		return unroutable_contains(&inside);
	uint64_t key =
		addr->family == ADDR_IPV4 ? ranges_key4(addr) : (uint64_t)(ranges_key6(addr) >> 64);
	size_t count;
	const struct unroutable_range *ranges = unroutable_ranges(addr->family, &count);
	for (size_t i = 0; i < count; i++) {
		if (key >= ranges[i].first && key <= ranges[i].last)
			return true;
	}
	/* What is left of ::/64 and 64:ff9b::/64 embeds nothing: ::, ::1 and unassigned. */
	return addr->family == ADDR_IPV6 && key < UINT64_C(0x2000000000000000);
}
