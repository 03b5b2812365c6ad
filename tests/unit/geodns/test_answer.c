/* What each kind of question is answered with, by the section that says so. */
#include "tests/unit/geodns/served.h"

static const char document[] =
	"{\"meridian\": 1, \"pools\": ["
	"{\"name\": \"eu\", \"endpoints\": [{\"name\": \"eu1\", \"address\": \"192.0.2.10\"}]},"
	"{\"name\": \"host\", \"kind\": \"cname\", \"endpoints\": [{\"name\": \"h\", \"address\": "
	"\"edge.example.net\"}]},"
	"{\"name\": \"self\", \"kind\": \"cname\", \"endpoints\": [{\"name\": \"h\", \"address\": "
	"\"ns1.example.com\"}]},"
	"{\"name\": \"round\", \"kind\": \"cname\", \"endpoints\": [{\"name\": \"h\", \"address\": "
	"\"loopsvc.example.com\"}]}],"
	"\"zones\": [{\"name\": \"example.com\", \"ttl\": 300, \"primary\": \"ns1.example.com.\","
	"\"contact\": \"hostmaster.example.com.\", \"negative_ttl\": 60, \"records\": ["
	"{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns1.example.com.\"]},"
	"{\"name\": \"@\", \"type\": \"TXT\", \"data\": [\"\\\"apex\\\"\"]},"
	"{\"name\": \"ns1\", \"type\": \"A\", \"data\": [\"192.0.2.53\"]},"
	"{\"name\": \"a.b.c\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]},"
	"{\"name\": \"*.wild\", \"type\": \"TXT\", \"data\": [\"\\\"w\\\"\"]},"
	"{\"name\": \"host.wild\", \"type\": \"A\", \"data\": [\"192.0.2.2\"]},"
	"{\"name\": \"x.ent.wild\", \"type\": \"A\", \"data\": [\"192.0.2.3\"]},"
	"{\"name\": \"*.cw\", \"type\": \"CNAME\", \"data\": [\"ns1\"]},"
	"{\"name\": \"alias\", \"type\": \"CNAME\", \"data\": [\"alias2\"]},"
	"{\"name\": \"alias2\", \"type\": \"CNAME\", \"data\": [\"ns1\"]},"
	"{\"name\": \"loop1\", \"type\": \"CNAME\", \"data\": [\"loop2\"]},"
	"{\"name\": \"loop2\", \"type\": \"CNAME\", \"data\": [\"loop1\"]},"
	"{\"name\": \"loopsvc\", \"type\": \"CNAME\", \"data\": [\"round\"]},"
	"{\"name\": \"dangling\", \"type\": \"CNAME\", \"data\": [\"nowhere\"]},"
	"{\"name\": \"nodata\", \"type\": \"CNAME\", \"data\": [\"b.c\"]},"
	"{\"name\": \"away\", \"type\": \"CNAME\", \"data\": [\"www.example.org.\"]},"
	"{\"name\": \"towww\", \"type\": \"CNAME\", \"data\": [\"www\"]},"
	"{\"name\": \"tosub\", \"type\": \"CNAME\", \"data\": [\"x.sub\"]},"
	"{\"name\": \"sub\", \"type\": \"NS\", \"data\": [\"ns.sub\", \"ns1\", "
	"\"ns.example.org.\"]},"
	"{\"name\": \"sub\", \"type\": \"DS\", \"data\": [\"1 8 2 "
	"0000000000000000000000000000000000000000000000000000000000000000\"]},"
	"{\"name\": \"bywild\", \"type\": \"NS\", \"data\": [\"ns.gl\"]},"
	"{\"name\": \"*.gl\", \"type\": \"A\", \"data\": [\"192.0.2.20\"]},"
	"{\"name\": \"ns.sub\", \"type\": \"A\", \"data\": [\"192.0.2.54\"]},"
	"{\"name\": \"ns.sub\", \"type\": \"AAAA\", \"data\": [\"2001:db8::54\"]},"
	"{\"name\": \"deep.below.dn\", \"type\": \"A\", \"data\": [\"192.0.2.5\"]},"
	"{\"name\": \"dn\", \"type\": \"DNAME\", \"data\": [\"c\"]},"
	"{\"name\": \"again.c\", \"type\": \"CNAME\", \"data\": [\"a.b.dn\"]},"
	"{\"name\": \"child\", \"type\": \"NS\", \"data\": [\"ns1.child\"]},"
	"{\"name\": \"child\", \"type\": \"DS\", \"data\": [\"2 8 2 "
	"0000000000000000000000000000000000000000000000000000000000000000\"]},"
	"{\"name\": \"ns1.child\", \"type\": \"A\", \"data\": [\"192.0.2.66\"]},"
	"{\"name\": \"old.child\", \"type\": \"A\", \"data\": [\"192.0.2.67\"]},"
	"{\"name\": \"old.sub\", \"type\": \"A\", \"data\": [\"192.0.2.68\"]},"
	"{\"name\": \"*.*.star\", \"type\": \"A\", \"data\": [\"192.0.2.69\"]},"
	"{\"name\": \"cut.wild\", \"type\": \"NS\", \"data\": [\"ns1\"]},"
	"{\"name\": \"x.y.above\", \"type\": \"NS\", \"data\": [\"ns1\"]},"
	"{\"name\": \"m\", \"type\": \"MX\", \"data\": [\"10 ns1\"]},"
	"{\"name\": \"s\", \"type\": \"SRV\", \"data\": [\"1 2 443 NS1\"]},"
	"{\"name\": \"h\", \"type\": \"HTTPS\", \"data\": [\"0 ns1\"]},"
	"{\"name\": \"v\", \"type\": \"SVCB\", \"data\": [\"1 . alpn=h2 ipv4hint=192.0.2.1\"]},"
	"{\"name\": \"loc\", \"type\": \"LOC\", \"data\": [\"52 22 23.000 N 4 53 32.000 E -2.00m "
	"0.00m 10000m 10m\"]},"
	"{\"name\": \"u\", \"type\": \"URI\", \"data\": [\"10 1 \\\"https://example.com/\\\"\"]},"
	"{\"name\": \"sm\", \"type\": \"SMIMEA\", \"data\": [\"3 1 1 abcd\"]},"
	"{\"name\": \"ce\", \"type\": \"CERT\", \"data\": [\"1 1 8 AQIDBA==\"]},"
	"{\"name\": \"ca\", \"type\": \"CAA\", \"data\": [\"128 issue \\\";\\\"\"]},"
	"{\"name\": \"na\", \"type\": \"NAPTR\", \"data\": [\"100 10 \\\"u\\\" \\\"E2U+sip\\\" "
	"\\\"!^.*$!sip:i@example.com!\\\" .\"]},"
	"{\"name\": \"tl\", \"type\": \"TLSA\", \"data\": [\"3 1 1 abcd\"]},"
	"{\"name\": \"sf\", \"type\": \"SSHFP\", \"data\": [\"4 2 abcd\"]},"
	"{\"name\": \"pt\", \"type\": \"PTR\", \"data\": [\"NS1\"]},"
	"{\"name\": \"unknown\", \"type\": \"TYPE65280\", \"data\": [\"\\\\# 3 c00c01\"]}],"
	"\"services\": [{\"name\": \"www\", \"ttl\": 30, \"steering\": \"failover\", \"pools\": "
	"[\"eu\"]},"
	"{\"name\": \"*.svc\", \"ttl\": 30, \"steering\": \"failover\", \"pools\": [\"eu\"]},"
	"{\"name\": \"cdn\", \"ttl\": 20, \"steering\": \"failover\", \"pools\": [\"host\"]},"
	"{\"name\": \"selfcdn\", \"ttl\": 20, \"steering\": \"failover\", \"pools\": [\"self\"]},"
	"{\"name\": \"round\", \"ttl\": 20, \"steering\": \"failover\", \"pools\": [\"round\"]}]},"
	"{\"name\": \"child.example.com\", \"ttl\": 100, \"primary\": \"ns1.child.example.com.\","
	"\"contact\": \"c.example.com.\", \"negative_ttl\": 900, \"records\": ["
	"{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns1\"]},"
	"{\"name\": \"ns1\", \"type\": \"A\", \"data\": [\"192.0.2.77\"]}]},"
	"{\"name\": \"moved.test\", \"ttl\": 100, \"primary\": \"ns1.example.com.\","
	"\"contact\": \"c.example.com.\", \"negative_ttl\": 50, \"records\": ["
	"{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns1.example.com.\"]},"
	"{\"name\": \"@\", \"type\": \"DNAME\", \"ttl\": 77, \"data\": [\"c.example.com.\"]}]}]}";

