/* Tables for what a query may be: each row names the clause that decides it. */
#include "geodns/wire/query.h"

#include "geodns/wire/edns.h"
#include "geodns/wire/tsig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Header with QUERY, one question, ARCOUNT AR; the question "Www.Example" A IN. */
#define HEADER(an, ns, ar) "\x12\x34\x01\x00\0\1\0" an "\0" ns "\0" ar
#define QUESTION	   "\3Www\7Example\0\0\1\0\1"
#define OPT(len)	   "\0\0\x29\x04\xd0\0\0\0\0\0" len
#define WIRE(text)	   text, sizeof text - 1

/* Parses a copy on the heap that ends where the packet ends, so that a sanitizer sees what is read
 * beyond. */
static enum query_result parse(struct query *query, const char *wire, size_t len, bool stream)
{
	static uint8_t *packet;
	free(packet);
	packet = malloc(len > 0 ? len : 1);
	assert_non_null(packet);
	memcpy(packet, wire, len);
	return query_parse(query, packet, len, stream);
}

struct row {
	const char *what, *wire;
	size_t len;
	enum query_result expected;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct query query;
		enum query_result got = parse(&query, rows[i].wire, rows[i].len, false);
		if (got != rows[i].expected)
			fail_msg("%s: %d, not %d", rows[i].what, (int)got, (int)rows[i].expected);
	}
}

#define CHECK(rows) check(rows, sizeof rows / sizeof *rows)

/* RFC 1035 section 4.1.1, RFC 9619, RFC 1035 section 4.1.2. */
static void test_header_and_question_decide_first(void **state)
{
	(void)state;
	static const struct row ROWS[] = {
		{"nothing", WIRE(""), QUERY_IGNORE},
		{"11 octets", WIRE("\x12\x34\x01\0\0\1\0\0\0\0\0"), QUERY_IGNORE},
		{"a response", WIRE("\x12\x34\x81\0\0\1\0\0\0\0\0\0" QUESTION), QUERY_IGNORE},
		{"a response of another opcode", WIRE("\x12\x34\xa1\0\0\1\0\0\0\0\0\0" QUESTION),
		 QUERY_IGNORE},
		{"one question", WIRE(HEADER("\0", "\0", "\0") QUESTION), QUERY_OK},
		{"the root", WIRE(HEADER("\0", "\0", "\0") "\0\0\2\0\1"), QUERY_OK},
		{"header alone", WIRE(HEADER("\0", "\0", "\0")), QUERY_FORMERR},
		{"no question", WIRE("\x12\x34\1\0\0\0\0\0\0\0\0\0"), QUERY_FORMERR},
		{"two questions", WIRE("\x12\x34\1\0\0\2\0\0\0\0\0\0" QUESTION QUESTION),
		 QUERY_FORMERR},
		{"256 questions", WIRE("\x12\x34\1\0\1\0\0\0\0\0\0\0" QUESTION), QUERY_FORMERR},
		{"cut name", WIRE(HEADER("\0", "\0", "\0") "\3ww"), QUERY_FORMERR},
		{"no type", WIRE(HEADER("\0", "\0", "\0") "\3www\0"), QUERY_FORMERR},
		{"cut class", WIRE(HEADER("\0", "\0", "\0") "\3www\0\0\1\0"), QUERY_FORMERR},
		{"pointer to itself", WIRE(HEADER("\0", "\0", "\0") "\300\14\0\1\0\1"),
		 QUERY_FORMERR},
		{"pointer into the header", WIRE(HEADER("\0", "\0", "\0") "\1a\300\0\0\1\0\1"),
		 QUERY_FORMERR},
		{"label type 01", WIRE(HEADER("\0", "\0", "\0") "\101a\0\0\1\0\1"), QUERY_FORMERR},
		{"trailing octets", WIRE(HEADER("\0", "\0", "\0") QUESTION "junk"), QUERY_OK},
		{"NOTIFY", WIRE("\x12\x34\x20\0\0\1\0\0\0\0\0\0" QUESTION), QUERY_NOTIMP},
		{"UPDATE", WIRE("\x12\x34\x28\0\0\1\0\0\0\0\0\0" QUESTION), QUERY_NOTIMP},
		{"opcode 15", WIRE("\x12\x34\x78\0\0\1\0\0\0\0\0\0" QUESTION), QUERY_NOTIMP},
		{"another opcode, two questions", WIRE("\x12\x34\x28\0\0\2\0\0\0\0\0\0"),
		 QUERY_NOTIMP},
		{"another opcode, cut", WIRE("\x12\x34\x28\0\0\1\0\0\0\0\0\0\3ww"), QUERY_NOTIMP},
	};
	CHECK(ROWS);
}

