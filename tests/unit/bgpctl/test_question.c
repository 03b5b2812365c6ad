/* The question to the site's own responder, and which answers prove that it serves. */
#include "bgpctl/question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "example.com. SOA" as a query, behind the id. */
static const uint8_t wire[] = {0,   0,	 0,   1,   0, 0,   0,	0,   0, 0, 7, 'e', 'x', 'a',
			       'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0, 0, 6, 0,   1};

static struct question asked(void)
{
	struct question question;
	assert_true(question_make("example.com. SOA", &question, NULL));
	question_set_id(&question, 0x1234);
	return question;
}

/* A good reply: one SOA of the root's names, by reference to the question's name. */
static size_t good_reply(const struct question *question, uint8_t reply[512])
{
	static const uint8_t answer[] = {0xc0, 12, 0, 6, 0, 1, 0, 0, 1, 44, 0, 22, 0, 0, 0, 0, 0,
					 1,    0,  0, 0, 1, 0, 0, 0, 1, 0,  0, 0,  1, 0, 0, 0, 1};
	memcpy(reply, question->octets, question->len);
	reply[2] = 0x84;
	reply[7] = 1;
	memcpy(reply + question->len, answer, sizeof answer);
	return question->len + sizeof answer;
}

static void test_the_question_is_plain_and_without_recursion(void **state)
{
	struct question question = asked();
	(void)state;
	assert_int_equal(question.len, 2 + sizeof wire);
	assert_memory_equal(question.octets + 2, wire, sizeof wire);
	assert_int_equal(question.octets[0], 0x12);
	assert_int_equal(question.octets[1], 0x34);
}

static void test_what_is_no_question_is_refused_with_a_sentence(void **state)
{
	static const char *const bad[] = {"", "example.com.", "example.com. NOTYPE", "a..b A",
					  "example.com. A B"};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct question question;
		struct error error = {0};
		assert_false(question_make(bad[i], &question, &error));
		assert_true(strlen(error.text) > 0);
	}
}

static void test_the_longest_name_fits(void **state)
{
	char text[300] = "";
	struct question question;
	(void)state;
	for (int i = 0; i < 126; i++)
		strcat(text, "a.");
	strcat(text, "b. A");
	assert_true(question_make(text, &question, NULL));
	assert_int_equal(question.len, QUESTION_MAX);
}

static void test_a_good_answer_is_good(void **state)
{
	struct question question = asked();
	uint8_t reply[512];
	char reason[EVIDENCE_REASON_MAX];
	enum probe_outcome outcome;
	(void)state;
	size_t len = good_reply(&question, reply);
	assert_true(question_judge(&question, reply, len, &outcome, reason));
	assert_int_equal(outcome, PROBE_GOOD);
	/* The case of the name may come back otherwise (RFC 4343). */
	reply[13] = 'E';
	assert_true(question_judge(&question, reply, len, &outcome, reason));
	assert_int_equal(outcome, PROBE_GOOD);
}