#define SOA	  " SOA ns1.example.com. hostmaster.example.com. 1 3600 600 1209600 60"
#define CHILD_SOA " SOA ns1.child.example.com. c.example.com. 1 3600 600 1209600 900"
#define MOVED_SOA " SOA ns1.example.com. c.example.com. 1 3600 600 1209600 50"
#define ZEROS	  "0000000000000000000000000000000000000000000000000000000000000000"
#define CUT                                                                                        \
	"sub.example.com. 300 NS ns.sub.example.com. | sub.example.com. 300 NS ns1.example.com. "  \
	"| sub.example.com. 300 NS ns.example.org."
#define GLUE                                                                                       \
	"ns.sub.example.com. 300 A 192.0.2.54 | ns.sub.example.com. 300 AAAA 2001:db8::54 | "      \
	"ns1.example.com. 300 A 192.0.2.53"

static const struct {
	const char *why, *name, *type;
	unsigned rcode;
	bool authoritative;
	const char *answer, *authority, *additional;
} table[] = {
	{"RFC 1034 4.3.2: the name and type are there", "ns1.example.com", "A", 0, true,
	 "ns1.example.com. 300 A 192.0.2.53", "", ""},
	{"RFC 4343: names compare without case, and come back as sent", "NS1.eXample.com", "A", 0,
	 true, "NS1.eXample.com. 300 A 192.0.2.53", "", ""},
	{"RFC 2308 2.2: NODATA", "ns1.example.com", "MX", 0, true, "", "example.com. 60" SOA, ""},
	{"RFC 2308 2.1: NXDOMAIN", "nope.example.com", "A", 3, true, "", "example.com. 60" SOA, ""},
	{"RFC 2308 5: the smaller of SOA TTL and minimum", "nope.child.example.com", "A", 3, true,
	 "", "child.example.com. 100" CHILD_SOA, ""},
	{"RFC 8020: an empty non-terminal exists", "b.c.example.com", "A", 0, true, "",
	 "example.com. 60" SOA, ""},
	{"RFC 1035 3.3.13: SOA is synthesised", "example.com", "SOA", 0, true,
	 "example.com. 300" SOA, "", ""},
	{"RFC 1034 3.6: NS at the apex is data", "example.com", "NS", 0, true,
	 "example.com. 300 NS ns1.example.com.", "", ""},
	{"RFC 4592 2.2: a wildcard stands for what is not there", "x.wild.example.com", "TXT", 0,
	 true, "x.wild.example.com. 300 TXT \"w\"", "", ""},
	{"RFC 4592 2.2: at any depth", "x.y.z.wild.example.com", "TXT", 0, true,
	 "x.y.z.wild.example.com. 300 TXT \"w\"", "", ""},
	{"RFC 4592 2.2.1: not for a name that is there", "host.wild.example.com", "TXT", 0, true,
	 "", "example.com. 60" SOA, ""},
	{"RFC 4592 2.2.1: not below a name that is there", "x.host.wild.example.com", "TXT", 3,
	 true, "", "example.com. 60" SOA, ""},
	{"RFC 4592 2.2.2: not for an empty non-terminal", "ent.wild.example.com", "TXT", 0, true,
	 "", "example.com. 60" SOA, ""},
	{"RFC 4592 2.2.2: not below an empty non-terminal", "y.ent.wild.example.com", "TXT", 3,
	 true, "", "example.com. 60" SOA, ""},
	{"RFC 4592 2.2.1: NODATA of a wildcard", "x.wild.example.com", "A", 0, true, "",
	 "example.com. 60" SOA, ""},
	{"RFC 4592 2.3: the wildcard itself can be asked for", "*.wild.example.com", "TXT", 0, true,
	 "*.wild.example.com. 300 TXT \"w\"", "", ""},
	{"RFC 4592 3.4: a wildcard CNAME", "x.cw.example.com", "A", 0, true,
	 "x.cw.example.com. 300 CNAME ns1.example.com. | ns1.example.com. 300 A 192.0.2.53", "",
	 ""},
	{"RFC 1034 4.3.2 3a: a chain of CNAMEs", "alias.example.com", "A", 0, true,
	 "alias.example.com. 300 CNAME alias2.example.com. | alias2.example.com. 300 CNAME "
	 "ns1.example.com. | ns1.example.com. 300 A 192.0.2.53",
	 "", ""},
	{"RFC 1034 4.3.2 3a: CNAME asked for is not followed", "alias.example.com", "CNAME", 0,
	 true, "alias.example.com. 300 CNAME alias2.example.com.", "", ""},
	{"RFC 1034 5.2.2: a loop ends with what was found", "loop1.example.com", "A", 0, true,
	 "loop1.example.com. 300 CNAME loop2.example.com. | loop2.example.com. 300 CNAME "
	 "loop1.example.com.",
	 "", ""},
	{"RFC 6604 3: the code of the last name", "dangling.example.com", "A", 3, true,
	 "dangling.example.com. 300 CNAME nowhere.example.com.", "example.com. 60" SOA, ""},
	{"RFC 2308 2.2.1: NODATA behind a CNAME", "nodata.example.com", "A", 0, true,
	 "nodata.example.com. 300 CNAME b.c.example.com.", "example.com. 60" SOA, ""},
	{"RFC 1034 4.3.2: a CNAME out of our zones", "away.example.com", "A", 0, true,
	 "away.example.com. 300 CNAME www.example.org.", "", ""},
	{"a CNAME to a service", "towww.example.com", "A", 0, true,
	 "towww.example.com. 300 CNAME www.example.com. | www.example.com. 30 A 192.0.2.10", "",
	 ""},
	{"RFC 1034 4.3.2 3b: a referral with glue", "x.sub.example.com", "A", 0, false, "", CUT,
	 GLUE},
	{"RFC 1034 4.3.2 3b: the cut itself", "sub.example.com", "NS", 0, false, "", CUT, GLUE},
	{"RFC 1034 4.2.1: glue is not an answer", "ns.sub.example.com", "A", 0, false, "", CUT,
	 GLUE},
	{"RFC 4035 3.1.4.1: DS is the parent's", "sub.example.com", "DS", 0, true,
	 "sub.example.com. 300 DS 1 8 2 " ZEROS, "", ""},
	{"RFC 4035 3.1.4.1: DS below the cut is not", "x.sub.example.com", "DS", 0, false, "", CUT,
	 GLUE},
	{"RFC 1034 4.3.2 3b: addresses that a wildcard has", "x.bywild.example.com", "A", 0, false,
	 "", "bywild.example.com. 300 NS ns.gl.example.com.",
	 "ns.gl.example.com. 300 A 192.0.2.20"},
	{"a CNAME to a delegated name", "tosub.example.com", "A", 0, true,
	 "tosub.example.com. 300 CNAME x.sub.example.com.", CUT, GLUE},
	{"RFC 6672 3.2: DNAME and the CNAME from it", "b.dn.example.com", "A", 0, true,
	 "dn.example.com. 300 DNAME c.example.com. | b.dn.example.com. 300 CNAME b.c.example.com.",
	 "example.com. 60" SOA, ""},
	{"RFC 6672 3.2: the chain goes on", "a.b.dn.example.com", "A", 0, true,
	 "dn.example.com. 300 DNAME c.example.com. | a.b.dn.example.com. 300 CNAME "
	 "a.b.c.example.com. | a.b.c.example.com. 300 A 192.0.2.1",
	 "", ""},
	{"RFC 2181 5: a DNAME passed twice stands there once", "again.dn.example.com", "A", 0, true,
	 "dn.example.com. 300 DNAME c.example.com. | again.dn.example.com. 300 CNAME "
	 "again.c.example.com. | again.c.example.com. 300 CNAME a.b.dn.example.com. | "
	 "a.b.dn.example.com. 300 CNAME a.b.c.example.com. | a.b.c.example.com. 300 A 192.0.2.1",
	 "", ""},
	{"RFC 6672 2.3: DNAME does not redirect its owner", "dn.example.com", "A", 0, true, "",
	 "example.com. 60" SOA, ""},
	{"RFC 6672 2.4: data below a DNAME is hidden", "deep.below.dn.example.com", "A", 3, true,
	 "dn.example.com. 300 DNAME c.example.com. | deep.below.dn.example.com. 300 CNAME "
	 "deep.below.c.example.com.",
	 "example.com. 60" SOA, ""},
	{"a child zone that is served here answers itself", "ns1.child.example.com", "A", 0, true,
	 "ns1.child.example.com. 100 A 192.0.2.77", "", ""},
	{"what the parent has below it is hidden", "old.child.example.com", "A", 3, true, "",
	 "child.example.com. 100" CHILD_SOA, ""},
	{"RFC 4035 3.1.4.1: DS of a child served here", "child.example.com", "DS", 0, true,
	 "child.example.com. 300 DS 2 8 2 " ZEROS, "", ""},
	{"RFC 8482 4.1: ANY gives one RRset", "example.com", "ANY", 0, true,
	 "example.com. 300 NS ns1.example.com.", "", ""},
	{"RFC 8482 4.2: HINFO where nothing is static", "www.example.com", "ANY", 0, true,
	 "www.example.com. 3600 HINFO \"RFC8482\" \"\"", "", ""},
	{"ANY of an empty non-terminal", "b.c.example.com", "ANY", 0, true, "",
	 "example.com. 60" SOA, ""},
	{"RFC 8482 4.2: no HINFO in the place of a CNAME", "cdn.example.com", "ANY", 0, true,
	 "cdn.example.com. 20 CNAME edge.example.net.", "", ""},
	{"RFC 8482 4.1: a CNAME asked for by ANY is not followed", "selfcdn.example.com", "ANY", 0,
	 true, "selfcdn.example.com. 20 CNAME ns1.example.com.", "", ""},
	{"the same of a static one", "alias.example.com", "ANY", 0, true,
	 "alias.example.com. 300 CNAME alias2.example.com.", "", ""},
	{"RFC 4592 2.2.1: ANY by a wildcard", "x.wild.example.com", "ANY", 0, true,
	 "x.wild.example.com. 300 TXT \"w\"", "", ""},
	{"RFC 4592 2.2.1: ANY by a wildcard's service", "x.svc.example.com", "ANY", 0, true,
	 "x.svc.example.com. 3600 HINFO \"RFC8482\" \"\"", "", ""},
	{"RFC 2308 2.1: ANY of what is not there", "nope.example.com", "ANY", 3, true, "",
	 "example.com. 60" SOA, ""},
	{"RFC 1034 4.3.2 3b: ANY below a cut", "x.sub.example.com", "ANY", 0, false, "", CUT, GLUE},
	{"RFC 4592 2.1.3: an asterisk in the middle is no wildcard", "a.b.star.example.com", "A", 0,
	 true, "", "example.com. 60" SOA, ""},
	{"RFC 4592 2.2.2: an empty wildcard stands for NODATA", "b.star.example.com", "A", 0, true,
	 "", "example.com. 60" SOA, ""},
	{"RFC 4592 2.1.1: the wildcard below an asterisk", "b.*.star.example.com", "A", 0, true,
	 "b.*.star.example.com. 300 A 192.0.2.69", "", ""},
	{"RFC 4592 2.3: both asked for literally", "*.*.star.example.com", "A", 0, true,
	 "*.*.star.example.com. 300 A 192.0.2.69", "", ""},
	{"RFC 4592 2.3: nothing is synthesised below an asterisk", "x.*.wild.example.com", "TXT", 3,
	 true, "", "example.com. 60" SOA, ""},
	{"RFC 4592 2.3: a wildcard's service asked for literally", "*.svc.example.com", "A", 0,
	 true, "*.svc.example.com. 30 A 192.0.2.10", "", ""},
	{"RFC 4592 2.2.1: a wildcard's service at several depths", "a.b.svc.example.com", "A", 0,
	 true, "a.b.svc.example.com. 30 A 192.0.2.10", "", ""},
	{"RFC 4592 3.4: a wildcard CNAME asked for as such", "x.cw.example.com", "CNAME", 0, true,
	 "x.cw.example.com. 300 CNAME ns1.example.com.", "", ""},
	{"RFC 4592 4.2: a cut beside a wildcard", "x.cut.wild.example.com", "TXT", 0, false, "",
	 "cut.wild.example.com. 300 NS ns1.example.com.", "ns1.example.com. 300 A 192.0.2.53"},
	{"RFC 8020 2: an empty non-terminal above a cut", "y.above.example.com", "NS", 0, true, "",
	 "example.com. 60" SOA, ""},
	{"RFC 8020 2: beside it there is nothing", "z.above.example.com", "NS", 3, true, "",
	 "example.com. 60" SOA, ""},
	{"RFC 1034 4.2.1: what is hidden below a cut", "old.sub.example.com", "A", 0, false, "",
	 CUT, GLUE},
	{"RFC 4035 3.1.4.1: DS of an apex whose parent is elsewhere", "example.com", "DS", 0, true,
	 "", "example.com. 60" SOA, ""},
	{"RFC 4035 3.1.4.1: no DS of a cut is NODATA", "cut.wild.example.com", "DS", 0, true, "",
	 "example.com. 60" SOA, ""},
	{"RFC 6672 3.2: DNAME asked for below one goes on", "b.dn.example.com", "DNAME", 0, true,
	 "dn.example.com. 300 DNAME c.example.com. | b.dn.example.com. 300 CNAME b.c.example.com.",
	 "example.com. 60" SOA, ""},
	{"RFC 6672 3.2: CNAME asked for is answered by the one made", "b.dn.example.com", "CNAME",
	 0, true,
	 "dn.example.com. 300 DNAME c.example.com. | b.dn.example.com. 300 CNAME b.c.example.com.",
	 "", ""},
	{"RFC 6672 2.3: at a DNAME other types are not there", "dn.example.com", "DNAME", 0, true,
	 "dn.example.com. 300 DNAME c.example.com.", "", ""},
	{"RFC 6672 3.1: at the apex, with the DNAME's TTL for the CNAME", "a.b.moved.test", "A", 0,
	 true,
	 "moved.test. 77 DNAME c.example.com. | a.b.moved.test. 77 CNAME a.b.c.example.com. | "
	 "a.b.c.example.com. 300 A 192.0.2.1",
	 "", ""},
	{"RFC 6672 2.3: the apex itself stays", "moved.test", "NS", 0, true,
	 "moved.test. 100 NS ns1.example.com.", "", ""},
	{"RFC 6672 2.3: and has what it has", "moved.test", "A", 0, true, "",
	 "moved.test. 50" MOVED_SOA, ""},
	{"RFC 4343 4.1: an alias of another case, the data in its own", "ALIAS.example.COM",
	 "CNAME", 0, true, "ALIAS.example.COM. 300 CNAME alias2.example.com.", "", ""},
	{"RFC 1035 3.3.9: MX, no addresses beside it", "m.example.com", "MX", 0, true,
	 "m.example.com. 300 MX 10 ns1.example.com.", "", ""},
	{"RFC 2782: SRV in the case it was written", "s.example.com", "SRV", 0, true,
	 "s.example.com. 300 SRV 1 2 443 NS1.example.com.", "", ""},
	{"RFC 1035 3.3.12: PTR", "pt.example.com", "PTR", 0, true,
	 "pt.example.com. 300 PTR NS1.example.com.", "", ""},
	{"RFC 9460 2.4.2: AliasMode", "h.example.com", "HTTPS", 0, true,
	 "h.example.com. 300 HTTPS 0 ns1.example.com.", "", ""},
	{"RFC 9460 2.4.2: an alias of HTTPS is none of A", "h.example.com", "A", 0, true, "",
	 "example.com. 60" SOA, ""},
	{"RFC 9460 2.4.3: ServiceMode", "v.example.com", "SVCB", 0, true,
	 "v.example.com. 300 SVCB 1 . alpn=h2 ipv4hint=192.0.2.1", "", ""},
	{"RFC 1876: LOC", "loc.example.com", "LOC", 0, true,
	 "loc.example.com. 300 LOC 52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m", "", ""},
	{"RFC 7553: URI", "u.example.com", "URI", 0, true,
	 "u.example.com. 300 URI 10 1 \"https://example.com/\"", "", ""},
	{"RFC 8162: SMIMEA", "sm.example.com", "SMIMEA", 0, true,
	 "sm.example.com. 300 SMIMEA 3 1 1 abcd", "", ""},
	{"RFC 4398: CERT", "ce.example.com", "CERT", 0, true,
	 "ce.example.com. 300 CERT PKIX 1 8 AQIDBA==", "", ""},
	{"RFC 8659 4.1: CAA", "ca.example.com", "CAA", 0, true,
	 "ca.example.com. 300 CAA 128 issue \";\"", "", ""},
	{"RFC 3403: NAPTR", "na.example.com", "NAPTR", 0, true,
	 "na.example.com. 300 NAPTR 100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:i@example.com!\" .", "",
	 ""},
	{"RFC 6698: TLSA", "tl.example.com", "TLSA", 0, true, "tl.example.com. 300 TLSA 3 1 1 abcd",
	 "", ""},
	{"RFC 4255: SSHFP", "sf.example.com", "SSHFP", 0, true,
	 "sf.example.com. 300 SSHFP 4 2 abcd", "", ""},
	{"RFC 3597 4: octets like a pointer stay as they are", "unknown.example.com", "TYPE65280",
	 0, true, "unknown.example.com. 300 TYPE65280 \\# 3 c00c01", "", ""},
	{"RFC 3597 5: a type that nobody knows is not there", "ns1.example.com", "TYPE65281", 0,
	 true, "", "example.com. 60" SOA, ""},
	{"a name outside is refused", "www.example.org", "A", 5, false, "", "", ""},
	{"the parent of a zone is outside", "com", "A", 5, false, "", "", ""},
	{"the root is outside", ".", "NS", 5, false, "", "", ""},
	{"transfers are refused", "example.com", "AXFR", 5, false, "", "", ""},
	{"a service answers", "www.example.com", "A", 0, true, "www.example.com. 30 A 192.0.2.10",
	 "", ""},
	{"a service without the family: NODATA", "www.example.com", "AAAA", 0, true, "",
	 "example.com. 30" SOA, ""},
	{"a service has no other types", "www.example.com", "MX", 0, true, "",
	 "example.com. 30" SOA, ""},
	{"a service at a wildcard", "x.svc.example.com", "A", 0, true,
	 "x.svc.example.com. 30 A 192.0.2.10", "", ""},
	{"a pool of host names answers with a CNAME", "cdn.example.com", "A", 0, true,
	 "cdn.example.com. 20 CNAME edge.example.net.", "", ""},
	{"for every type", "cdn.example.com", "MX", 0, true,
	 "cdn.example.com. 20 CNAME edge.example.net.", "", ""},
	{"RFC 1034 5.2.2: a loop through a service ends with what was found", "round.example.com",
	 "A", 0, true,
	 "round.example.com. 20 CNAME loopsvc.example.com. | loopsvc.example.com. 300 CNAME "
	 "round.example.com.",
	 "", ""},
	{"RFC 1034 5.2.2: from wherever it is entered", "loopsvc.example.com", "A", 0, true,
	 "loopsvc.example.com. 300 CNAME round.example.com. | round.example.com. 20 CNAME "
	 "loopsvc.example.com.",
	 "", ""},
	{"and is followed within our zones", "selfcdn.example.com", "A", 0, true,
	 "selfcdn.example.com. 20 CNAME ns1.example.com. | ns1.example.com. 300 A 192.0.2.53", "",
	 ""},
};

