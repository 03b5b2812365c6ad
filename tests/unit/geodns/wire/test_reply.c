/* Holds responses to the RFCs by reading them back, octet by octet where it matters. */
#include "geodns/wire/reply.h"

#include "geodns/wire/message.h"
#include "geodns/wire/name_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define HEADER(ar) "\x12\x34\x01\x10\0\1\0\0\0\0\0" ar
#define QUESTION   "\3Www\7Example\0\0\1\0\1"
#define WIRE(text) (const uint8_t *)(text), sizeof(text) - 1

static const struct reply_server SERVER = {
	.udp_size = 1232, .keepalive_100ms = 100, .nsid_len = 4, .nsid = (const uint8_t *)"fra1"};

static uint8_t out[65535];

static void parse(struct query *query, const uint8_t *wire, size_t len, bool stream)
{
	assert_int_equal(query_parse(query, wire, len, stream), QUERY_OK);
}

static void assert_message(size_t len, const uint8_t *expected, size_t expected_len)
{
	assert_int_equal(len, expected_len);
	assert_memory_equal(out, expected, expected_len);
}

static const uint8_t PREPARED[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 10};

/* RFC 1035 section 4.1, RFC 4035 section 3.1.6: CD of the query is not kept; case of the question
 * is. */
static void test_prepared_answer_is_written_as_it_is(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	reply.authoritative = true;
	assert_true(reply_prepared(&reply, REPLY_ANSWER, PREPARED, sizeof PREPARED, 1));
	assert_message(reply_end(&reply), WIRE("\x12\x34\x85\0\0\1\0\1\0\0\0\0" QUESTION
					       "\300\14\0\1\0\1\0\0\0\36\0\4\xc0\0\2\12"));
}

