/* Knows which types of RFC 1035 section 3.3 hold names, and where. */
#include "geodns/wire/rdata_names.h"

#include "geodns/wire/dns.h"

struct rdata_names rdata_names_of(uint16_t type)
{
	switch (type) {
	case DNS_TYPE_NS:
	case DNS_TYPE_MD:
	case DNS_TYPE_MF:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_MB:
	case DNS_TYPE_MG:
	case DNS_TYPE_MR:
	case DNS_TYPE_PTR:
		return (struct rdata_names){0, 1};
	case DNS_TYPE_SOA: /* MNAME, RNAME, then five numbers */
	case DNS_TYPE_MINFO:
		return (struct rdata_names){0, 2};
	case DNS_TYPE_MX: /* PREFERENCE, then EXCHANGE */
		return (struct rdata_names){2, 1};
	default:
		return (struct rdata_names){0, 0};
	}
}