static void test_every_kind_of_question_gets_the_answer_its_rfc_names(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, document);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct asking asking = {.name = table[i].name, .type = table[i].type};
		const struct said *said = served_ask(&served, &asking);
		bool authoritative = (said->flags & DNS_FLAG_AA) != 0;
		if (said->rcode != table[i].rcode || authoritative != table[i].authoritative ||
		    strcmp(said->answer, table[i].answer) != 0 ||
		    strcmp(said->authority, table[i].authority) != 0 ||
		    strcmp(said->additional, table[i].additional) != 0)
			fail_msg("%s\n%s %s: %u aa=%d\nanswer     %s\nauthority  %s\nadditional %s",
				 table[i].why, table[i].name, table[i].type, said->rcode,
				 authoritative, said->answer, said->authority, said->additional);
		assert_int_equal(said->flags & DNS_FLAG_QR, DNS_FLAG_QR);
		assert_int_equal(said->flags & (DNS_FLAG_RA | DNS_FLAG_TC), 0);
	}
	served_close(&served);
}

/* RFC 6672 section 2.2. */
static void test_a_dname_that_makes_a_name_too_long_is_yxdomain(void **state)
{
	(void)state;
	char name[300] = "";
	struct served served;
	served_open(
		&served,
		"{\"meridian\": 1, \"zones\": [{\"name\": \"d.test\", \"primary\": \"a.\", "
		"\"contact\": \"b.\", \"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": "
		"[\"ns.test.\"]}, {\"name\": \"s\", \"type\": \"DNAME\", \"data\": "
		"[\"a-target-that-is-longer-than-its-owner.d.test.\"]}]}]}");
	for (int i = 0; i < 4; i++)
		strcat(name, "0123456789012345678901234567890123456789012345678901234.");
	strcat(name, "s.d.test");
	struct asking asking = {.name = name, .type = "A", .stream = true};
	const struct said *said = served_ask(&served, &asking);
	assert_int_equal(said->rcode, DNS_RCODE_YXDOMAIN);
	assert_string_equal(said->answer,
			    "s.d.test. 300 DNAME a-target-that-is-longer-than-its-owner.d.test.");
	served_close(&served);
}