/* RFC 7871 section 7.2.1, RFC 6891 section 6.1.1. */
static void test_ecs_is_echoed_with_our_scope(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	parse(&query,
	      WIRE(HEADER("\1") QUESTION "\0\0\x29\x10\0\0\0\x80\0\0\13\0\10\0\7\0\1\30\0\xc0\0\2"),
	      false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	reply.ecs_scope = 20;
	assert_message(reply_end(&reply),
		       WIRE("\x12\x34\x81\0\0\1\0\0\0\0\0\1" QUESTION
			    "\0\0\x29\x04\xd0\0\0\x80\0\0\13\0\10\0\7\0\1\30\24\xc0\0\2"));
}

static void test_ecs_of_every_length_is_echoed(void **state)
{
	(void)state;
	for (unsigned source = 0; source <= 128; source++) {
		uint8_t wire[80];
		struct prefix prefix = {{ADDR_IPV6, {0}}, (uint8_t)source};
		memset(prefix.addr.bytes, 0xff, 16);
		addr_mask(&prefix.addr, source);
		struct message_question question = {.name = (const uint8_t *)"\1a\0",
						    .type = DNS_TYPE_AAAA,
						    .class_ = DNS_CLASS_IN,
						    .udp_size = 1232,
						    .ecs = &prefix};
		size_t len = message_query(&question, wire, sizeof wire);
		struct query query;
		struct reply reply;
		parse(&query, wire, len, false);
		reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
		reply.ecs_scope = 48;
		assert_int_equal(reply_end(&reply), len);
		/* Only QR and the scope differ. */
		wire[2] |= 0x80;
		size_t scope = len - (source + 7) / 8 - 1;
		wire[scope] = source == 0 ? 0 : 48;
		assert_memory_equal(out, wire, len);
	}
}

/* RFC 2181 section 9, RFC 1035 section 4.2.1: without EDNS 512 octets. */
static void test_rrset_that_does_not_fit_is_left_out_whole_with_tc(void **state)
{
	(void)state;
	uint8_t records[40 * sizeof PREPARED];
	for (size_t i = 0; i < 40; i++)
		memcpy(records + i * sizeof PREPARED, PREPARED, sizeof PREPARED);
	/* 12 + 17 octets before the records: 30 records are 509 octets, 31 are 525. */
	for (unsigned count = 30; count <= 31; count++) {
		struct query query;
		struct reply reply;
		parse(&query, WIRE(HEADER("\0") QUESTION), false);
		reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
		bool fits = reply_prepared(&reply, REPLY_ANSWER, records, count * sizeof PREPARED,
					   count);
		assert_int_equal(fits, count == 30);
		size_t len = reply_end(&reply);
		assert_int_equal(len, count == 30 ? 509 : 29);
		assert_int_equal(out[2] & 2, count == 30 ? 0 : 2);
		assert_int_equal(out[7], count == 30 ? 30 : 0);
		reply_begin(&reply, &query, &SERVER, out, sizeof out, true);
		assert_true(reply_prepared(&reply, REPLY_ANSWER, records, count * sizeof PREPARED,
					   count));
	}
}

static void test_additional_data_that_does_not_fit_sets_no_tc(void **state)
{
	(void)state;
	uint8_t big[600] = {0};
	struct query query;
	struct reply reply;
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	assert_false(reply_prepared(&reply, REPLY_ADDITIONAL, big, sizeof big, 1));
	assert_false(reply.truncated);
	assert_false(reply_prepared(&reply, REPLY_AUTHORITY, big, sizeof big, 1));
	assert_true(reply.truncated);
	reply_rewind(&reply);
	assert_false(reply.truncated);
}

/* RFC 6891 section 6.2.5: the smaller of both sizes, and OPT has its place in it. */
static void test_udp_limit_is_the_smaller_size_with_room_for_opt(void **state)
{
	(void)state;
	static const struct {
		const char *query;
		size_t len, cap, limit;
		bool stream;
	} ROWS[] = {
		{HEADER("\0") QUESTION, 29, 4096, 512, false},
		{HEADER("\1") QUESTION "\0\0\x29\2\x58\0\0\0\0\0\0", 40, 4096, 600 - 11, false},
		{HEADER("\1") QUESTION "\0\0\x29\x20\0\0\0\0\0\0\0", 40, 4096, 1232 - 11, false},
		{HEADER("\1") QUESTION "\0\0\x29\x20\0\0\0\0\0\0\0", 40, 600, 600 - 11, false},
		{HEADER("\1") QUESTION "\0\0\x29\x20\0\0\0\0\0\0\4\0\3\0\0", 44, 4096,
		 1232 - 11 - 8, false},
		{HEADER("\0") QUESTION, 29, 65535, 65535, true},
		{HEADER("\1") QUESTION "\0\0\x29\x20\0\0\0\0\0\0\4\0\13\0\0", 44, 65535,
		 65535 - 11 - 6, true},
	};
	static uint8_t filler[65535];
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		struct query query;
		struct reply reply;
		parse(&query, (const uint8_t *)ROWS[i].query, ROWS[i].len, ROWS[i].stream);
		reply_begin(&reply, &query, &SERVER, out, ROWS[i].cap, ROWS[i].stream);
		size_t most = ROWS[i].limit - 29;
		assert_false(reply_prepared(&reply, REPLY_ADDITIONAL, filler, most + 1, 1));
		assert_true(reply_prepared(&reply, REPLY_ADDITIONAL, filler, most, 1));
		size_t end = ROWS[i].limit + (query.has_edns ? 11 : 0);
		assert_in_range(reply_end(&reply), end, ROWS[i].cap);
	}
}

/* RFC 6891 section 6.1.3. */
static void test_extended_rcode_is_split_and_the_version_is_ours(void **state)
{
	(void)state;
	struct query query;
	const uint8_t *wire = (const uint8_t *)HEADER("\1") QUESTION "\0\0\x29\x04\xd0\0\1\0\0\0\0";
	assert_int_equal(query_parse(&query, wire, 40, false), QUERY_BADVERS);
	size_t len = reply_error(&query, &SERVER, out, sizeof out, false, DNS_RCODE_BADVERS, -1);
	assert_message(len, WIRE("\x12\x34\x81\0\0\1\0\0\0\0\0\1" QUESTION
				 "\0\0\x29\x04\xd0\1\0\0\0\0\0"));
}

static void test_formerr_without_a_question_is_a_header(void **state)
{
	(void)state;
	struct query query;
	assert_int_equal(query_parse(&query, WIRE("\x12\x34\x01\0\0\2\0\0\0\0\0\0"), false),
			 QUERY_FORMERR);
	size_t len = reply_error(&query, &SERVER, out, sizeof out, false, DNS_RCODE_FORMERR, -1);
	assert_message(len, WIRE("\x12\x34\x81\1\0\0\0\0\0\0\0\0"));
}