/* RFC 1035 section 4.1.3, RFC 6891 section 6.1.1. */
static void test_records_beyond_the_question_need_only_parse(void **state)
{
	(void)state;
#define JUNK "\1x\0\0\1\0\1\0\0\0\0\0\2ab"
	static const struct row ROWS[] = {
		{"a record in each section", WIRE(HEADER("\1", "\1", "\1") QUESTION JUNK JUNK JUNK),
		 QUERY_OK},
		{"owner compressed",
		 WIRE(HEADER("\1", "\0", "\0") QUESTION "\300\14\0\1\0\1\0\0\0\0\0\0"), QUERY_OK},
		{"junk before OPT", WIRE(HEADER("\0", "\0", "\2") QUESTION JUNK OPT("\0")),
		 QUERY_OK},
		{"junk behind OPT", WIRE(HEADER("\0", "\0", "\2") QUESTION OPT("\0") JUNK),
		 QUERY_OK},
		{"OPT alone", WIRE(HEADER("\0", "\0", "\1") QUESTION OPT("\0")), QUERY_OK},
		{"OPT and trailing octets",
		 WIRE(HEADER("\0", "\0", "\1") QUESTION OPT("\0") "junk"), QUERY_OK},
		{"counted, not there", WIRE(HEADER("\1", "\0", "\0") QUESTION), QUERY_FORMERR},
		{"additional counted, not there", WIRE(HEADER("\0", "\0", "\1") QUESTION),
		 QUERY_FORMERR},
		{"cut RDATA", WIRE(HEADER("\1", "\0", "\0") QUESTION "\0\0\1\0\1\0\0\0\0\0\2a"),
		 QUERY_FORMERR},
		{"cut fixed part", WIRE(HEADER("\1", "\0", "\0") QUESTION "\0\0\1\0\1\0\0"),
		 QUERY_FORMERR},
		{"bad owner", WIRE(HEADER("\1", "\0", "\0") QUESTION "\200\0\0\1\0\1\0\0\0\0\0\0"),
		 QUERY_FORMERR},
		{"two OPT", WIRE(HEADER("\0", "\0", "\2") QUESTION OPT("\0") OPT("\0")),
		 QUERY_FORMERR},
		{"OPT among answers", WIRE(HEADER("\1", "\0", "\0") QUESTION OPT("\0")),
		 QUERY_FORMERR},
		{"OPT in authority", WIRE(HEADER("\0", "\1", "\0") QUESTION OPT("\0")),
		 QUERY_FORMERR},
		{"OPT not at the root",
		 WIRE(HEADER("\0", "\0", "\1") QUESTION "\1a\0\0\x29\x04\xd0\0\0\0\0\0\0"),
		 QUERY_FORMERR},
		{"OPT whose owner points to a root",
		 WIRE(HEADER("\0", "\0", "\1") QUESTION "\300\30\0\x29\x04\xd0\0\0\0\0\0\0"),
		 QUERY_FORMERR},
		{"OPT cut", WIRE(HEADER("\0", "\0", "\1") QUESTION "\0\0\x29\x04\xd0\0\0"),
		 QUERY_FORMERR},
	};
	CHECK(ROWS);
}

