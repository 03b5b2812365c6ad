/* Holds the client's side to what the server's side reads and writes. */
#include "geodns/wire/message.h"

#include "geodns/wire/query.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define WIRE(text) (const uint8_t *)(text), sizeof(text) - 1

static void test_query_that_is_written_is_the_query_that_is_read(void **state)
{
	(void)state;
	struct prefix prefix;
	assert_true(prefix_parse("198.51.100.0/22", &prefix, NULL));
	struct message_question question = {.id = 7,
					    .name = (const uint8_t *)"\1a\7example\0",
					    .type = DNS_TYPE_SOA,
					    .class_ = DNS_CLASS_IN,
					    .recursion_desired = true,
					    .udp_size = 4096,
					    .dnssec_ok = true,
					    .ecs = &prefix};
	uint8_t wire[100];
	size_t len = message_query(&question, wire, sizeof wire);
	struct query query;
	assert_int_equal(query_parse(&query, wire, len, false), QUERY_OK);
	assert_int_equal(query.id, 7);
	assert_int_equal(query.flags, DNS_FLAG_RD);
	assert_int_equal(query.qtype, DNS_TYPE_SOA);
	assert_int_equal(query.udp_size, 4096);
	assert_true(query.dnssec_ok);
	assert_true(addr_equal(&query.ecs.address, &prefix.addr));
	assert_int_equal(query.ecs.source, 22);
	for (size_t cap = 0; cap < len; cap++)
		assert_int_equal(message_query(&question, wire, cap), 0);
}

static void test_query_without_edns_has_none(void **state)
{
	(void)state;
	struct message_question question = {
		.name = (const uint8_t *)"\0", .type = DNS_TYPE_NS, .class_ = DNS_CLASS_IN};
	uint8_t wire[100];
	struct query query;
	assert_int_equal(
		query_parse(&query, wire, message_query(&question, wire, sizeof wire), false),
		QUERY_OK);
	assert_false(query.has_edns);
}

static void test_records_come_in_their_sections(void **state)
{
	(void)state;
	struct message message;
	struct message_record record;
	assert_true(
		message_open(&message, WIRE("\0\1\x84\0\0\1\0\1\0\0\0\2\1a\0\0\1\0\1"
					    "\300\14\0\1\0\1\0\0\0\36\0\4\1\2\3\4"
					    "\300\14\0\20\0\1\0\0\0\36\0\2\1x"
					    "\0\0\x29\2\0\0\0\0\0\0\13\0\10\0\7\0\1\30\26\1\2\3")));
	assert_int_equal(message.qtype, DNS_TYPE_A);
	assert_int_equal(message.qname_len, 3);
	assert_true(message_next(&message, &record));
	assert_int_equal(record.section, MESSAGE_ANSWER);
	assert_int_equal(record.ttl_s, 30);
	assert_memory_equal(record.owner, "\1a\0", 3);
	uint8_t rdata[65535];
	size_t len;
	assert_true(message_rdata(&message, &record, rdata, &len));
	assert_int_equal(len, 4);
	assert_memory_equal(rdata, "\1\2\3\4", 4);
	assert_true(message_next(&message, &record));
	assert_int_equal(record.section, MESSAGE_ADDITIONAL);
	assert_true(message_next(&message, &record));
	assert_int_equal(record.type, DNS_TYPE_OPT);
	assert_false(message_next(&message, &record));
	assert_false(message.reader.failed);
	assert_int_equal(message_ecs_scope(&message), 22);
}

static void test_cut_message_fails_and_says_so(void **state)
{
	(void)state;
	static const char WHOLE[] =
		"\0\1\x84\0\0\1\0\1\0\0\0\0\1a\0\0\1\0\1\300\14\0\1\0\1\0\0\0\36\0\4\1\2\3\4";
	for (size_t len = 0; len < sizeof WHOLE - 1; len++) {
		struct message message;
		struct message_record record;
		bool opened = message_open(&message, (const uint8_t *)WHOLE, len);
		assert_int_equal(opened, len >= 19);
		assert_false(opened && message_next(&message, &record));
		assert_true(message.reader.failed);
		assert_int_equal(message_ecs_scope(&message), -1);
	}
}