static void test_notimp_keeps_the_opcode(void **state)
{
	(void)state;
	struct query query;
	assert_int_equal(
		query_parse(&query, WIRE("\x12\x34\x28\0\0\1\0\0\0\0\0\0" QUESTION), false),
		QUERY_NOTIMP);
	size_t len = reply_error(&query, &SERVER, out, sizeof out, false, DNS_RCODE_NOTIMP, -1);
	assert_message(len, WIRE("\x12\x34\xa8\4\0\1\0\0\0\0\0\0" QUESTION));
}

/* RFC 5001 section 2.3, RFC 7873 section 5.2, RFC 7828 section 3.3.2, RFC 8914 section 2. */
static void test_options_asked_for_are_answered(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	parse(&query,
	      WIRE(HEADER("\1") QUESTION
		   "\0\0\x29\x04\xd0\0\0\0\0\0\24\0\3\0\0\0\13\0\0\0\12\0\10abcdefgh"),
	      true);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, true);
	reply_cookie(&reply, (const uint8_t *)"abcdefghSERVERCO", 16);
	reply.ede = DNS_EDE_NOT_AUTHORITATIVE;
	reply.ede_text = "no such zone";
	reply.rcode = DNS_RCODE_REFUSED;
	assert_message(reply_end(&reply), WIRE("\x12\x34\x81\5\0\1\0\0\0\0\0\1" QUESTION
					       "\0\0\x29\x04\xd0\0\0\0\0\0\64"
					       "\0\3\0\4fra1"
					       "\0\12\0\20abcdefghSERVERCO"
					       "\0\13\0\2\0\x64"
					       "\0\17\0\16\0\24no such zone"));
}

static void test_extended_error_gives_way_where_there_is_no_room(void **state)
{
	(void)state;
	static uint8_t filler[512];
	for (size_t left = 0; left <= 18; left++) {
		struct query query;
		struct reply reply;
		parse(&query, WIRE(HEADER("\1") QUESTION "\0\0\x29\2\0\0\0\0\0\0\0"), false);
		reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
		assert_true(reply_prepared(&reply, REPLY_ANSWER, filler, 512 - 29 - 11 - left, 1));
		reply.ede = DNS_EDE_NOT_READY;
		reply.ede_text = "not ready yet";
		size_t used = left < 6 ? 0 : 6;
		assert_int_equal(reply_end(&reply), 512 - left + used);
	}
}

static void test_without_edns_nothing_of_it_is_answered(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	reply_cookie(&reply, (const uint8_t *)"abcdefghSERVERCO", 16);
	reply.ede = DNS_EDE_NOT_READY;
	assert_message(reply_end(&reply), WIRE("\x12\x34\x81\0\0\1\0\0\0\0\0\0" QUESTION));
}

/* RFC 1035 section 4.1.4, RFC 3597 section 4. */
static void test_owner_and_rdata_names_are_compressed(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	/* NS of EXAMPLE.: ns.example. and www.example., case of the question apart. */
	struct reply_rrset ns = {(const uint8_t *)"\7EXAMPLE\0",
				 DNS_TYPE_NS,
				 DNS_CLASS_IN,
				 300,
				 WIRE("\0\14\2ns\7example\0\0\15\3www\7example\0"),
				 2};
	assert_true(reply_rrset(&reply, REPLY_AUTHORITY, &ns));
	struct reply_rrset mx = {
		NULL, DNS_TYPE_MX, DNS_CLASS_IN, 300, WIRE("\0\16\0\12\2ns\7example\0"), 1};
	assert_true(reply_rrset(&reply, REPLY_AUTHORITY, &mx));
	struct reply_rrset srv = {(const uint8_t *)"\2NS\7example\0",
				  DNS_TYPE_SRV,
				  DNS_CLASS_IN,
				  300,
				  WIRE("\0\22\0\0\0\0\0\65\2ns\7example\0"),
				  1};
	assert_true(reply_rrset(&reply, REPLY_ADDITIONAL, &srv));
	assert_message(reply_end(&reply),
		       WIRE("\x12\x34\x81\0\0\1\0\0\0\3\0\1" QUESTION
			    "\300\20\0\2\0\1\0\0\1\x2c\0\5\2ns\300\20"
			    "\300\20\0\2\0\1\0\0\1\x2c\0\2\300\14"
			    "\300\14\0\17\0\1\0\0\1\x2c\0\4\0\12\300\51"
			    "\300\51\0\41\0\1\0\0\1\x2c\0\22\0\0\0\0\0\65\2ns\7example\0"));
}