/* RFC 6891 section 6.1.2, RFC 7873 section 5.2.2, RFC 5001 section 2.1, RFC 7828 section 3.2.2. */
static void test_options_must_have_their_lengths(void **state)
{
	(void)state;
#define WITH(len, options) WIRE(HEADER("\0", "\0", "\1") QUESTION OPT(len) options)
#define EIGHT		   "12345678"
	static const struct row ROWS[] = {
		{"unknown option", WITH("\6", "\xff\xfe\0\2ab"), QUERY_OK},
		{"unknown empty option", WITH("\4", "\xff\xfe\0\0"), QUERY_OK},
		{"options longer than OPT", WITH("\5", "\xff\xfe\0\2ab"), QUERY_FORMERR},
		{"OPT longer than the packet", WITH("\7", "\xff\xfe\0\2ab"), QUERY_FORMERR},
		{"three octets of an option", WITH("\3", "\xff\xfe\0"), QUERY_FORMERR},
		{"NSID", WITH("\4", "\0\3\0\0"), QUERY_OK},
		{"NSID with a payload", WITH("\5", "\0\3\0\1x"), QUERY_OK},
		{"keepalive over UDP is ignored", WITH("\6", "\0\13\0\2ab"), QUERY_OK},
		{"cookie of 0", WITH("\4", "\0\12\0\0"), QUERY_FORMERR},
		{"cookie of 7",
		 WITH("\13", "\0\12\0\7"
			     "1234567"),
		 QUERY_FORMERR},
		{"cookie of 8", WITH("\14", "\0\12\0\10" EIGHT), QUERY_OK},
		{"cookie of 9", WITH("\15", "\0\12\0\11" EIGHT "9"), QUERY_FORMERR},
		{"cookie of 15", WITH("\23", "\0\12\0\17" EIGHT "1234567"), QUERY_FORMERR},
		{"cookie of 16", WITH("\24", "\0\12\0\20" EIGHT EIGHT), QUERY_OK},
		{"cookie of 40", WITH("\54", "\0\12\0\50" EIGHT EIGHT EIGHT EIGHT EIGHT), QUERY_OK},
		{"cookie of 41", WITH("\55", "\0\12\0\51" EIGHT EIGHT EIGHT EIGHT EIGHT "1"),
		 QUERY_FORMERR},
		{"version 1",
		 WIRE(HEADER("\0", "\0", "\1") QUESTION "\0\0\x29\x04\xd0\0\1\0\0\0\0"),
		 QUERY_BADVERS},
		{"version 255, options of another form",
		 WIRE(HEADER("\0", "\0", "\1") QUESTION "\0\0\x29\x04\xd0\0\xff\0\0\0\1x"),
		 QUERY_BADVERS},
	};
	CHECK(ROWS);
	struct query query;
	assert_int_equal(parse(&query, WITH("\6", "\0\13\0\2ab"), true), QUERY_FORMERR);
	assert_int_equal(parse(&query, WITH("\4", "\0\13\0\0"), true), QUERY_OK);
	assert_true(query.wants_keepalive);
	assert_int_equal(parse(&query, WITH("\4", "\0\13\0\0"), false), QUERY_OK);
	assert_false(query.wants_keepalive);
}

