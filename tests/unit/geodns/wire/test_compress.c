/* Names that point to earlier ones, and what happens where there is no room for them. */
#include "geodns/wire/compress.h"

#include "geodns/wire/reply.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { HANG_S = 20 /* a walk that does not end is ended by SIGALRM, and with it the program */ };

static void test_a_name_points_to_the_longest_suffix_that_stands_in_the_message(void **state)
{
	(void)state;
	uint8_t message[64] = {0};
	struct writer writer = {.bytes = message, .cap = sizeof message, .at = 12};
	struct compress compress;
	compress_init(&compress);
	compress_write(&compress, &writer, (const uint8_t *)"\3www\7example\3com");
	compress_write(&compress, &writer, (const uint8_t *)"\4mail\7EXAMPLE\3com");
	static const uint8_t wanted[] = "\3www\7example\3com\0\4mail\xc0\x10";
	assert_int_equal(writer.at, 12 + sizeof wanted - 1);
	assert_memory_equal(message + 12, wanted, sizeof wanted - 1);
}

/* RFC 1035 section 4.1.4: a pointer holds 14 bits. */
static void test_no_name_points_beyond_what_a_pointer_holds(void **state)
{
	(void)state;
	static uint8_t message[0x4100];
	for (size_t at = 0x3ffa; at <= 0x4001; at++) {
		struct writer writer = {.bytes = message, .cap = sizeof message, .at = at};
		struct compress compress;
		compress_init(&compress);
		compress_write(&compress, &writer, (const uint8_t *)"\3www\3com");
		assert_int_equal(writer.at, at + 9);
		compress_write(&compress, &writer, (const uint8_t *)"\3www\3com");
		/* The whole of it, else what is after www, else nothing stands before 0x4000. */
		size_t octets = at < 0x4000 ? 2 : 9;
		assert_int_equal(writer.at, at + 9 + octets);
		if (at < 0x4000)
			assert_int_equal(wire_get_u16(message + at + 9), 0xc000 | at);
		compress_write(&compress, &writer, (const uint8_t *)"\1a\3com");
		assert_int_equal(writer.at, at + 9 + octets + (at + 4 < 0x4000 ? 4 : 7));
	}
}

/* Names beyond those that are remembered are less compressed, and whole. */
static void test_names_beyond_those_remembered_are_written_whole(void **state)
{
	(void)state;
	static uint8_t message[512];
	struct writer writer = {.bytes = message, .cap = sizeof message, .at = 12};
	struct compress compress;
	compress_init(&compress);
	for (unsigned i = 0; i <= COMPRESS_MAX; i++) {
		uint8_t name[3] = {1, (uint8_t)('0' + i), 0};
		for (unsigned again = 0; again < 2; again++) {
			size_t from = writer.at;
			compress_write(&compress, &writer, name);
			bool pointed = again > 0 && i < COMPRESS_MAX;
			assert_int_equal(writer.at - from, pointed ? 2 : 3);
		}
	}
	assert_int_equal(compress.count, COMPRESS_MAX);
}

/* What stands behind the room may be anything: here a pointer to itself. */
static void test_a_name_that_had_no_room_is_no_target(void **state)
{
	(void)state;
	for (size_t room = 0; room < 12; room++) {
		uint8_t message[64];
		for (size_t i = 0; i + 1 < sizeof message; i += 2) {
			message[i] = 0xc0;
			message[i + 1] = (uint8_t)i;
		}
		struct writer writer = {.bytes = message, .cap = 20 + room, .at = 20};
		struct compress compress;
		compress_init(&compress);
		alarm(HANG_S);
		compress_write(&compress, &writer, (const uint8_t *)"\3ns1\7example\3net");
		compress_write(&compress, &writer, (const uint8_t *)"\3ns2\7example\3net");
		alarm(0);
		assert_true(writer.failed);
	}
}

/* COUNT NS records of names of their own, prepared as node.c does. */
static size_t put_servers(uint8_t *records, unsigned count)
{
	uint8_t *at = records;
	for (unsigned i = 0; i < count; i++) {
		static const uint8_t fixed[] = {0xc0, 12, 0, DNS_TYPE_NS, 0, DNS_CLASS_IN,
						0,    0,  1, 44,	  0, 14};
		memcpy(at, fixed, sizeof fixed);
		memcpy(at + sizeof fixed, "\4ns00\3big\4test", 14);
		at[sizeof fixed + 3] = (uint8_t)('0' + i / 10);
		at[sizeof fixed + 4] = (uint8_t)('0' + i % 10);
		at += sizeof fixed + 14;
	}
	return (size_t)(at - records);
}

/* Found by a comparison with other servers: a referral to 26 name servers whose 25th ended where
 * the room did kept a worker busy for ever, for the message before it had left a pointer there. */
static void test_a_set_that_ends_where_the_room_does_is_truncated(void **state)
{
	(void)state;
	enum { SERVERS = 40 };
	uint8_t records[SERVERS * 26];
	(void)put_servers(records, SERVERS);
	for (unsigned label = 1; label <= NAME_LABEL_MAX; label++) {
		uint8_t in[100] = {0x12, 0x34, 0, 0, 0, 1}, out[1024];
		in[DNS_HEADER_LEN] = (uint8_t)label;
		memset(in + DNS_HEADER_LEN + 1, 'a', label);
		size_t len = DNS_HEADER_LEN + label + 2;
		wire_put_u16(in + len, DNS_TYPE_NS);
		wire_put_u16(in + len + 2, DNS_CLASS_IN);
		struct query query;
		struct reply reply;
		const struct reply_server server = {.udp_size = DNS_UDP_MIN};
		assert_int_equal(query_parse(&query, in, len + 4, false), QUERY_OK);
		for (size_t i = 0; i + 1 < sizeof out; i++) /* at 512 a pointer to 512 */
			out[i] = i % 2 == 0 ? 0xc2 : 0;
		alarm(HANG_S);
		reply_begin(&reply, &query, &server, out, sizeof out, false);
		assert_false(
			reply_compressed(&reply, REPLY_ANSWER, records, SERVERS, DNS_HEADER_LEN));
		alarm(0);
		assert_true(reply.truncated);
		assert_int_equal(reply_end(&reply), len + 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_name_points_to_the_longest_suffix_that_stands_in_the_message),
		cmocka_unit_test(test_no_name_points_beyond_what_a_pointer_holds),
		cmocka_unit_test(test_names_beyond_those_remembered_are_written_whole),
		cmocka_unit_test(test_a_name_that_had_no_room_is_no_target),
		cmocka_unit_test(test_a_set_that_ends_where_the_room_does_is_truncated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
