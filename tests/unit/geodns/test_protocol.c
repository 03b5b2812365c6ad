/* What surrounds an answer: header bits, OPT and its options, cookies, signatures, and whose
 * account a response is on, by the section that says so. Octets in, octets out. */
#include "tests/unit/geodns/served.h"

static const char document[] =
	"{\"meridian\": 1, \"pools\": ["
	"{\"name\": \"eu\", \"endpoints\": [{\"name\": \"eu1\", \"address\": \"192.0.2.10\"}]}],"
	"\"zones\": [{\"name\": \"example.com\", \"ttl\": 300, \"primary\": \"ns1.example.com.\","
	"\"contact\": \"hostmaster.example.com.\", \"negative_ttl\": 60, \"records\": ["
	"{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns1.example.com.\"]},"
	"{\"name\": \"ns1\", \"type\": \"A\", \"data\": [\"192.0.2.53\"]},"
	"{\"name\": \"*.wild\", \"type\": \"A\", \"data\": [\"192.0.2.54\"]},"
	"{\"name\": \"d\", \"type\": \"DNAME\", \"data\": [\"wild2\"]},"
	"{\"name\": \"a.wild2\", \"type\": \"A\", \"data\": [\"192.0.2.55\"]},"
	"{\"name\": \"b.wild2\", \"type\": \"A\", \"data\": [\"192.0.2.56\"]},"
	"{\"name\": \"sub\", \"type\": \"NS\", \"data\": [\"ns.sub\"]},"
	"{\"name\": \"ns.sub\", \"type\": \"A\", \"data\": [\"192.0.2.57\"]}],"
	"\"services\": [{\"name\": \"www\", \"ttl\": 30, \"steering\": \"failover\", \"pools\": "
	"[\"eu\"]}]},"
	"{\"name\": \"broken.test\", \"primary\": \"a.\", \"contact\": \"b.\", \"records\": ["
	"{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns1.example.com.\"]}]}]}";

#define WIRE(text) text, sizeof text - 1
#define NS1	   "\3ns1\7example\3com\0\0\1\0\1"
#define WWW	   "\3www\7example\3com\0\0\1\0\1"
#define NOWHERE	   "\2no\7example\3com\0\0\1\0\1"
#define OUTSIDE	   "\7example\3org\0\0\1\0\1"
#define BROKEN	   "\6broken\4test\0\0\1\0\1"
/* Version, flags and the octets of the options; the size is 4096. */
#define OPT(version, flags, len) "\0\0\x29\x10\0\0" version flags "\0\0" len
#define CLIENT_COOKIE                                                                              \
	"\0\12\0\10"                                                                               \
	"12345678"
#define FOREIGN_COOKIE                                                                             \
	"\0\12\0\30"                                                                               \
	"12345678"                                                                                 \
	"\1\0\0\0"                                                                                 \
	"timehashhash"
#define SUBNET "\0\10\0\7\0\1\30\0\xc0\0\2"
/* Key "k.", algorithm "a.", a time, a fudge of 300, a MAC, the id, no error, no other data. */
#define TSIG_OF(class_, ttl, mac)                                                                  \
	"\1k\0\0\xfa\0" class_ "\0\0\0" ttl "\0\27\1a\0\0\0\1\2\3\4\1\x2c" mac "\x12\x34\0\0\0\0"
#define TSIG TSIG_OF("\xff", "\0", "\0\4abcd")

static struct served served;
static struct cookie_secrets secrets = {.count = 1, .at = {"a secret of ours"}};
static struct chaos chaos = {.id = "fra1", .version = "Meridian"};

static int begin(void **state)
{
	(void)state;
	served_open(&served, document);
	served.answerer.cookies = &secrets;
	served.answerer.chaos = &chaos;
	served.answerer.now_s = 1000000;
	zone_set_failed(zones_find(&served.content.zones, "broken.test"), true);
	return 0;
}

static int end(void **state)
{
	(void)state;
	served_close(&served);
	return 0;
}