/* What stands prepared: the owner is a pointer, the names in RDATA are whole. */
static const uint8_t PREPARED_MX[] = "\300\14\0\17\0\1\0\0\1\x2c\0\16\0\12\2mx\7example\0"
				     "\300\14\0\17\0\1\0\0\1\x2c\0\16\0\24\2MX\7example";

static void test_prepared_rrset_is_compressed_and_owned_by_the_name_at_its_offset(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	assert_true(reply_compressed(&reply, REPLY_ANSWER, PREPARED_MX, 2, 16));
	assert_message(reply_end(&reply), WIRE("\x12\x34\x81\0\0\1\0\2\0\0\0\0" QUESTION
					       "\300\20\0\17\0\1\0\0\1\x2c\0\7\0\12\2mx\300\20"
					       "\300\20\0\17\0\1\0\0\1\x2c\0\4\0\24\300\53"));
}

static void test_prepared_rrset_that_does_not_fit_compressed_is_left_out_whole(void **state)
{
	(void)state;
	struct query query;
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	for (unsigned room = 0; room <= 35; room++) {
		struct reply reply;
		reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
		reply.limit = (uint16_t)(reply.len + room);
		bool fits = reply_compressed(&reply, REPLY_ANSWER, PREPARED_MX, 2, 16);
		assert_int_equal(fits, room == 35); /* 19 and 16 octets */
		assert_int_equal(reply.truncated, !fits);
		size_t len = reply_end(&reply);
		assert_int_equal(len, 12 + query.question_len + (fits ? 35 : 0));
		assert_int_equal(out[7], fits ? 2 : 0);
	}
}

static void test_soa_names_are_compressed_and_its_numbers_kept(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	struct reply_rrset soa = {(const uint8_t *)"\7example\0",
				  DNS_TYPE_SOA,
				  DNS_CLASS_IN,
				  300,
				  WIRE("\0\57\3www\7example\0\4host\7example\0\0\0\0\1\0\0\0\2\0\0"
				       "\0\3\0\0\0\4\0\0\0\5"),
				  1};
	assert_true(reply_rrset(&reply, REPLY_AUTHORITY, &soa));
	assert_message(reply_end(&reply), WIRE("\x12\x34\x81\0\0\1\0\0\0\1\0\0" QUESTION
					       "\300\20\0\6\0\1\0\0\1\x2c\0\35\300\14\4host\300\20"
					       "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"));
}

static void test_rrset_left_out_leaves_no_trace(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	uint8_t txt[2 + 600] = {2, 88};
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	struct reply_rrset big = {(const uint8_t *)"\3new\7example\0",
				  DNS_TYPE_TXT,
				  DNS_CLASS_IN,
				  300,
				  txt,
				  sizeof txt,
				  1};
	assert_false(reply_rrset(&reply, REPLY_ADDITIONAL, &big));
	struct reply_rrset small = {(const uint8_t *)"\3new\7example\0",
				    DNS_TYPE_A,
				    DNS_CLASS_IN,
				    300,
				    WIRE("\0\4\1\2\3\4"),
				    1};
	assert_true(reply_rrset(&reply, REPLY_ADDITIONAL, &small));
	assert_message(reply_end(&reply), WIRE("\x12\x34\x81\0\0\1\0\0\0\0\0\1" QUESTION
					       "\3new\300\20\0\1\0\1\0\0\1\x2c\0\4\1\2\3\4"));
}

/* RFC 2181 section 9: whole or not at all, wherever the room ends: in an owner, in what is fixed,
 * in RDATA, in the first record or the last. */
