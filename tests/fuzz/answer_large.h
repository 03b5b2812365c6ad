/*
 * answer_large: the zones whose answers come near what a message may hold, made by counting: sets
 * that fill 512, 1232 and 4096 octets, below wildcards, so that a label's length decides what still
 * fits; cuts with many name servers; chains of aliases into all of them.
 */
#ifndef MERIDIAN_FUZZ_ANSWER_LARGE_H
#define MERIDIAN_FUZZ_ANSWER_LARGE_H

#include <stdio.h>

/* Begins the record set NAME TYPE; each record is FORMAT of its number. */
#define LARGE_SET(out, name, type, count, format)                                                  \
	do {                                                                                       \
		fprintf(out, "{\"name\": \"%s\", \"type\": \"%s\", \"data\": [", name, type);      \
		for (unsigned i = 0; i < (count); i++) {                                           \
			fputs(i == 0 ? "\"" : ", \"", out);                                        \
			fprintf(out, format, i);                                                   \
			fputs("\"", out);                                                          \
		}                                                                                  \
		fputs("]},\n", out);                                                               \
	} while (0)

/* The addresses of the name servers nsFROM to nsBEFORE below the cut NAME: PER_NAME of each family.
 */
static inline void large_glue(FILE *out, const char *cut, unsigned from, unsigned before,
			      unsigned per_name)
{
	for (unsigned server = from; server < before; server++) {
		char name[64];
		snprintf(name, sizeof name, "ns%02u.%s", server, cut);
		LARGE_SET(out, name, "A", per_name, "192.0.2.%u");
		if (server % 2 == 0)
			LARGE_SET(out, name, "AAAA", per_name, "2001:db8::%x");
	}
}

/* Name servers below the cut, above it, in no zone of ours, and all of these. */
static inline void large_cuts(FILE *out)
{
	LARGE_SET(out, "cut", "NS", 30, "ns%02u.cut");
	large_glue(out, "cut", 0, 30, 1);
	LARGE_SET(out, "cut20", "NS", 14, "ns%02u.cut20");
	large_glue(out, "cut20", 0, 14, 1);
	LARGE_SET(out, "many", "NS", 60, "ns%02u.many");
	large_glue(out, "many", 0, 60, 2);
	LARGE_SET(out, "far", "NS", 40, "ns%02u.far.example.");
	LARGE_SET(out, "long", "NS", 30, "a-name-server-of-a-longer-name-%u.example.");
	LARGE_SET(out, "near", "NS", 21, "ns%u");
	LARGE_SET(out, "half", "NS", 12, "ns%02u.half");
	large_glue(out, "half", 6, 12, 5);
	LARGE_SET(out, "wide", "NS", 2, "ns%02u.wide");
	large_glue(out, "wide", 0, 1, 40);
	large_glue(out, "wide", 1, 2, 3);
	LARGE_SET(out, "other", "NS", 8, "ns%02u.half");
	LARGE_SET(out, "wildglue", "NS", 22, "x%u.adr");
	/* The last ones have glue, and stand behind what a pointer reaches (RFC 1035 section 4.1.4:
	 * 14 bits). */
	LARGE_SET(out, "vast", "NS", 850, "ns%02u.vast");
	large_glue(out, "vast", 800, 850, 1);
}

/* Each set below a wildcard, with lengths such that the limits lie within what the labels of a name
 * can add. */
static inline void large_sets(FILE *out)
{
	static const char text[] = "%u-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	LARGE_SET(out, "*.t5", "TXT", 7, text);
	LARGE_SET(out, "*.t7", "TXT", 10, text);
	LARGE_SET(out, "*.t12", "TXT", 19, text);
	LARGE_SET(out, "*.t40", "TXT", 65, text);
	LARGE_SET(out, "*.mx", "MX", 20, "%u mail.mx");
	LARGE_SET(out, "*.mx", "A", 26, "192.0.2.%u");
	LARGE_SET(out, "*.mx12", "MX", 52, "1 mx%02u.example.org.");
	LARGE_SET(out, "*.ptr", "PTR", 13, "host%u.some-label-of-the-middle.ptr.example.");
	LARGE_SET(out, "*.ptr", "TXT", 8, text);
	LARGE_SET(out, "*.srv", "SRV", 10, "1 1 %u target.srv");
	LARGE_SET(out, "*.adr", "A", 27, "192.0.2.%u");
	LARGE_SET(out, "*.adr", "AAAA", 14, "2001:db8::%x");
	LARGE_SET(out, "*.adr", "HTTPS", 6, "%u svc.adr alpn=h2");
	LARGE_SET(out, "huge", "MX", 1300, "%u ns0");
	LARGE_SET(out, "huger", "MX", 1500, "%u ns0");
	/* Here and there a name that comes once more, also behind what a pointer reaches. */
	fputs("{\"name\": \"edge\", \"type\": \"MX\", \"data\": [", out);
	for (unsigned i = 0; i < 1400; i++)
		fprintf(out, i % 100 == 99 ? "\"%u new%u.edge\", " : "\"%u ns0\", ", i, i / 200);
	fputs("\"65535 last\"]},\n", out);
}