/* What stands around the records of a response. */
struct around {
	unsigned flags; /* all but QR, opcode and the lower four bits of RCODE */
	unsigned rcode, opcode, counts[4];
	bool opt, tsig;
	unsigned size, version, opt_flags;
	char options[512]; /* "code:octets in hexadecimal", a blank between */
	uint8_t last[600]; /* the record at the end, from its owner on */
	size_t last_len;
};

static void read_options(struct around *around, const uint8_t *at, size_t len)
{
	struct reader reader;
	reader_init(&reader, at, len);
	while (reader_left(&reader) > 0) {
		size_t used = strlen(around->options);
		unsigned code = reader_u16(&reader), data_len = reader_u16(&reader);
		const uint8_t *data = reader_take(&reader, data_len);
		assert_non_null(data);
		used += (size_t)sprintf(around->options + used, "%s%u:", used > 0 ? " " : "", code);
		for (unsigned i = 0; i < data_len; i++)
			used += (size_t)sprintf(around->options + used, "%02x", data[i]);
	}
}

static void read_around(struct around *around, const uint8_t *bytes, size_t len)
{
	struct message message;
	struct message_record record;
	memset(around, 0, sizeof *around);
	assert_true(message_open(&message, bytes, len));
	around->flags = message.flags & 0x07f0u;
	around->rcode = message.flags & DNS_FLAG_RCODE;
	around->opcode = message.flags >> 11 & 0x0f;
	for (unsigned i = 0; i < 4; i++)
		around->counts[i] = message.counts[i];
	for (size_t start = message.reader.at; message_next(&message, &record);
	     start = message.reader.at) {
		around->last_len = message.reader.at - start;
		memcpy(around->last, bytes + start,
		       around->last_len < sizeof around->last ? around->last_len : 0);
		around->tsig = record.type == DNS_TYPE_TSIG;
		if (record.type != DNS_TYPE_OPT)
			continue;
		assert_int_equal(record.section, MESSAGE_ADDITIONAL);
		assert_false(around->opt);
		around->opt = true;
		around->rcode |= record.ttl_s >> 24 << 4;
		around->version = record.ttl_s >> 16 & 0xff;
		around->opt_flags = record.ttl_s & 0xffff;
		around->size = record.class_;
		read_options(around, bytes + record.rdata_at, record.rdata_len);
	}
	assert_false(message.reader.failed);
	assert_int_equal(message.reader.at, len);
}

static size_t put_query(uint8_t *query, uint16_t flags, unsigned questions, unsigned additional,
			const char *rest, size_t len)
{
	const uint16_t header[] = {htobe16(0x1234),
				   htobe16(flags),
				   htobe16((uint16_t)questions),
				   0,
				   0,
				   htobe16((uint16_t)additional)};
	memcpy(query, header, sizeof header);
	memcpy(query + sizeof header, rest, len);
	return sizeof header + len;
}

/* Sends a query; false for silence. */
static bool exchange(const uint8_t *query, size_t len, bool stream, struct around *around)
{
	static uint8_t out[65535];
	struct addr resolver;
	assert_true(addr_parse("192.0.2.99", &resolver));
	size_t got = answer_packet(&served.answerer, query, len, &resolver, stream, out,
				   stream ? sizeof out : DNS_UDP_DEFAULT);
	if (got == 0)
		return false;
	assert_int_equal(wire_get_u16(out), 0x1234);
	assert_int_equal(out[2] & 0x80, 0x80);
	read_around(around, out, got);
	return true;
}