/* RFC 1034 section 3.6.2: chains are followed as far as anybody needs, and end with what was found.
 */
static void test_a_chain_of_aliases_is_followed_nine_times(void **state)
{
	(void)state;
	struct served served;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	fprintf(out,
		"{\"meridian\": 1, \"zones\": [{\"name\": \"c.test\", \"primary\": \"a.\", "
		"\"contact\": \"b.\", \"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": "
		"[\"ns.test.\"]}, {\"name\": \"n11\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]}");
	for (int i = 0; i < 11; i++)
		fprintf(out, ", {\"name\": \"n%d\", \"type\": \"CNAME\", \"data\": [\"n%d\"]}", i,
			i + 1);
	fprintf(out, "]}]}");
	fclose(out);
	served_open(&served, text);
	free(text);
	const struct said *said = NULL;
	unsigned records[3] = {0};
	static const char *const names[] = {"n3.c.test", "n2.c.test", "n0.c.test"};
	for (size_t i = 0; i < 3; i++) {
		struct asking asking = {.name = names[i], .type = "A"};
		said = served_ask(&served, &asking);
		assert_int_equal(said->rcode, 0);
		assert_int_equal(said->flags & DNS_FLAG_TC, 0);
		records[i] = wire_get_u16(said->bytes + 6);
	}
	assert_int_equal(records[0], 9);
	assert_int_equal(records[1], 9);
	assert_int_equal(records[2], 9);
	assert_null(strstr(said->answer, "192.0.2.1"));
	served_close(&served);
}