static void test_each_wrong_answer_says_what_is_wrong(void **state)
{
	static const struct {
		size_t at;
		uint8_t octet;
		const char *reason;
	} cases[] = {
		{3, 2, "answers SERVFAIL"},	     {3, 5, "answers REFUSED"},
		{3, 9, "answers RCODE 9"},	     {2, 0x80, "answers without authority"},
		{7, 0, "answers without a record"},  {13, 'f', "answers another question"},
		{26, 1, "answers another question"}, {5, 9, "answers a malformed message"},
		{7, 2, "answers without a record"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct question question = asked();
		uint8_t reply[512];
		char reason[EVIDENCE_REASON_MAX] = "";
		enum probe_outcome outcome;
		size_t len = good_reply(&question, reply);
		reply[cases[i].at] = cases[i].octet;
		assert_true(question_judge(&question, reply, len, &outcome, reason));
		assert_int_equal(outcome, PROBE_WRONG);
		assert_string_equal(reason, cases[i].reason);
	}
}

static void test_what_is_no_reply_to_it_is_ignored(void **state)
{
	struct question question = asked();
	uint8_t reply[512];
	char reason[EVIDENCE_REASON_MAX];
	enum probe_outcome outcome;
	(void)state;
	size_t len = good_reply(&question, reply);
	assert_false(question_judge(&question, reply, 11, &outcome, reason));
	reply[1] ^= 1;
	assert_false(question_judge(&question, reply, len, &outcome, reason));
	/* Our own query, come back. */
	assert_false(question_judge(&question, question.octets, question.len, &outcome, reason));
}

static void test_an_answer_of_another_site_is_wrong(void **state)
{
	/* An OPT record with NSID "ams". */
	static const uint8_t opt[] = {0, 0, 41, 2, 0, 0, 0, 0, 0, 0, 7, 0, 3, 0, 3, 'a', 'm', 's'};
	static const struct {
		const char *site;
		enum probe_outcome outcome;
	} cases[] = {
		{"ams", PROBE_GOOD}, {"fra", PROBE_WRONG}, {"am", PROBE_WRONG}, {"", PROBE_GOOD}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct question question = asked();
		uint8_t reply[512];
		char reason[EVIDENCE_REASON_MAX] = "";
		enum probe_outcome outcome;
		size_t len = good_reply(&question, reply);
		memcpy(reply + len, opt, sizeof opt);
		reply[11] = 1;
		question_expect_site(&question, cases[i].site);
		assert_true(question_judge(&question, reply, len + sizeof opt, &outcome, reason));
		assert_int_equal(outcome, cases[i].outcome);
		if (i == 1)
			assert_string_equal(reason, "answers as ams, not as fra");
		/* Ours says who it is: who does not is somebody else. */
		reply[11] = 0;
		assert_true(question_judge(&question, reply, len, &outcome, reason));
		assert_int_equal(outcome, cases[i].site[0] == '\0' ? PROBE_GOOD : PROBE_WRONG);
		if (i == 1)
			assert_string_equal(reason, "does not say that it is fra (NSID)");
	}
}

static void test_a_site_may_have_any_name(void **state)
{
	/* An OPT record with NSID "a\xc3\xb6 1". */
	static const uint8_t opt[] = {0, 0, 41, 2, 0, 0,   0,	 0,    0,   0,
				      9, 0, 3,	0, 5, 'a', 0xc3, 0xb6, ' ', '1'};
	struct question question = asked();
	uint8_t reply[512];
	char reason[EVIDENCE_REASON_MAX] = "";
	enum probe_outcome outcome;
	(void)state;
	size_t len = good_reply(&question, reply);
	memcpy(reply + len, opt, sizeof opt);
	reply[11] = 1;
	question_expect_site(&question, "a\xc3\xb6 1");
	assert_true(question_judge(&question, reply, len + sizeof opt, &outcome, reason));
	assert_int_equal(outcome, PROBE_GOOD);
	/* Not only what can be printed counts. */
	reply[len + sizeof opt - 2] = '?';
	assert_true(question_judge(&question, reply, len + sizeof opt, &outcome, reason));
	assert_int_equal(outcome, PROBE_WRONG);
}

static void test_the_question_for_the_site_asks_for_the_nsid(void **state)
{
	static const uint8_t opt[] = {0, 0, 41, 2, 0, 0, 0, 0, 0, 0, 4, 0, 3, 0, 0};
	struct question question = asked();
	(void)state;
	size_t len = question.len;
	question_expect_site(&question, "fra");
	assert_int_equal(question.len, len + sizeof opt);
	assert_memory_equal(question.octets + len, opt, sizeof opt);
	assert_int_equal(question.octets[11], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_question_is_plain_and_without_recursion),
		cmocka_unit_test(test_what_is_no_question_is_refused_with_a_sentence),
		cmocka_unit_test(test_the_longest_name_fits),
		cmocka_unit_test(test_a_good_answer_is_good),
		cmocka_unit_test(test_each_wrong_answer_says_what_is_wrong),
		cmocka_unit_test(test_what_is_no_reply_to_it_is_ignored),
		cmocka_unit_test(test_an_answer_of_another_site_is_wrong),
		cmocka_unit_test(test_a_site_may_have_any_name),
		cmocka_unit_test(test_the_question_for_the_site_asks_for_the_nsid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
