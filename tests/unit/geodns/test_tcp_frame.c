/* Holds the framing of DNS over TCP to RFC 1035 section 4.2.2. */
#include "geodns/tcp_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_messages_are_taken_whole_or_not_at_all(void **state)
{
	(void)state;
	static const uint8_t STREAM[] = {0, 2, 'a', 'b', 0, 0, 0, 3, 'c', 'd'};
	struct tcp_frame frame;
	size_t at = 0;
	assert_true(tcp_frame_next(STREAM, sizeof STREAM, &at, &frame));
	assert_int_equal(frame.len, 2);
	assert_memory_equal(frame.message, "ab", 2);
	assert_true(tcp_frame_next(STREAM, sizeof STREAM, &at, &frame));
	assert_int_equal(frame.len, 0);
	assert_int_equal(at, 6);
	assert_false(tcp_frame_next(STREAM, sizeof STREAM, &at, &frame));
	assert_int_equal(at, 6);
}

static void test_need_is_the_length_and_the_message(void **state)
{
	(void)state;
	assert_int_equal(tcp_frame_need((const uint8_t *)"", 0), 2);
	assert_int_equal(tcp_frame_need((const uint8_t *)"\377", 1), 2);
	assert_int_equal(tcp_frame_need((const uint8_t *)"\0\0", 2), 2);
	assert_int_equal(tcp_frame_need((const uint8_t *)"\1\0x", 3), 258);
	assert_int_equal(tcp_frame_need((const uint8_t *)"\377\377", 2), TCP_FRAME_MAX);
}

static void test_begin_writes_the_length_in_wire_order(void **state)
{
	(void)state;
	uint8_t prefix[2];
	tcp_frame_begin(prefix, 0x1234);
	assert_memory_equal(prefix, "\x12\x34", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_are_taken_whole_or_not_at_all),
		cmocka_unit_test(test_need_is_the_length_and_the_message),
		cmocka_unit_test(test_begin_writes_the_length_in_wire_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