static void test_other_classes_are_refused(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, document);
	static const uint16_t classes[] = {DNS_CLASS_CH, DNS_CLASS_ANY, DNS_CLASS_NONE};
	for (size_t i = 0; i < 3; i++) {
		struct asking asking = {
			.name = "version.bind", .type = "TXT", .class_ = classes[i]};
		assert_int_equal(served_ask(&served, &asking)->rcode, DNS_RCODE_REFUSED);
		asking.name = "ns1.example.com";
		assert_int_equal(served_ask(&served, &asking)->rcode, DNS_RCODE_REFUSED);
	}
	served_close(&served);
}

/* RFC 2181 section 9, RFC 6891 section 6.2.5. */
static void test_what_does_not_fit_is_left_out_whole_and_said_to_be(void **state)
{
	(void)state;
	struct served served;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	fprintf(out,
		"{\"meridian\": 1, \"zones\": [{\"name\": \"t.test\", \"primary\": \"a.\", "
		"\"contact\": \"b.\", \"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": "
		"[\"ns.test.\"]}, {\"name\": \"many\", \"type\": \"A\", \"data\": [");
	for (int i = 0; i < 60; i++)
		fprintf(out, "%s\"192.0.2.%d\"", i > 0 ? ", " : "", i);
	fprintf(out, "]}]}]}");
	fclose(out);
	served_open(&served, text);
	free(text);
	/* 12 octets of header, 17 of question, 16 each record, 11 of OPT: 1000. */
	static const struct {
		uint16_t udp_size;
		bool no_edns, stream, whole;
	} sizes[] = {
		{0, true, false, false},    {512, false, false, false}, {999, false, false, false},
		{1000, false, false, true}, {4096, false, false, true}, {0, true, true, true},
		{512, false, true, true},
	};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct asking asking = {.name = "many.t.test",
					.type = "A",
					.udp_size = sizes[i].udp_size,
					.no_edns = sizes[i].no_edns,
					.stream = sizes[i].stream};
		const struct said *said = served_ask(&served, &asking);
		assert_int_equal((said->flags & DNS_FLAG_TC) != 0, !sizes[i].whole);
		assert_int_equal(said->answer[0] != '\0', sizes[i].whole);
		assert_true(sizes[i].stream || said->len <= 512 || sizes[i].udp_size >= said->len);
	}
	served_close(&served);
}