static const struct {
	const char *why;
	uint16_t flags;
	unsigned additional;
	const char *rest; /* behind the header */
	size_t len;
	bool stream;
	unsigned rcode, flags_out;
	const char *options; /* NULL: no OPT in the response */
} table[] = {
	{"RFC 1035 4.1.1: RD comes back", 0x0100, 0, WIRE(NS1), false, 0, 0x0500, NULL},
	{"RFC 8906 8.1.4, RFC 4035 3.1.6: AD and CD do not", 0x0130, 0, WIRE(NS1), false, 0, 0x0500,
	 NULL},
	{"RFC 8906 8.1.3, RFC 1035 4.1.1: nor Z, RA, TC, AA and RCODE", 0x06cf, 0, WIRE(NS1), false,
	 0, 0x0400, NULL},
	{"RFC 6891 6.1.1: OPT if there was one", 0, 1, WIRE(NS1 OPT("\0", "\0", "\0")), false, 0,
	 0x0400, ""},
	{"RFC 5001 2.1: NSID where it is asked for", 0, 1,
	 WIRE(NS1 OPT("\0", "\0", "\4") "\0\3\0\0"), false, 0, 0x0400, "3:74657374"},
	{"RFC 5001 2.1: its payload in a query is ignored", 0, 1,
	 WIRE(NS1 OPT("\0", "\0", "\5") "\0\3\0\1x"), false, 0, 0x0400, "3:74657374"},
	{"RFC 5001 2.1: with an error, too", 0, 1, WIRE(OUTSIDE OPT("\0", "\0", "\4") "\0\3\0\0"),
	 false, 5, 0, "3:74657374 15:0014"},
	{"RFC 6891 6.1.2: an unknown option is ignored and not given back", 0, 1,
	 WIRE(NS1 OPT("\0", "\0", "\6") "\xff\xfe\0\2ab"), false, 0, 0x0400, ""},
	{"RFC 7830 3, RFC 8467 4: no padding over UDP", 0, 1,
	 WIRE(NS1 OPT("\0", "\0", "\10") "\0\14\0\4\0\0\0\0"), false, 0, 0x0400, ""},
	{"RFC 7830 6: nor over a TCP that is not encrypted", 0, 1,
	 WIRE(NS1 OPT("\0", "\0", "\10") "\0\14\0\4\0\0\0\0"), true, 0, 0x0400, ""},
	{"RFC 7828 3.2.1: no keepalive over UDP", 0, 1, WIRE(NS1 OPT("\0", "\0", "\4") "\0\13\0\0"),
	 false, 0, 0x0400, ""},
	{"RFC 7828 3.3.2: keepalive over TCP, in units of 100 ms", 0, 1,
	 WIRE(NS1 OPT("\0", "\0", "\4") "\0\13\0\0"), true, 0, 0x0400, "11:0064"},
	{"RFC 7828 3.3.2: not where it was not asked for", 0, 1, WIRE(NS1 OPT("\0", "\0", "\0")),
	 true, 0, 0x0400, ""},
	{"RFC 7828 3.2.1: a client gives no time", 0, 1,
	 WIRE(NS1 OPT("\0", "\0", "\6") "\0\13\0\2\0\1"), true, 1, 0, ""},
	{"RFC 6891 6.1.3: a version that is not ours", 0, 1, WIRE(NS1 OPT("\1", "\0", "\0")), false,
	 16, 0, ""},
	{"RFC 6891 6.1.3: its options mean nothing", 0, 1,
	 WIRE(NS1 OPT("\377", "\0", "\17") SUBNET "\0\3\0\0"), false, 16, 0, ""},
	{"RFC 6891 7: FORMERR has OPT, too", 0, 1, WIRE(NS1 OPT("\0", "\0", "\3") "\0\3\0"), false,
	 1, 0, ""},
	{"RFC 8914 4.21, 7871 7.2.1: REFUSED says why, for all subnets", 0, 1,
	 WIRE(OUTSIDE OPT("\0", "\0", "\13") SUBNET), false, 5, 0, "8:00011800c00002 15:0014"},
	{"RFC 8914 4.25: SERVFAIL says why", 0, 1, WIRE(BROKEN OPT("\0", "\0", "\0")), false, 2, 0,
	 "15:0018"},
	{"RFC 8914 4.22: a class that is not served", 0, 1,
	 WIRE("\3www\7example\3com\0\0\1\0\4" OPT("\0", "\0", "\0")), false, 5, 0, "15:0015"},
	{"RFC 8914 4.22: a transfer", 0, 1,
	 WIRE("\7example\3com\0\0\xfc\0\1" OPT("\0", "\0", "\0")), true, 5, 0, "15:0015"},
	{"RFC 8914 3: none without EDNS", 0, 0, WIRE(OUTSIDE), false, 5, 0, NULL},
	{"RFC 7871 7.2.1: data that is for all has scope 0", 0, 1,
	 WIRE(NS1 OPT("\0", "\0", "\13") SUBNET), false, 0, 0x0400, "8:00011800c00002"},
	{"RFC 7871 7.2.1: NXDOMAIN is for all", 0, 1, WIRE(NOWHERE OPT("\0", "\0", "\13") SUBNET),
	 false, 3, 0x0400, "8:00011800c00002"},
	{"RFC 7871 7.1.2: a service of one pool is for all", 0, 1,
	 WIRE(WWW OPT("\0", "\0", "\13") SUBNET), false, 0, 0x0400, "8:00011800c00002"},
	{"RFC 7871 7.1.2: source 0 wants no address used, and is told so", 0, 1,
	 WIRE(WWW OPT("\0", "\0", "\10") "\0\10\0\4\0\1\0\0"), false, 0, 0x0400, "8:00010000"},
	{"RFC 7871 6: IPv6 comes back as sent", 0, 1,
	 WIRE(NS1 OPT("\0", "\0", "\17") "\0\10\0\13\0\2\70\0\x20\1\xd\xb8\0\0\1"), false, 0,
	 0x0400, "8:0002380020010db8000001"},
	{"RFC 7871 7.1.2: a bit beyond the source is FORMERR without the option", 0, 1,
	 WIRE(NS1 OPT("\0", "\0", "\13") "\0\10\0\7\0\1\27\0\xc0\0\3"), false, 1, 0, ""},
	{"RFC 1035 4.1.1: STATUS", 0x1000, 0, WIRE(NS1), false, 4, 0, NULL},
	{"RFC 1996: NOTIFY, and OPT comes back", 0x2000, 1, WIRE(NS1 OPT("\0", "\0", "\0")), false,
	 4, 0, ""},
	{"RFC 2136: UPDATE", 0x2800, 0, WIRE(NS1), false, 4, 0, NULL},
	{"RFC 8490 5.4: DSO over TCP", 0x3000, 0, WIRE(""), true, 4, 0, NULL},
	{"RFC 8945 5.2.1: a key that is not ours", 0, 1, WIRE(NS1 TSIG), false, 9, 0, NULL},
	{"RFC 8945 5.2.1: beside OPT", 0, 2, WIRE(NS1 OPT("\0", "\0", "\4") "\0\3\0\0" TSIG), false,
	 9, 0, "3:74657374"},
	{"RFC 8945 5.2.1: a transfer, over TCP", 0, 1, WIRE("\7example\3com\0\0\xfc\0\1" TSIG),
	 true, 9, 0, NULL},
	{"RFC 8945 5.1: TSIG is the last", 0, 2, WIRE(NS1 TSIG OPT("\0", "\0", "\0")), false, 1, 0,
	 NULL},
	{"RFC 8945 5.1: and the only one", 0, 2, WIRE(NS1 TSIG TSIG), false, 1, 0, NULL},
	{"RFC 8945 4.2: of class ANY", 0, 1, WIRE(NS1 TSIG_OF("\1", "\0", "\0\4abcd")), false, 1, 0,
	 NULL},
	{"RFC 8945 4.2: of TTL 0", 0, 1, WIRE(NS1 TSIG_OF("\xff", "\1", "\0\4abcd")), false, 1, 0,
	 NULL},
	{"RFC 8945 4.2: a MAC that runs over", 0, 1, WIRE(NS1 TSIG_OF("\xff", "\0", "\0\5abcd")),
	 false, 1, 0, NULL},
	{"RFC 2931 3.2: SIG(0) of a query need not be looked at", 0, 1,
	 WIRE(NS1 "\0\0\x18\0\xff\0\0\0\0\0\5\0\0\5\0\0"), false, 0, 0x0400, NULL},
};

