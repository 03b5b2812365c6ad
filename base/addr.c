/* Knows the two address families: their text, their order and how one hides in the other. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned addr_bits(const struct addr *addr)
{
	return addr->family == ADDR_IPV4 ? 32 : addr->family == ADDR_IPV6 ? 128 : 0;
}

bool addr_parse(const char *text, struct addr *addr)
{
	memset(addr, 0, sizeof *addr);
	if (inet_pton(AF_INET, text, addr->bytes) == 1) {
		addr->family = ADDR_IPV4;
		return true;
	}
	if (inet_pton(AF_INET6, text, addr->bytes) == 1) {
		addr->family = ADDR_IPV6;
		return true;
	}
	return false;
}

void addr_format(const struct addr *addr, char text[ADDR_TEXT_MAX])
{
	int family = addr->family == ADDR_IPV4 ? AF_INET : AF_INET6;
	if (addr->family == ADDR_NONE ||
	    inet_ntop(family, addr->bytes, text, ADDR_TEXT_MAX) == NULL)
		snprintf(text, ADDR_TEXT_MAX, "-");
}

int addr_compare(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_compare(a, b) == 0;
}

void addr_mask(struct addr *addr, unsigned len)
{
	unsigned octet = len / 8;
	if (octet >= sizeof addr->bytes)
		return;
	addr->bytes[octet] = (uint8_t)(addr->bytes[octet] & ~(0xffu >> (len % 8)));
	memset(addr->bytes + octet + 1, 0, sizeof addr->bytes - octet - 1);
}

socklen_t addr_to_sockaddr(const struct addr *addr, uint16_t port, struct sockaddr_storage *to)
{
	memset(to, 0, sizeof *to);
	if (addr->family == ADDR_IPV4) {
		struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
		memcpy(&in.sin_addr, addr->bytes, 4);
		memcpy(to, &in, sizeof in);
		return sizeof in;
	}
	struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	memcpy(&in.sin6_addr, addr->bytes, 16);
	memcpy(to, &in, sizeof in);
	return sizeof in;
}

bool addr_embedded_ipv4(const struct addr *addr, struct addr *v4, unsigned *prefix_bits)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
	static const uint8_t six_to_four[2] = {0x20, 0x02};
	static const uint8_t teredo[4] = {0x20, 0x01, 0x00, 0x00};
	const uint8_t *bytes = addr->bytes;
	size_t at;
	uint8_t invert = 0;
	if (addr->family != ADDR_IPV6)
		return false;
	if (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, nat64, 12) == 0) {
		at = 12;
	} else if (memcmp(bytes, six_to_four, 2) == 0) {
		at = 2;
	} else if (memcmp(bytes, teredo, 4) == 0) {
		at = 12;
		invert = 0xff;
	} else {
		return false;
	}
	memset(v4, 0, sizeof *v4);
	for (size_t i = 0; i < 4; i++)
		v4->bytes[i] = bytes[at + i] ^ invert;
	v4->family = ADDR_IPV4;
	if (prefix_bits != NULL)
		*prefix_bits = (unsigned)(8 * at);
	return true;
}

static bool parse_length(const char *text, unsigned limit, uint8_t *len)
{
	unsigned value = 0;
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 3 || text[digits] != '\0' || (text[0] == '0' && digits > 1))
		return false;
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	if (value > limit)
		return false;
	*len = (uint8_t)value;
	return true;
}

/* What TEXT says, bits beyond the length and all; or why it says nothing. */
static const char *read_prefix(const char *text, struct prefix *prefix)
{
	char address[ADDR_TEXT_MAX];
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	if (len >= sizeof address)
		return "is not an IPv4 or IPv6 prefix";
	memcpy(address, text, len);
	address[len] = '\0';
	if (!addr_parse(address, &prefix->addr))
		return "is not an IPv4 or IPv6 prefix";
	prefix->len = (uint8_t)addr_bits(&prefix->addr);
	if (slash != NULL && !parse_length(slash + 1, addr_bits(&prefix->addr), &prefix->len))
		return "has a length that is not a number from 0 to the bits of its family";
	return NULL;
}

bool prefix_parse(const char *text, struct prefix *prefix, const char **why)
{
	const char *fault = read_prefix(text, prefix);
	if (fault == NULL) {
		struct addr masked = prefix->addr;
		addr_mask(&masked, prefix->len);
		fault = addr_equal(&masked, &prefix->addr) ? NULL
							   : "has bits set beyond its length";
	}
	if (why != NULL && fault != NULL)
		*why = fault;
	return fault == NULL;
}

bool prefix_parse_around(const char *text, struct prefix *prefix)
{
	if (read_prefix(text, prefix) != NULL)
		return false;
	addr_mask(&prefix->addr, prefix->len);
	return true;
}

void prefix_format(const struct prefix *prefix, char text[PREFIX_TEXT_MAX])
{
	char address[ADDR_TEXT_MAX];
	addr_format(&prefix->addr, address);
	snprintf(text, PREFIX_TEXT_MAX, "%s/%u", address, prefix->len);
}

bool prefix_contains(const struct prefix *prefix, const struct addr *addr)
{
	if (prefix->addr.family != addr->family)
		return false;
	struct addr masked = *addr;
	addr_mask(&masked, prefix->len);
	return addr_equal(&masked, &prefix->addr);
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	int order = addr_compare(&a->addr, &b->addr);
	return order != 0 ? order : (int)a->len - (int)b->len;
}
