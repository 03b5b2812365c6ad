/* Knows where the parameters stand in the RDATA of SVCB and HTTPS (RFC 9460 section 2.2). */
#include "db/svcb.h"

enum {
	TYPE_SVCB = 64,
	TYPE_HTTPS = 65,
	KEY_IPV4HINT = 4, /* RFC 9460 section 14.3.2 */
	KEY_IPV6HINT = 6,
	PRIORITY_LEN = 2,
	PARAMETER_FIXED = 4 /* key and length */
};

static unsigned get_u16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static bool record_hints(const uint8_t *rdata, size_t len)
{
	/* The root is one octet 0. */
	if (len < PRIORITY_LEN + 1 || rdata[PRIORITY_LEN] != 0)
		return false;
	size_t at = PRIORITY_LEN + 1;
	while (len - at >= PARAMETER_FIXED) {
		unsigned key = get_u16(rdata + at);
		size_t value = get_u16(rdata + at + 2);
		if (key == KEY_IPV4HINT || key == KEY_IPV6HINT)
			return true;
		if (value > len - at - PARAMETER_FIXED)
			return false;
		at += PARAMETER_FIXED + value;
	}
	return false;
}

bool svcb_hints_at_itself(const struct rrset *rrset)
{
	if (rrset->type != TYPE_SVCB && rrset->type != TYPE_HTTPS)
		return false;
	const uint8_t *rdata = rrset->rdata;
	for (size_t at = 0; rrset->rdata_len - at >= 2;) {
		size_t len = get_u16(rdata + at);
		if (len > rrset->rdata_len - at - 2)
			return false;
		if (record_hints(rdata + at + 2, len))
			return true;
		at += 2 + len;
	}
	return false;
}