static void test_rrset_that_does_not_fit_is_left_out_whole_wherever_it_ends(void **state)
{
	(void)state;
	struct query query;
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	static const struct {
		const char *what;
		struct reply_rrset rrset;
		unsigned room; /* octets that it takes */
	} ROWS[] = {
		{"A of the question",
		 {NULL, DNS_TYPE_A, 1, 300, WIRE("\0\4\1\2\3\4\0\4\1\2\3\5"), 2},
		 2 * 16},
		{"NS of another name",
		 {(const uint8_t *)"\1n\7example\0", DNS_TYPE_NS, 1, 300,
		  WIRE("\0\14\2ns\7example\0\0\14\2nt\7example\0"), 2},
		 4 + 10 + 5 + 2 + 10 + 5},
	};
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		for (unsigned room = 0; room <= ROWS[i].room; room++) {
			struct reply reply;
			reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
			reply.limit = (uint16_t)(reply.len + room);
			bool fits = reply_rrset(&reply, REPLY_ANSWER, &ROWS[i].rrset);
			if (fits != (room == ROWS[i].room))
				fail_msg("%s: %d in %u octets", ROWS[i].what, fits, room);
			assert_int_equal(reply.truncated, !fits);
			assert_int_equal(reply_end(&reply), 29 + (fits ? room : 0));
			assert_int_equal(out[7], fits ? 2 : 0);
		}
	}
}

/* RFC 7873 section 5.4: where there is no question, no name points to it. */
static void test_without_a_question_names_stand_whole(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	assert_int_equal(query_parse(&query,
				     WIRE("\x12\x34\0\0\0\0\0\0\0\0\0\1\0\0\x29\x04\xd0\0\0\0\0"
					  "\0\14\0\12\0\10"
					  "12345678"),
				     false),
			 QUERY_COOKIE_ONLY);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	struct reply_rrset ns = {(const uint8_t *)"\7example\0",
				 DNS_TYPE_NS,
				 DNS_CLASS_IN,
				 300,
				 WIRE("\0\14\2ns\7example\0"),
				 1};
	assert_true(reply_rrset(&reply, REPLY_AUTHORITY, &ns));
	assert_message(reply_end(&reply), WIRE("\x12\x34\x80\0\0\0\0\0\0\1\0\1"
					       "\7example\0\0\2\0\1\0\0\1\x2c\0\5\2ns\300\14"
					       "\0\0\x29\x04\xd0\0\0\0\0\0\0"));
}