/* RFC 7871 section 6. */
static void test_ecs_must_be_exact(void **state)
{
	(void)state;
	static const struct {
		const char *what, *data;
		size_t len;
		bool good;
	} ROWS[] = {
		{"IPv4 /24", WIRE("\0\1\30\0\xc0\0\2"), true},
		{"IPv4 /0", WIRE("\0\1\0\0"), true},
		{"IPv4 /32", WIRE("\0\1\40\0\xc0\0\2\1"), true},
		{"IPv4 /33", WIRE("\0\1\41\0\xc0\0\2\1\0"), false},
		{"IPv4 /25, last bit", WIRE("\0\1\31\0\xc0\0\2\x80"), true},
		{"IPv4 /25, a bit beyond", WIRE("\0\1\31\0\xc0\0\2\x40"), false},
		{"IPv4 /23, a bit beyond", WIRE("\0\1\27\0\xc0\0\1"), false},
		{"IPv4 /1", WIRE("\0\1\1\0\x80"), true},
		{"IPv4 /1, a bit beyond", WIRE("\0\1\1\0\x01"), false},
		{"IPv4 /24 with four octets", WIRE("\0\1\30\0\xc0\0\2\0"), false},
		{"IPv4 /24 with two octets", WIRE("\0\1\30\0\xc0\0"), false},
		{"IPv4 /0 with an octet", WIRE("\0\1\0\0\0"), false},
		{"scope in a query", WIRE("\0\1\30\30\xc0\0\2"), false},
		{"scope alone", WIRE("\0\1\0\1"), false},
		{"IPv6 /56", WIRE("\0\2\70\0\x20\1\xd\xb8\0\0\0"), true},
		{"IPv6 /64", WIRE("\0\2\100\0\x20\1\xd\xb8\0\0\0\0"), true},
		{"IPv6 /65", WIRE("\0\2\101\0\x20\1\xd\xb8\0\0\0\0\x80"), true},
		{"IPv6 /65, a bit beyond", WIRE("\0\2\101\0\x20\1\xd\xb8\0\0\0\0\x01"), false},
		{"IPv6 /128", WIRE("\0\2\200\0\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), true},
		{"IPv6 /129", WIRE("\0\2\201\0\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0"), false},
		{"IPv6 /0", WIRE("\0\2\0\0"), true},
		{"family 0 to opt out", WIRE("\0\0\0\0"), true},
		{"family 0 with a source", WIRE("\0\0\10\0\1"), false},
		{"family 3", WIRE("\0\3\0\0"), false},
		{"family 256", WIRE("\1\0\0\0"), false},
		{"empty", WIRE(""), false},
		{"three octets", WIRE("\0\1\0"), false},
	};
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		char wire[128] = HEADER("\0", "\0", "\1") QUESTION OPT("\0");
		size_t at = sizeof(HEADER("\0", "\0", "\1") QUESTION OPT("\0")) - 1;
		wire[at - 1] = (char)(ROWS[i].len + 4);
		memcpy(wire + at, "\0\10\0", 3);
		wire[at + 3] = (char)ROWS[i].len;
		memcpy(wire + at + 4, ROWS[i].data, ROWS[i].len);
		struct query query;
		enum query_result got = parse(&query, wire, at + 4 + ROWS[i].len, false);
		if (got != (ROWS[i].good ? QUERY_OK : QUERY_FORMERR) ||
		    query.ecs.present != ROWS[i].good)
			fail_msg("%s: %d", ROWS[i].what, (int)got);
		if (!ROWS[i].good)
			continue;
		uint8_t address[16] = {0};
		memcpy(address, ROWS[i].data + 4, ROWS[i].len - 4);
		assert_int_equal(query.ecs.source, ROWS[i].data[2] & 0xff);
		assert_memory_equal(query.ecs.address.bytes, address, 16);
		assert_int_equal(query.ecs.sent_len, ROWS[i].len);
		assert_memory_equal(query.ecs.sent, ROWS[i].data, ROWS[i].len);
		static const uint8_t FAMILIES[] = {ADDR_NONE, ADDR_IPV4, ADDR_IPV6};
		assert_int_equal(query.ecs.address.family, FAMILIES[(unsigned)ROWS[i].data[1]]);
	}
}

static void test_first_of_two_options_counts_and_both_must_be_well_formed(void **state)
{
	(void)state;
	struct query query;
	assert_int_equal(parse(&query,
			       WITH("\26", "\0\10\0\7\0\1\30\0\xc0\0\2"
					   "\0\10\0\7\0\1\30\0\xc6\x33\x64"),
			       false),
			 QUERY_OK);
	assert_int_equal(query.ecs.address.bytes[0], 0xc0);
	assert_int_equal(parse(&query,
			       WITH("\26", "\0\10\0\7\0\1\30\0\xc0\0\2"
					   "\0\10\0\7\0\1\27\0\xc6\x33\x65"),
			       false),
			 QUERY_FORMERR);
	assert_false(query.ecs.present);
}

static void test_fields_are_those_that_were_sent(void **state)
{
	(void)state;
	struct query query;
	assert_int_equal(
		parse(&query,
		      WIRE(HEADER("\0", "\0", "\1") QUESTION "\0\0\x29\x10\0\0\0\x80\0\0\20"
							     "\0\3\0\0"
							     "\0\12\0\10" EIGHT),
		      false),
		QUERY_OK);
	assert_int_equal(query.id, 0x1234);
	assert_int_equal(query.flags, 0x0100);
	assert_int_equal(query.opcode, 0);
	assert_int_equal(query.qname_len, 13);
	assert_memory_equal(query.qname, "\3www\7example\0", 13);
	assert_true(query.qname_hash == name_hash(query.qname, 13));
	assert_int_equal(query.qtype, DNS_TYPE_A);
	assert_int_equal(query.qclass, DNS_CLASS_IN);
	assert_int_equal(query.question_len, 17);
	assert_true(query.has_edns && query.dnssec_ok && query.wants_nsid);
	assert_int_equal(query.udp_size, 4096);
	assert_int_equal(query.cookie_len, 8);
	assert_memory_equal(query.cookie, EIGHT, 8);
}

static void test_only_what_is_looked_up_has_a_hash(void **state)
{
	(void)state;
	struct query query;
	memset(&query, 0xff, sizeof query);
	assert_int_equal(parse(&query, WIRE(HEADER("\0", "\0", "\1") QUESTION "\0\0\x29"), false),
			 QUERY_FORMERR);
	assert_int_equal(query.qname_len, 13);
	assert_true(query.qname_hash == 0);
	memset(&query, 0xff, sizeof query);
	assert_int_equal(parse(&query, WIRE("\x12\x34\1\0\0\0\0\0\0\0\0\0"), false), QUERY_FORMERR);
	assert_true(query.qname_hash == 0);
}

/* RFC 6891 section 6.2.3: less than 512 counts as 512; without EDNS RFC 1035 section 4.2.1. */
static void test_udp_size_is_never_below_512(void **state)
{
	(void)state;
	struct query query;
	assert_int_equal(parse(&query, WIRE(HEADER("\0", "\0", "\0") QUESTION), false), QUERY_OK);
	assert_false(query.has_edns);
	assert_int_equal(query.udp_size, 512);
	assert_int_equal(parse(&query,
			       WIRE(HEADER("\0", "\0", "\1") QUESTION "\0\0\x29\0\0\0\0\0\0\0\0"),
			       false),
			 QUERY_OK);
	assert_int_equal(query.udp_size, 512);
	assert_int_equal(parse(&query,
			       WIRE(HEADER("\0", "\0", "\1") QUESTION "\0\0\x29\2\1\0\0\0\0\0\0"),
			       false),
			 QUERY_OK);
	assert_int_equal(query.udp_size, 513);
}

/* RFC 7873 section 5.4. */
static void test_no_question_is_good_for_a_cookie_alone(void **state)
{
	(void)state;
	static const struct row ROWS[] = {
		{"cookie", WIRE("\x12\x34\0\0\0\0\0\0\0\0\0\1" OPT("\14") "\0\12\0\10" EIGHT),
		 QUERY_COOKIE_ONLY},
		{"no cookie", WIRE("\x12\x34\0\0\0\0\0\0\0\0\0\1" OPT("\0")), QUERY_FORMERR},
		{"bad cookie",
		 WIRE("\x12\x34\0\0\0\0\0\0\0\0\0\1" OPT("\13") "\0\12\0\7"
								"1234567"),
		 QUERY_FORMERR},
		{"version 1", WIRE("\x12\x34\0\0\0\0\0\0\0\0\0\1\0\0\x29\x04\xd0\0\1\0\0\0\0"),
		 QUERY_BADVERS},
	};
	CHECK(ROWS);
}

/* RFC 6891 section 6.1.1: whoever sent OPT gets OPT, with FORMERR too. */
static void test_edns_is_remembered_when_the_query_is_malformed(void **state)
{
	(void)state;
	struct query query;
	assert_int_equal(parse(&query,
			       WITH("\13", "\0\12\0\7"
					   "1234567"),
			       false),
			 QUERY_FORMERR);
	assert_true(query.has_edns);
	assert_int_equal(query.question_len, 17);
	assert_int_equal(query.cookie_len, 0);
	assert_int_equal(parse(&query,
			       WIRE(HEADER("\0", "\0", "\2")
					    QUESTION OPT("\14") "\0\12\0\10" EIGHT OPT("\0")),
			       false),
			 QUERY_FORMERR);
	assert_true(query.has_edns);
	assert_int_equal(query.cookie_len, 0);
}

/* Key "k.", algorithm "a.", a time, a fudge, a MAC of four octets, the id. */
#define TSIG_FIXED "\0\xfa\0\xff\0\0\0\0\0\27"
#define TSIG_DATA  "\1a\0\0\0\1\2\3\4\1\x2c\0\4abcd\x12\x34\0\0\0\0"
#define TSIG	   "\1k\0" TSIG_FIXED TSIG_DATA

/* RFC 8945 section 5.1: the last record of the additional section; section 5.2.1: NOTAUTH where the
 * key is not known. RFC 6891 section 6.1.3: a version comes before all else. */
static void test_a_signature_counts_at_its_place_alone(void **state)
{
	(void)state;
#define NO_QUESTION(an, ar) "\x12\x34\0\0\0\0\0" an "\0\0\0" ar
#define VERSION_1	    "\0\0\x29\x04\xd0\0\1\0\0\0\0"
	static const struct row ROWS[] = {
		{"the last of the additional", WIRE(HEADER("\0", "\0", "\1") QUESTION TSIG),
		 QUERY_NOTAUTH},
		{"behind a record among the answers",
		 WIRE(HEADER("\1", "\0", "\1") QUESTION JUNK TSIG), QUERY_NOTAUTH},
		{"among the answers", WIRE(HEADER("\1", "\0", "\0") QUESTION TSIG), QUERY_FORMERR},
		{"in authority", WIRE(HEADER("\0", "\1", "\0") QUESTION TSIG), QUERY_FORMERR},
		{"without a question", WIRE(NO_QUESTION("\0", "\1") TSIG), QUERY_NOTAUTH},
		{"without a question, of a version above 0",
		 WIRE(NO_QUESTION("\0", "\2") VERSION_1 TSIG), QUERY_BADVERS},
		{"of a version above 0", WIRE(HEADER("\0", "\0", "\2") QUESTION VERSION_1 TSIG),
		 QUERY_BADVERS},
		{"a version above 0 behind an answer",
		 WIRE(HEADER("\1", "\0", "\1") QUESTION JUNK VERSION_1), QUERY_BADVERS},
		{"no octets behind its owner", WIRE(HEADER("\0", "\0", "\1") QUESTION "\1k\0"),
		 QUERY_FORMERR},
	};
	CHECK(ROWS);
	struct query query;
	for (size_t i = 2; i < 4; i++) {
		(void)!parse(&query, ROWS[i].wire, ROWS[i].len, false);
		assert_int_equal(query.tsig, 0);
	}
}

/* RFC 1035 section 4.2.2: no message is so long. Its place has 16 bits, and must not wrap round to
 * another. */
static void test_a_signature_behind_the_longest_message_is_malformed(void **state)
{
	(void)state;
	static const char FIRST[] = HEADER("\0", "\0", "\2") QUESTION "\0\0\1\0\1\0\0\0\0";
	static char wire[70000];
	/* A record of so much RDATA that the TSIG behind it begins at the offset AT. */
	for (size_t at = 65535; at <= 65536; at++) {
		memcpy(wire, FIRST, sizeof FIRST - 1);
		wire_put_u16((uint8_t *)wire + sizeof FIRST - 1, (uint16_t)(at - sizeof FIRST - 1));
		memcpy(wire + at, TSIG, sizeof TSIG - 1);
		struct query query;
		assert_int_equal(parse(&query, wire, at + sizeof TSIG - 1, true),
				 at == 65535 ? QUERY_NOTAUTH : QUERY_FORMERR);
		assert_int_equal(query.tsig, at == 65535 ? 65535 : 0);
	}
}

/* RFC 8945 section 4.2: nothing is missing and nothing stands behind. */
static void test_a_signature_must_have_its_form(void **state)
{
	(void)state;
	static const struct {
		const char *what, *wire;
		size_t len;
		bool good;
	} ROWS[] = {
		{"whole", WIRE(TSIG), true},
		{"another type", WIRE("\1k\0\0\xf9\0\xff\0\0\0\0\0\27" TSIG_DATA), false},
		{"class IN", WIRE("\1k\0\0\xfa\0\1\0\0\0\0\0\27" TSIG_DATA), false},
		{"a TTL", WIRE("\1k\0\0\xfa\0\xff\0\0\0\1\0\27" TSIG_DATA), false},
		{"RDATA too short", WIRE("\1k\0\0\xfa\0\xff\0\0\0\0\0\26" TSIG_DATA), false},
		{"RDATA too long", WIRE("\1k\0\0\xfa\0\xff\0\0\0\0\0\30" TSIG_DATA "x"), false},
		{"an algorithm that leads nowhere",
		 WIRE("\1k\0" TSIG_FIXED "\300\77\0\0\1\2\3\4\1\x2c\0\4abcd\x12\x34\0\0\0\0"),
		 false},
	};
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		char wire[128] = HEADER("\0", "\0", "\1") QUESTION;
		uint8_t reply[128] = {0};
		size_t at = sizeof(HEADER("\0", "\0", "\1") QUESTION) - 1;
		memcpy(wire + at, ROWS[i].wire, ROWS[i].len);
		struct query query = {.packet = (const uint8_t *)wire,
				      .packet_len = at + ROWS[i].len,
				      .tsig = (uint16_t)at};
		if (tsig_is_well_formed(&query) != ROWS[i].good)
			fail_msg("%s", ROWS[i].what);
		/* Nothing of a malformed one is repeated to whoever sent it. */
		size_t len = tsig_refuse(&query, reply, DNS_HEADER_LEN, sizeof reply);
		assert_int_equal(len > DNS_HEADER_LEN, ROWS[i].good);
		assert_int_equal(wire_get_u16(reply + 10), ROWS[i].good);
		assert_int_equal(reply[2] & DNS_FLAG_TC >> 8, 0);
	}
}