static void test_names_in_rdata_stay_within_their_record(void **state)
{
	(void)state;
	struct message message;
	struct message_record record;
	/* An NS whose RDLEN is one octet less than its name. */
	assert_true(message_open(&message,
				 WIRE("\0\1\x84\0\0\0\0\1\0\0\0\0\0\0\2\0\1\0\0\0\36\0\2\1a\0")));
	assert_true(message_next(&message, &record));
	uint8_t rdata[65535];
	size_t len;
	assert_false(message_rdata(&message, &record, rdata, &len));
}

/* RFC 1035 section 3.3: where the names of a type stand in its RDATA. */
static void test_rdata_must_hold_what_its_type_says(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		const uint8_t *wire;  /* the record's type to its RDATA, owned by the root */
		size_t len, expected; /* 0: malformed */
	} ROWS[] = {
		{"MX", WIRE("\0\17\0\1\0\0\0\36\0\5\0\12\1a\0"), 5},
		{"MX without its preference", WIRE("\0\17\0\1\0\0\0\36\0\1\0"), 0},
		{"MX without its exchange", WIRE("\0\17\0\1\0\0\0\36\0\2\0\12"), 0},
		{"NS without its name", WIRE("\0\2\0\1\0\0\0\36\0\0"), 0},
		{"MINFO", WIRE("\0\16\0\1\0\0\0\36\0\6\1a\0\1b\0"), 6},
		{"MINFO of one name", WIRE("\0\16\0\1\0\0\0\36\0\3\1a\0"), 0},
		{"MINFO whose first name is cut", WIRE("\0\16\0\1\0\0\0\36\0\2\2a"), 0},
		{"SOA without its numbers", WIRE("\0\6\0\1\0\0\0\36\0\6\1a\0\1b\0"), 6},
		{"a name by a pointer", WIRE("\0\2\0\1\0\0\0\36\0\4\1b\300\14"), 3},
		{"of another type, nothing", WIRE("\0\20\0\1\0\0\0\36\0\0"), 0},
	};
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		uint8_t wire[64] = {0, 1, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, rdata[65535];
		memcpy(wire + 13, ROWS[i].wire, ROWS[i].len);
		struct message message;
		struct message_record record;
		size_t len;
		assert_true(message_open(&message, wire, 13 + ROWS[i].len));
		assert_true(message_next(&message, &record));
		bool good = message_rdata(&message, &record, rdata, &len);
		bool empty = record.type == DNS_TYPE_TXT;
		if (good != (ROWS[i].expected > 0 || empty) || (good && len != ROWS[i].expected))
			fail_msg("%s: %d, %zu octets", ROWS[i].what, good, len);
	}
}

/* The caller's buffer ends with the longest RDATA there is. */
static void test_rdata_that_grows_beyond_all_rdata_is_malformed(void **state)
{
	(void)state;
	static uint8_t wire[70000] = {0, 1, 0x84, 0, 0, 0, 0, 2}, rdata[65535];
	/* A name of 64 octets and the root owns the first record, and is the second's mailbox. */
	wire[12] = 63;
	memset(wire + 13, 'x', 63);
	memcpy(wire + 77, "\0\20\0\1\0\0\0\0\0\0\0\0\2\0\1\0\0\0\0", 19);
	memcpy(wire + 98, "\300\14", 2);
	static const struct {
		uint16_t len;
		bool good;
	} ROWS[] = {{2, true}, {65472, true}, {65473, false}, {65535, false}};
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		struct message message;
		struct message_record record;
		size_t len;
		wire_put_u16(wire + 96, ROWS[i].len);
		assert_true(message_open(&message, wire, 98 + (size_t)ROWS[i].len));
		assert_true(message_next(&message, &record));
		assert_true(message_next(&message, &record));
		assert_int_equal(record.type, DNS_TYPE_NS);
		assert_int_equal(message_rdata(&message, &record, rdata, &len), ROWS[i].good);
		assert_true(!ROWS[i].good || len == 65u + ROWS[i].len - 2);
	}
}