static void test_header_bits_and_options_are_those_of_their_sections(void **state)
{
	(void)state;
	served.server.nsid_len = 4;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		uint8_t query[600];
		struct around got;
		/* DSO has no question. */
		unsigned questions = table[i].len > 0 ? 1 : 0;
		size_t len = put_query(query, table[i].flags, questions, table[i].additional,
				       table[i].rest, table[i].len);
		if (!exchange(query, len, table[i].stream, &got))
			fail_msg("%s: silence", table[i].why);
		if (got.rcode != table[i].rcode || got.flags != table[i].flags_out ||
		    got.opt != (table[i].options != NULL) ||
		    strcmp(got.options, got.opt ? table[i].options : "") != 0)
			fail_msg("%s: rcode %u flags %04x opt %d \"%s\"", table[i].why, got.rcode,
				 got.flags, got.opt, got.options);
		assert_int_equal(got.opcode, table[i].flags >> 11 & 0x0f);
		assert_int_equal(got.counts[0], questions);
		if (got.opt) {
			assert_int_equal(got.version, 0);
			assert_int_equal(got.size, DNS_UDP_DEFAULT);
			assert_int_equal(got.opt_flags, 0);
		}
	}
}

/* RFC 3225 section 3, RFC 6891 section 6.1.4: of the flags in OPT, DO comes back and no other. */
static void test_of_the_flags_in_opt_only_do_comes_back(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 0x10000; flags += 0x40ff) {
		uint8_t query[64];
		struct around got;
		size_t len = put_query(query, 0, 1, 1, WIRE(NS1 OPT("\0", "\0", "\0")));
		wire_put_u16(query + len - 4, (uint16_t)flags);
		assert_true(exchange(query, len, false, &got));
		assert_int_equal(got.opt_flags, flags & 0x8000);
	}
}