/* RFC 6891 section 6.1.2, for whoever has not looked at owner and length before. */
static void test_an_opt_record_is_whole_and_of_the_root(void **state)
{
	(void)state;
	static const struct {
		const char *what, *wire;
		size_t len, expected;
	} ROWS[] = {
		{"nothing", WIRE(""), 0},
		{"ten octets", WIRE("\0\0\x29\x04\xd0\0\0\0\0\0"), 0},
		{"without options", WIRE(OPT("\0")), 11},
		{"and more behind", WIRE(OPT("\0") "junk"), 11},
		{"another owner", WIRE("\1\0\x29\x04\xd0\0\0\0\0\0\0"), 0},
		{"an option", WIRE(OPT("\4") "\0\3\0\0"), 15},
		{"a cut option", WIRE(OPT("\4") "\0\3\0"), 0},
	};
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		char wire[64] = "";
		memcpy(wire + 8, ROWS[i].wire, ROWS[i].len);
		struct query query = {0};
		size_t len = edns_parse(&query, (const uint8_t *)wire + 8, ROWS[i].len, false);
		if (len != ROWS[i].expected)
			fail_msg("%s: %zu", ROWS[i].what, len);
	}
}

static void test_every_cut_of_a_query_is_refused(void **state)
{
	(void)state;
	static const char WHOLE[] =
		HEADER("\0", "\0", "\1") QUESTION OPT("\13") "\0\10\0\7\0\1\30\0\xc0\0\2";
	struct query query;
	assert_int_equal(parse(&query, WIRE(WHOLE), false), QUERY_OK);
	for (size_t len = 0; len < sizeof WHOLE - 1; len++) {
		enum query_result expected = len < DNS_HEADER_LEN ? QUERY_IGNORE : QUERY_FORMERR;
		assert_int_equal(parse(&query, WHOLE, len, false), expected);
	}
}