/* RFC 7871 section 6: what is no client subnet has no scope. */
static void test_scope_is_that_of_the_first_client_subnet(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		const uint8_t *options;
		size_t len;
		int scope;
	} ROWS[] = {
		{"none", WIRE(""), -1},
		{"alone", WIRE("\0\10\0\4\0\1\0\27"), 23},
		{"behind another option", WIRE("\0\3\0\1x\0\10\0\4\0\1\0\27"), 23},
		{"the first of two", WIRE("\0\10\0\4\0\1\0\27\0\10\0\4\0\1\0\30"), 23},
		{"too short for one", WIRE("\0\10\0\3\0\1\0"), -1},
		{"longer than the options", WIRE("\0\10\0\5\0\1\0\27"), -1},
		{"a head that is cut", WIRE("\0\10\0"), -1},
		{"another option", WIRE("\0\3\0\4\0\1\0\27"), -1},
	};
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		uint8_t wire[64] = {0, 1, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 2};
		wire[22] = (uint8_t)ROWS[i].len;
		memcpy(wire + 23, ROWS[i].options, ROWS[i].len);
		struct message message;
		assert_true(message_open(&message, wire, 23 + ROWS[i].len));
		int scope = message_ecs_scope(&message);
		if (scope != ROWS[i].scope)
			fail_msg("%s: %d", ROWS[i].what, scope);
	}
}

/* RFC 1035 section 4.1.2, RFC 4343 section 3. */
static void test_a_reply_has_the_question_of_its_query(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		const uint8_t *question;
		size_t len;
		bool same;
	} ROWS[] = {
		{"the same", WIRE("\1a\7example\0\0\1\0\1"), true},
		{"in another case", WIRE("\1A\7eXample\0\0\1\0\1"), true},
		{"another name of its length", WIRE("\1b\7example\0\0\1\0\1"), false},
		{"a shorter name", WIRE("\7example\0\0\1\0\1"), false},
		{"another type", WIRE("\1a\7example\0\0\34\0\1"), false},
		{"another class", WIRE("\1a\7example\0\0\1\0\3"), false},
	};
	struct message_question question = {
		.name = (const uint8_t *)"\1a\7example\0", .type = DNS_TYPE_A, .class_ = 1};
	uint8_t query[64];
	assert_true(message_query(&question, query, sizeof query) > 0);
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		uint8_t wire[64] = {0, 1, 0x84, 0, 0, 1};
		memcpy(wire + 12, ROWS[i].question, ROWS[i].len);
		struct message message;
		assert_true(message_open(&message, wire, 12 + ROWS[i].len));
		if (message_is_reply_to(&message, query) != ROWS[i].same)
			fail_msg("%s", ROWS[i].what);
	}
	struct message message; /* RFC 1035 section 4.1.1: an error may come without a question */
	assert_true(message_open(&message, WIRE("\0\1\x84\1\0\0\0\0\0\0\0\0")));
	assert_false(message_is_reply_to(&message, query));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query_that_is_written_is_the_query_that_is_read),
		cmocka_unit_test(test_query_without_edns_has_none),
		cmocka_unit_test(test_records_come_in_their_sections),
		cmocka_unit_test(test_cut_message_fails_and_says_so),
		cmocka_unit_test(test_names_in_rdata_stay_within_their_record),
		cmocka_unit_test(test_rdata_must_hold_what_its_type_says),
		cmocka_unit_test(test_rdata_that_grows_beyond_all_rdata_is_malformed),
		cmocka_unit_test(test_scope_is_that_of_the_first_client_subnet),
		cmocka_unit_test(test_a_reply_has_the_question_of_its_query),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