/* RFC 8945 section 5.3.2: unsigned, and so that the client knows its query again. */
static void test_a_signed_query_is_told_that_its_key_is_unknown(void **state)
{
	(void)state;
	static const uint8_t wanted[] = "\1k\0\0\xfa\0\xff\0\0\0\0\0\23\1a\0\0\0\1\2\3\4\1\x2c\0\0"
					"\x12\x34\0\21\0";
	uint8_t query[600];
	struct around got;
	assert_true(exchange(query, put_query(query, 0, 1, 1, WIRE(NS1 TSIG)), false, &got));
	assert_true(got.tsig);
	assert_int_equal(got.counts[3], 1);
	assert_int_equal(got.last_len, sizeof wanted);
	assert_memory_equal(got.last, wanted, sizeof wanted);
}

/* RFC 8945 section 5.3: the record that does not fit is left out, and TC says so. */
static void test_a_tsig_that_does_not_fit_sets_tc(void **state)
{
	(void)state;
	uint8_t query[600];
	struct around got;
	size_t len = put_query(query, 0, 1, 1, WIRE(NS1));
	for (unsigned i = 0; i < 2; i++) { /* key and algorithm of 255 octets each */
		for (unsigned label = 0; label < 4; label++) {
			unsigned octets = label < 3 ? 63 : 61;
			query[len++] = (uint8_t)octets;
			memset(query + len, 'x', octets);
			len += octets;
		}
		query[len++] = 0;
		if (i > 0)
			break;
		memcpy(query + len, "\0\xfa\0\xff\0\0\0\0\1\17", 10);
		len += 10;
	}
	memset(query + len, 0, 16);
	len += 16;
	assert_true(exchange(query, len, false, &got));
	assert_int_equal(got.rcode, DNS_RCODE_NOTAUTH);
	assert_int_equal(got.flags, DNS_FLAG_TC);
	assert_int_equal(got.counts[3], 0);
	assert_true(exchange(query, len, true, &got));
	assert_true(got.tsig);
}