static void test_results_have_their_rcodes(void **state)
{
	(void)state;
	assert_int_equal(query_rcode(QUERY_OK), 0);
	assert_int_equal(query_rcode(QUERY_COOKIE_ONLY), 0);
	assert_int_equal(query_rcode(QUERY_FORMERR), 1);
	assert_int_equal(query_rcode(QUERY_NOTIMP), 4);
	assert_int_equal(query_rcode(QUERY_BADVERS), 16);
	assert_int_equal(query_rcode(QUERY_NOTAUTH), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_and_question_decide_first),
		cmocka_unit_test(test_records_beyond_the_question_need_only_parse),
		cmocka_unit_test(test_options_must_have_their_lengths),
		cmocka_unit_test(test_ecs_must_be_exact),
		cmocka_unit_test(test_first_of_two_options_counts_and_both_must_be_well_formed),
		cmocka_unit_test(test_fields_are_those_that_were_sent),
		cmocka_unit_test(test_only_what_is_looked_up_has_a_hash),
		cmocka_unit_test(test_udp_size_is_never_below_512),
		cmocka_unit_test(test_no_question_is_good_for_a_cookie_alone),
		cmocka_unit_test(test_edns_is_remembered_when_the_query_is_malformed),
		cmocka_unit_test(test_a_signature_counts_at_its_place_alone),
		cmocka_unit_test(test_a_signature_behind_the_longest_message_is_malformed),
		cmocka_unit_test(test_a_signature_must_have_its_form),
		cmocka_unit_test(test_an_opt_record_is_whole_and_of_the_root),
		cmocka_unit_test(test_every_cut_of_a_query_is_refused),
		cmocka_unit_test(test_results_have_their_rcodes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