/* RFC 5001 section 2.2: the option is sent by servers that have an identifier. */
static void test_server_without_a_name_sends_none(void **state)
{
	(void)state;
	static const struct reply_server NAMELESS = {.udp_size = 1232};
	struct query query;
	struct reply reply;
	parse(&query, WIRE(HEADER("\1") QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\4\0\3\0\0"), false);
	reply_begin(&reply, &query, &NAMELESS, out, sizeof out, false);
	assert_int_equal(reply.limit, 1232 - 11);
	assert_message(reply_end(&reply), WIRE("\x12\x34\x81\0\0\1\0\0\0\0\0\1" QUESTION
					       "\0\0\x29\x04\xd0\0\0\0\0\0\0"));
}

/* RFC 7873 section 5.2: one cookie option. */
static void test_a_reply_has_one_cookie(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	parse(&query, WIRE(HEADER("\1") QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\0"), false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	reply_cookie(&reply, (const uint8_t *)"abcdefghSERVERCO", 16);
	uint16_t limit = reply.limit;
	assert_int_equal(limit, 1232 - 11 - 20);
	reply_cookie(&reply, (const uint8_t *)"abcdefghANOTHERC", 16);
	assert_int_equal(reply.limit, limit);
	assert_message(reply_end(&reply), WIRE("\x12\x34\x81\0\0\1\0\0\0\0\0\1" QUESTION
					       "\0\0\x29\x04\xd0\0\0\0\0\0\24"
					       "\0\12\0\20abcdefghSERVERCO"));
}

/* RFC 2181 section 8. */
static void test_ttl_stays_below_the_sign_bit(void **state)
{
	(void)state;
	struct query query;
	struct reply reply;
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, false);
	struct reply_rrset a = {NULL,	    DNS_TYPE_A,		  DNS_CLASS_IN,
				0x80000000, WIRE("\0\4\1\2\3\4"), 1};
	assert_true(reply_rrset(&reply, REPLY_ANSWER, &a));
	assert_int_equal(wire_get_u32(out + 29 + 6), 0x7fffffff);
}

/* What was compressed reads back as what was given, many names and all. */
static void test_many_compressed_names_read_back(void **state)
{
	(void)state;
	enum { COUNT = 60 };
	struct query query;
	struct reply reply;
	parse(&query, WIRE(HEADER("\0") QUESTION), false);
	reply_begin(&reply, &query, &SERVER, out, sizeof out, true);
	static uint8_t names[COUNT][2 + NAME_WIRE_MAX];
	for (unsigned i = 0; i < COUNT; i++) {
		char text[80];
		snprintf(text, sizeof text, "n%u.%s.%s", i % 7, i % 3 == 0 ? "Sub" : "other",
			 i % 2 == 0 ? "example" : "org");
		size_t len = name_text_parse(text, names[i] + 2);
		wire_put_u16(names[i], (uint16_t)len);
		struct reply_rrset cname = {names[i] + 2,
					    DNS_TYPE_CNAME,
					    DNS_CLASS_IN,
					    i,
					    names[(i * 5) % (i + 1)],
					    0,
					    1};
		cname.len = 2u + wire_get_u16(cname.rdatas);
		assert_true(reply_rrset(&reply, REPLY_ANSWER, &cname));
	}
	struct message message;
	struct message_record record;
	assert_true(message_open(&message, out, reply_end(&reply)));
	for (unsigned i = 0; i < COUNT; i++) {
		uint8_t lower[256], expected[256];
		static uint8_t rdata[65535];
		size_t len;
		assert_true(message_next(&message, &record));
		(void)name_lower(record.owner, record.owner_len, lower);
		(void)name_lower(names[i] + 2, wire_get_u16(names[i]), expected);
		assert_int_equal(record.owner_len, wire_get_u16(names[i]));
		assert_memory_equal(lower, expected, record.owner_len);
		assert_true(message_rdata(&message, &record, rdata, &len));
		const uint8_t *target = names[(i * 5) % (i + 1)];
		assert_int_equal(len, wire_get_u16(target));
		(void)name_lower(rdata, len, lower);
		(void)name_lower(target + 2, len, expected);
		assert_memory_equal(lower, expected, len);
	}
	assert_false(message_next(&message, &record));
	assert_false(message.reader.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prepared_answer_is_written_as_it_is),
		cmocka_unit_test(test_ecs_is_echoed_with_our_scope),
		cmocka_unit_test(test_ecs_of_every_length_is_echoed),
		cmocka_unit_test(test_rrset_that_does_not_fit_is_left_out_whole_with_tc),
		cmocka_unit_test(test_additional_data_that_does_not_fit_sets_no_tc),
		cmocka_unit_test(test_udp_limit_is_the_smaller_size_with_room_for_opt),
		cmocka_unit_test(test_extended_rcode_is_split_and_the_version_is_ours),
		cmocka_unit_test(test_formerr_without_a_question_is_a_header),
		cmocka_unit_test(test_notimp_keeps_the_opcode),
		cmocka_unit_test(test_options_asked_for_are_answered),
		cmocka_unit_test(test_extended_error_gives_way_where_there_is_no_room),
		cmocka_unit_test(test_without_edns_nothing_of_it_is_answered),
		cmocka_unit_test(test_owner_and_rdata_names_are_compressed),
		cmocka_unit_test(
			test_prepared_rrset_is_compressed_and_owned_by_the_name_at_its_offset),
		cmocka_unit_test(
			test_prepared_rrset_that_does_not_fit_compressed_is_left_out_whole),
		cmocka_unit_test(test_soa_names_are_compressed_and_its_numbers_kept),
		cmocka_unit_test(test_rrset_left_out_leaves_no_trace),
		cmocka_unit_test(test_rrset_that_does_not_fit_is_left_out_whole_wherever_it_ends),
		cmocka_unit_test(test_without_a_question_names_stand_whole),
		cmocka_unit_test(test_server_without_a_name_sends_none),
		cmocka_unit_test(test_a_reply_has_one_cookie),
		cmocka_unit_test(test_ttl_stays_below_the_sign_bit),
		cmocka_unit_test(test_many_compressed_names_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