/* RFC 7873 section 5.4. */
static void test_no_question_tells_whether_a_server_cookie_holds(void **state)
{
	(void)state;
	uint8_t query[600], ours[24];
	struct around got;
	struct addr resolver;
	assert_true(addr_parse("192.0.2.99", &resolver));
	(void)cookie_answer(&secrets, (const uint8_t *)"12345678", 8, &resolver, 1000000, ours);
	size_t len = put_query(query, 0, 0, 1, WIRE(OPT("\0", "\0", "\14") CLIENT_COOKIE));
	assert_true(exchange(query, len, false, &got));
	assert_int_equal(got.rcode, DNS_RCODE_NOERROR);
	assert_memory_equal(got.options, "10:3132333435363738", 19);
	assert_int_equal(strlen(got.options), 3 + 48);
	len = put_query(query, 0, 0, 1, WIRE(OPT("\0", "\0", "\34") FOREIGN_COOKIE));
	uint64_t before = counters_responses(served.answerer.counters, counters_rcode(23));
	assert_true(exchange(query, len, false, &got));
	assert_int_equal(got.rcode, DNS_RCODE_BADCOOKIE);
	assert_int_equal(strlen(got.options), 3 + 48);
	assert_int_equal(counters_responses(served.answerer.counters, counters_rcode(23)),
			 before + 1);
	memcpy(query + len - 24, ours, 24);
	assert_true(exchange(query, len, false, &got));
	assert_int_equal(got.rcode, DNS_RCODE_NOERROR);
	/* With a question the answer is given, as to one without a server cookie (section 5.2.4).
	 */
	len = put_query(query, 0, 1, 1, WIRE(NS1 OPT("\0", "\0", "\34") FOREIGN_COOKIE));
	assert_true(exchange(query, len, false, &got));
	assert_int_equal(got.rcode, DNS_RCODE_NOERROR);
	assert_int_equal(got.counts[1], 1);
}

/* RFC 1035 section 2.3.4: a name of 255 octets and 127 labels is a name like any other. */
static void test_the_longest_names_are_answered_and_longer_ones_malformed(void **state)
{
	(void)state;
	uint8_t query[600];
	struct around got;
	char labels[600] = "";
	size_t at = 0;
	for (unsigned i = 0; i < 120; i++) { /* 240 octets, and 13 of example.com: 253 */
		memcpy(labels + at, "\1a", 2);
		at += 2;
	}
	memcpy(labels + at, WIRE("\1a\7example\3com\0\0\1\0\1"));
	size_t len = put_query(query, 0, 1, 0, labels, at + 2 + 17);
	assert_int_equal(query[12 + 254], 0); /* 255 octets */
	assert_true(exchange(query, len, false, &got));
	assert_int_equal(got.rcode, DNS_RCODE_NXDOMAIN);
	labels[0] = 2;
	memmove(labels + 2, labels + 1, at + 2 + 17);
	len = put_query(query, 0, 1, 0, labels, at + 3 + 17);
	assert_true(exchange(query, len, false, &got));
	assert_int_equal(got.rcode, DNS_RCODE_FORMERR);
	for (at = 0; at < 254; at += 2) /* 127 labels under the root */
		memcpy(labels + at, "\1a", 2);
	memcpy(labels + at, WIRE("\0\0\1\0\1"));
	len = put_query(query, 0, 1, 0, labels, at + 5);
	assert_true(exchange(query, len, false, &got));
	assert_int_equal(got.rcode, DNS_RCODE_REFUSED);
}

static bool is_limited(const char *name)
{
	struct asking asking = {.name = name, .type = "A"};
	uint8_t query[600], out[DNS_UDP_DEFAULT];
	struct addr resolver;
	size_t len = asking_packet(&asking, query, sizeof query);
	assert_true(addr_parse("192.0.2.99", &resolver));
	return answer_packet(&served.answerer, query, len, &resolver, false, out, sizeof out) > 0 &&
	       (out[2] & 2) != 0;
}

/* A flood of names that nobody has asked before is on one account, whatever makes them answerable.
 */