/* ANSWER_CHAIN_MAX links and more, to a set, a cut, nothing, a name in between, and round. */
static inline void large_chains(FILE *out)
{
	for (unsigned i = 0; i < 10; i++) {
		fprintf(out,
			"{\"name\": \"c%u\", \"type\": \"CNAME\", \"data\": [\"c%u\"]},\n"
			"{\"name\": \"d%u\", \"type\": \"DNAME\", \"data\": [\"d%u\"]},\n"
			"{\"name\": \"*.c%u\", \"type\": \"CNAME\", \"data\": [\"a.c%u\"]},\n",
			i, i + 1, i, i + 1, i, i + 1);
	}
	static const char *const aliases[][2] = {
		{"c10", "x.mx"},	{"*.c10", "x.t12"},    {"cc", "x.cut"},
		{"cf", "a.far"},	{"cd", "y.dc"},	       {"ce", "e3"},
		{"cn", "no.such.name"}, {"cp", "crowd"},       {"cx", "x.failed.test."},
		{"cz", "huge"},		{"l1", "l2"},	       {"l2", "l3"},
		{"l3", "l1"},		{"*.wc", "x.mx"},      {"*.wf", "x.far"},
		{"*.wm", "x.many"},	{"*.wn", "a.b.wn.dx"}, {"*.wr", "r.x.wr"},
		{"*.l", "x.wf.w.test."}};
	for (unsigned i = 0; i < sizeof aliases / sizeof *aliases; i++)
		fprintf(out, "{\"name\": \"%s\", \"type\": \"CNAME\", \"data\": [\"%s\"]},\n",
			aliases[i][0], aliases[i][1]);
	static const char *const redirections[][2] = {
		{"d10", "t5"}, {"dt", "t5"},	  {"dm", "mx"},	    {"dc", "cut"}, {"df", "far"},
		{"dw", "wc"},  {"dx", "w.test."}, {"ds", "crowds"}, {"dp", "ptr"}, {"dh", "huge"}};
	for (unsigned i = 0; i < sizeof redirections / sizeof *redirections; i++)
		fprintf(out, "{\"name\": \"%s\", \"type\": \"DNAME\", \"data\": [\"%s\"]},\n",
			redirections[i][0], redirections[i][1]);
	fputs("{\"name\": \"dl\", \"type\": \"DNAME\", \"data\": [\""
	      "a-label-of-sixty-three-octets-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	      "a-label-of-sixty-three-octets-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb."
	      "a-label-of-sixty-three-octets-ccccccccccccccccccccccccccccccccc.mx\"]},\n",
	      out);
}

/* Names that are only above others; the last set of the zone. */
static inline void large_between(FILE *out)
{
	LARGE_SET(out, "a.e1", "A", 1, "192.0.2.%u");
	LARGE_SET(out, "b.a.e2.e3", "TXT", 1, "t%u");
	LARGE_SET(out, "*.w.e4", "TXT", 9, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%u");
	LARGE_SET(out, "x.y.w.e4", "CNAME", 1, "%u.w.e4");
	LARGE_SET(out, "*.ns", "A", 1, "192.0.2.%u");
	fputs("{\"name\": \"ns0\", \"type\": \"A\", \"data\": [\"192.0.2.53\"]}", out);
}

/* Two pools of which an answer holds nearly as much as fits, or more; a comma follows. */
static inline void large_pools(FILE *out)
{
	static const struct {
		const char *name, *how;
		unsigned ipv4, ipv6;
	} pools[] = {{"crowd", "\"answers\": \"all\"", 29, 16},
		     {"throng", "\"answers\": \"weighted\", \"max_answers\": 60", 80, 70}};
	for (unsigned k = 0; k < 2; k++) {
		fprintf(out, "{\"name\": \"%s\", %s, \"endpoints\": [", pools[k].name,
			pools[k].how);
		for (unsigned i = 0; i < pools[k].ipv4; i++)
			fprintf(out, "{\"name\": \"a%u\", \"address\": \"198.51.100.%u\"}, ", i, i);
		for (unsigned i = 0; i < pools[k].ipv6; i++)
			fprintf(out, "%s{\"name\": \"b%u\", \"address\": \"2001:db8::%x\"}",
				i > 0 ? ", " : "", i, i);
		fputs("]},\n", out);
	}
}

/* The zone l.test, and w.test with a wildcard at its apex; a comma follows each. */
static inline void large_zones(FILE *out)
{
	fputs("{\"name\": \"l.test\", \"primary\": \"ns0.l.test.\", \"contact\": \"h.l.test.\", "
	      "\"records\": [",
	      out);
	LARGE_SET(out, "@", "NS", 24, "ns%u");
	large_cuts(out);
	large_sets(out);
	large_chains(out);
	large_between(out);
	fputs("], \"services\": [{\"name\": \"crowd\", \"steering\": \"failover\", \"pools\": "
	      "[\"crowd\"]}, {\"name\": \"*.crowds\", \"steering\": \"failover\", \"pools\": "
	      "[\"crowd\"]}, {\"name\": \"*.throngs\", \"steering\": \"weighted\", \"pools\": "
	      "[{\"pool\": \"throng\", \"weight\": 1}, {\"pool\": \"crowd\", \"weight\": 1}]}]},\n"
	      "{\"name\": \"w.test\", \"primary\": \"ns0.l.test.\", \"contact\": \"h.l.test.\", "
	      "\"records\": [",
	      out);
	LARGE_SET(out, "@", "NS", 1, "ns%u.l.test.");
	LARGE_SET(out, "*", "TXT", 7, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%u");
	LARGE_SET(out, "*", "MX", 30, "1 m%u");
	LARGE_SET(out, "*.wf", "CNAME", 1, "x%u.far.l.test.");
	LARGE_SET(out, "a.between", "A", 1, "192.0.2.%u");
	LARGE_SET(out, "*.sub.between", "DNAME", 1, "x%u.l.test.");
	fputs("{\"name\": \"sub\", \"type\": \"NS\", \"data\": [\"x.sub\", \"sub\", \"y\"]},\n"
	      "{\"name\": \"sub\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]}]},\n",
	      out);
}

#endif