#define EXAMPLE(record)                                                                            \
	"{\"meridian\": 1, \"zones\": [{\"name\": \"example.com\", \"ttl\": 300, \"primary\": "    \
	"\"ns1.example.com.\", \"contact\": \"hostmaster.example.com.\", \"negative_ttl\": 60, "   \
	"\"records\": [" record "], \"services\": []}]}"

/* Records come and go one by one; what is not there any more leaves nothing behind. */
static void test_a_change_of_a_record_is_served_and_moves_the_serial(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, document);
	served_apply(
		&served,
		EXAMPLE("{\"name\": \"new.name\", \"type\": \"A\", \"data\": [\"192.0.2.9\"]}"),
		false);
	assert_string_equal(served_answer(&served, "new.name.example.com", "A", NULL),
			    "new.name.example.com. 300 A 192.0.2.9");
	assert_string_equal(served_answer(&served, "example.com", "SOA", NULL),
			    "example.com. 300 SOA ns1.example.com. hostmaster.example.com. 2 3600 "
			    "600 1209600 60");
	assert_string_equal(
		served_answer(&served, "child.example.com", "SOA", NULL),
		"child.example.com. 100 SOA ns1.child.example.com. c.example.com. 1 3600 "
		"600 1209600 900");
	struct asking ent = {.name = "name.example.com", .type = "A"};
	assert_int_equal(served_ask(&served, &ent)->rcode, 0);
	/* Everything but the apex goes; the other zone and the pools go too. */
	served_apply(
		&served,
		EXAMPLE("{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns1.example.com.\"]}"),
		true);
	assert_int_equal(served_ask(&served, &ent)->rcode, DNS_RCODE_NXDOMAIN);
	struct asking gone = {.name = "www.example.com", .type = "A"};
	assert_int_equal(served_ask(&served, &gone)->rcode, DNS_RCODE_NXDOMAIN);
	gone.name = "ns1.child.example.com";
	assert_int_equal(served_ask(&served, &gone)->rcode, DNS_RCODE_NXDOMAIN);
	assert_int_equal(names_count(served.content.zones.names), 1);
	assert_int_equal(served.content.services.count, 0);
	assert_int_equal(served.content.steerings.of.count, 0);
	served_close(&served);
}