static void test_names_made_up_below_a_cut_or_a_dname_share_an_account(void **state)
{
	(void)state;
	static const char *const made_up[] = {"sub.example.com", "x.sub.example.com",
					      "d.example.com",	 "wild.example.com",
					      "example.com",	 "example.org"};
	const struct rrl_settings settings = {.rate = 10, .slip = 1, .share = 1};
	for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++) {
		served.answerer.rrl = rrl_new(&settings, 1);
		unsigned limited = 0;
		for (int n = 0; n < 100; n++) {
			char name[64];
			snprintf(name, sizeof name, "n%d.%s", n, made_up[i]);
			limited += is_limited(name);
		}
		if (limited != 90)
			fail_msg("%s: %u of 100 limited", made_up[i], limited);
		rrl_free(served.answerer.rrl);
	}
	/* Names that are there have an account each, aliases through a DNAME share theirs. */
	served.answerer.rrl = rrl_new(&settings, 1);
	for (unsigned n = 0; n < 10; n++) {
		assert_false(is_limited("ns1.example.com"));
		assert_false(is_limited("a.wild2.example.com"));
		assert_false(is_limited("a.d.example.com"));
	}
	assert_true(is_limited("b.d.example.com"));
	assert_true(is_limited("ns1.example.com"));
	assert_false(is_limited("b.wild2.example.com"));
	rrl_free(served.answerer.rrl);
	served.answerer.rrl = NULL;
}

/* RFC 6891 section 6.1.3: what is cut for its rate keeps its code, all twelve bits of it. */
static void test_a_limited_badvers_is_still_badvers(void **state)
{
	(void)state;
	const struct rrl_settings settings = {.rate = 1, .slip = 1, .share = 1};
	uint8_t query[64];
	struct around got;
	size_t len = put_query(query, 0, 1, 1, WIRE(NS1 OPT("\1", "\0", "\0")));
	served.answerer.rrl = rrl_new(&settings, 1);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(exchange(query, len, false, &got));
		assert_int_equal(got.rcode, DNS_RCODE_BADVERS);
		assert_int_equal(got.flags, i > 0 ? DNS_FLAG_TC : 0);
	}
	rrl_free(served.answerer.rrl);
	served.answerer.rrl = NULL;
}

/* What has no name is about none, whatever was asked before it. */
static void test_queries_without_a_question_share_an_account(void **state)
{
	(void)state;
	const struct rrl_settings settings = {.rate = 3, .slip = 1, .share = 1};
	uint8_t query[64];
	struct around got;
	served.answerer.rrl = rrl_new(&settings, 1);
	for (unsigned i = 0; i < 6; i++) {
		struct asking asking = {.name = i % 2 == 0 ? "ns1.example.com" : "example.com",
					.type = "ANY",
					.resolver = "198.51.100.1",
					.stream = true};
		(void)served_ask(&served, &asking);
		size_t len = put_query(query, 0, 0, 1, WIRE(OPT("\0", "\0", "\14") CLIENT_COOKIE));
		assert_true(exchange(query, len, false, &got));
		assert_int_equal(got.flags, i >= 3 ? DNS_FLAG_TC : 0);
	}
	rrl_free(served.answerer.rrl);
	served.answerer.rrl = NULL;
}

/* How many of eight responses to QUERY are cut for their rate, by the short way or the LONG one. */
static unsigned limited_of_eight(const uint8_t *query, size_t len, bool longer, bool stream)
{
	unsigned limited = 0;
	uint8_t out[DNS_UDP_DEFAULT];
	struct addr resolver;
	assert_true(addr_parse("192.0.2.99", &resolver));
	for (unsigned i = 0; i < 8; i++) {
		size_t got = (longer ? answer_general : answer_packet)(
			&served.answerer, query, len, &resolver, stream, out, sizeof out);
		assert_true(got > DNS_HEADER_LEN);
		limited += (out[2] & 2) != 0;
	}
	return limited;
}

/* RFC 7873 section 5.2.4: whoever has a cookie of ours is not forged; nor is whoever has a
 * connection, and whom the operator named is trusted. */
