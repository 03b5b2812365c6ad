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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query_that_is_written_is_the_query_that_is_read),
		cmocka_unit_test(test_query_without_edns_has_none),
		cmocka_unit_test(test_records_come_in_their_sections),
		cmocka_unit_test(test_cut_message_fails_and_says_so),
		cmocka_unit_test(test_names_in_rdata_stay_within_their_record),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