static void test_a_zone_that_failed_to_load_is_servfail(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, document);
	zone_set_failed(zones_find(&served.content.zones, "example.com"), true);
	static const char *const names[] = {"ns1.example.com", "nope.example.com", "example.com"};
	for (size_t i = 0; i < 3; i++) {
		struct asking asking = {.name = names[i], .type = "A"};
		const struct said *said = served_ask(&served, &asking);
		assert_int_equal(said->rcode, DNS_RCODE_SERVFAIL);
		assert_int_equal(said->flags & DNS_FLAG_AA, 0);
	}
	struct asking other = {.name = "ns1.child.example.com", .type = "A"};
	assert_int_equal(served_ask(&served, &other)->rcode, 0);
	served_close(&served);
}

static const struct plan *assume_plan(void *context, const struct service_live *service)
{
	(void)service;
	return *(const struct plan *const *)context;
}

/* What is assumed instead of a service's plan is answered, whether anybody is told or not. */
static void test_what_is_assumed_of_a_service_is_answered(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, document);
	const struct content_service *cdn = content_service(&served.content, "example.com/cdn");
	const struct plan *plan = NULL;
	assert_non_null(cdn);
	served.answerer.assume = assume_plan;
	served.answerer.assume_context = &plan;
	assert_string_equal(served_answer(&served, "www.example.com", "A", NULL),
			    "www.example.com. 30 A 192.0.2.10"); /* nothing is */
	plan = atomic_load(&cdn->steering->cell.plan);
	assert_string_equal(served_answer(&served, "www.example.com", "A", NULL),
			    "www.example.com. 30 CNAME edge.example.net.");
	served.answerer.assume = NULL;
	assert_string_equal(served_answer(&served, "www.example.com", "A", NULL),
			    "www.example.com. 30 A 192.0.2.10");
	served_close(&served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_question_gets_the_answer_its_rfc_names),
		cmocka_unit_test(test_a_dname_that_makes_a_name_too_long_is_yxdomain),
		cmocka_unit_test(test_a_chain_of_aliases_is_followed_nine_times),
		cmocka_unit_test(test_other_classes_are_refused),
		cmocka_unit_test(test_what_does_not_fit_is_left_out_whole_and_said_to_be),
		cmocka_unit_test(test_a_change_of_a_record_is_served_and_moves_the_serial),
		cmocka_unit_test(test_a_zone_that_failed_to_load_is_servfail),
		cmocka_unit_test(test_what_is_assumed_of_a_service_is_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