static void test_nobody_is_limited_whose_address_is_proved_or_allowed(void **state)
{
	(void)state;
	uint8_t ours[COOKIE_LEN], queries[3][600];
	struct addr resolver;
	assert_true(addr_parse("192.0.2.99", &resolver));
	(void)cookie_answer(&secrets, (const uint8_t *)"12345678", 8, &resolver, 1000000, ours);
	size_t lens[3] = {
		put_query(queries[0], 0, 1, 0, WIRE(NS1)),
		put_query(queries[1], 0, 1, 1, WIRE(NS1 OPT("\0", "\0", "\34") FOREIGN_COOKIE)),
		put_query(queries[2], 0, 1, 1, WIRE(NS1 OPT("\0", "\0", "\34") FOREIGN_COOKIE)),
	};
	memcpy(queries[2] + lens[2] - COOKIE_LEN, ours, COOKIE_LEN);
	static const struct {
		const char *why;
		unsigned query;
		bool stream;
		const char *allow; /* NULL: nobody */
		unsigned limited;
	} rows[] = {
		{"without a cookie", 0, false, NULL, 6},
		{"a cookie of another server", 1, false, NULL, 6},
		{"a cookie of ours", 2, false, NULL, 0},
		{"over TCP", 0, true, NULL, 0},
		{"an address that is allowed", 0, false, "192.0.2.0/24", 0},
		{"one beside", 0, false, "192.0.3.0/24", 6},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rrl_settings settings = {.rate = 2, .slip = 1, .share = 1};
		if (rows[i].allow != NULL)
			assert_true(prefix_parse(rows[i].allow, &settings.allow[0], NULL));
		settings.allow_count = rows[i].allow != NULL;
		for (unsigned longer = 0; longer < 2; longer++) {
			served.answerer.rrl = rrl_new(&settings, 1);
			unsigned limited =
				limited_of_eight(queries[rows[i].query], lens[rows[i].query],
						 longer, rows[i].stream);
			if (limited != rows[i].limited)
				fail_msg("%s: %u limited", rows[i].why, limited);
			rrl_free(served.answerer.rrl);
		}
	}
	served.answerer.rrl = NULL;
}

/* Who does not count says the same, is limited alike, and is as silent. */
static void test_without_counters_everything_is_answered_as_with_them(void **state)
{
	(void)state;
	const struct rrl_settings settings = {.rate = 2, .slip = 1, .share = 1};
	struct counters *counters = served.answerer.counters;
	uint8_t query[600];
	struct asking asking = {.name = "www.example.com", .type = "A"};
	struct said with = *served_ask(&served, &asking);
	served.answerer.counters = NULL;
	const struct said *without = served_ask(&served, &asking);
	assert_int_equal(without->len, with.len);
	assert_memory_equal(without->bytes, with.bytes, with.len);
	served.answerer.rrl = rrl_new(&settings, 1);
	size_t len = put_query(query, 0, 1, 0, WIRE(NS1));
	assert_int_equal(limited_of_eight(query, len, false, false), 6);
	rrl_free(served.answerer.rrl);
	served.answerer.rrl = NULL;
	struct around got;
	len = put_query(query, 0x8000, 1, 0, WIRE(NS1)); /* a response */
	assert_false(exchange(query, len, false, &got));
	served.answerer.counters = counters;
	uint64_t before = counters->ignored;
	assert_false(exchange(query, len, false, &got));
	assert_int_equal(counters->ignored, before + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_bits_and_options_are_those_of_their_sections),
		cmocka_unit_test(test_of_the_flags_in_opt_only_do_comes_back),
		cmocka_unit_test(test_a_signed_query_is_told_that_its_key_is_unknown),
		cmocka_unit_test(test_a_tsig_that_does_not_fit_sets_tc),
		cmocka_unit_test(test_no_question_tells_whether_a_server_cookie_holds),
		cmocka_unit_test(test_the_longest_names_are_answered_and_longer_ones_malformed),
		cmocka_unit_test(test_names_made_up_below_a_cut_or_a_dname_share_an_account),
		cmocka_unit_test(test_a_limited_badvers_is_still_badvers),
		cmocka_unit_test(test_queries_without_a_question_share_an_account),
		cmocka_unit_test(test_nobody_is_limited_whose_address_is_proved_or_allowed),
		cmocka_unit_test(test_without_counters_everything_is_answered_as_with_them),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
