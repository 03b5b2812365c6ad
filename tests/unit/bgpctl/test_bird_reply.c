/* The framing of BIRD's control protocol, on dialogues as BIRD 2.0.12 has them. */
#include "bgpctl/bird_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum bird_feed feed(struct bird_reply *reply, const char *text, size_t *used)
{
	return bird_reply_feed(reply, text, strlen(text), used);
}

static void test_one_line_is_a_whole_reply(void **state)
{
	struct bird_reply reply = {0};
	size_t used;
	(void)state;
	assert_int_equal(feed(&reply, "0001 BIRD 2.0.12 ready.\n", &used), BIRD_FEED_COMPLETE);
	assert_int_equal(reply.code, BIRD_WELCOME);
	assert_string_equal(bird_reply_last(&reply), "BIRD 2.0.12 ready.");
	bird_reply_fini(&reply);
}

static void test_continuation_lines_have_the_code_before_them(void **state)
{
	struct bird_reply reply = {0};
	size_t used;
	(void)state;
	assert_int_equal(feed(&reply,
			      "1007-Table master4:\n 192.0.2.0/24 unreachable\n1008-\tType: static "
			      "univ\n0000 \n",
			      &used),
			 BIRD_FEED_COMPLETE);
	assert_int_equal(reply.count, 4);
	assert_int_equal(reply.lines[1].code, 1007);
	assert_string_equal(bird_reply_text(&reply, 1), "192.0.2.0/24 unreachable");
	assert_int_equal(reply.lines[2].code, 1008);
	assert_int_equal(reply.code, BIRD_OK);
	bird_reply_fini(&reply);
}

static void test_a_reply_may_come_octet_by_octet(void **state)
{
	static const char text[] = "0002-Reading configuration from /etc/bird/bird.conf\n0003 "
				   "Reconfigured\n";
	struct bird_reply reply = {0};
	(void)state;
	for (size_t i = 0; i + 1 < sizeof text; i++) {
		size_t used;
		enum bird_feed result = bird_reply_feed(&reply, text + i, 1, &used);
		assert_int_equal(used, 1);
		assert_int_equal(result,
				 i + 2 == sizeof text ? BIRD_FEED_COMPLETE : BIRD_FEED_MORE);
	}
	assert_int_equal(reply.code, BIRD_RECONFIGURED);
	bird_reply_fini(&reply);
}

static void test_what_follows_a_reply_is_left_for_the_next(void **state)
{
	static const char two[] = "0018 Reconfiguration confirmed\n0019 Nothing to do\n";
	struct bird_reply reply = {0};
	size_t used, rest;
	(void)state;
	assert_int_equal(feed(&reply, two, &used), BIRD_FEED_COMPLETE);
	assert_int_equal(reply.code, 18);
	bird_reply_reset(&reply);
	assert_int_equal(feed(&reply, two + used, &rest), BIRD_FEED_COMPLETE);
	assert_int_equal(reply.code, 19);
	assert_int_equal(used + rest, sizeof two - 1);
	bird_reply_fini(&reply);
}

static void test_asynchronous_lines_belong_to_no_reply(void **state)
{
	struct bird_reply reply = {0};
	size_t used;
	(void)state;
	assert_int_equal(feed(&reply,
			      "+Config timeout expired, starting undo\n0002-Reading\n+echo\n0003 "
			      "Reconfigured\n",
			      &used),
			 BIRD_FEED_COMPLETE);
	assert_int_equal(reply.count, 2);
	assert_int_equal(reply.code, 3);
	bird_reply_fini(&reply);
}

static void test_what_is_no_reply_is_malformed(void **state)
{
	static const char *const bad[] = {
		"HTTP/1.1 400 Bad Request\n",
		"\n",
		"12 too short\n",
		" a continuation of nothing\n",
		"0000\n",
		"00a0 text\n",
		"0000_text\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct bird_reply reply = {0};
		size_t used;
		assert_int_equal(feed(&reply, bad[i], &used), BIRD_FEED_MALFORMED);
		bird_reply_fini(&reply);
	}
	struct bird_reply reply = {0};
	size_t used;
	assert_int_equal(bird_reply_feed(&reply, "0000 a\0b\n", 9, &used), BIRD_FEED_MALFORMED);
	bird_reply_fini(&reply);
}

static void test_a_line_without_end_is_refused_at_the_limit(void **state)
{
	struct bird_reply reply = {0};
	char line[BIRD_LINE_MAX + 1];
	size_t used;
	(void)state;
	memset(line, 'x', sizeof line);
	assert_int_equal(bird_reply_feed(&reply, line, BIRD_LINE_MAX, &used), BIRD_FEED_MORE);
	assert_int_equal(bird_reply_feed(&reply, line, 1, &used), BIRD_FEED_MALFORMED);
	bird_reply_fini(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_line_is_a_whole_reply),
		cmocka_unit_test(test_continuation_lines_have_the_code_before_them),
		cmocka_unit_test(test_a_reply_may_come_octet_by_octet),
		cmocka_unit_test(test_what_follows_a_reply_is_left_for_the_next),
		cmocka_unit_test(test_asynchronous_lines_belong_to_no_reply),
		cmocka_unit_test(test_what_is_no_reply_is_malformed),
		cmocka_unit_test(test_a_line_without_end_is_refused_at_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
