/* What a key that comes again is answered. */
#include "web/idempotency.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct mono start = {1000000000};

static enum idempotency_result begin(struct idempotency *kept, const char *what, const char *body,
				     int64_t after_ms, struct response **response)
{
	*response = NULL;
	return idempotency_begin(kept, what, body, strlen(body), mono_add_ms(start, after_ms),
				 response);
}

static void answer(struct idempotency *kept, const char *what, unsigned status)
{
	struct response *response = response_json(status, json_pack("{s:s}", "name", "eu"));
	response_header(response, "Location", "/eu");
	idempotency_keep(kept, what, response);
	response_free(response);
}

static void test_the_same_request_is_answered_the_same_again(void **state)
{
	(void)state;
	struct idempotency *kept = idempotency_new();
	struct response *response;
	assert_int_equal(begin(kept, "a", "{}", 0, &response), IDEMPOTENCY_NEW);
	assert_int_equal(begin(kept, "a", "{}", 1, &response), IDEMPOTENCY_UNDER_WAY);
	answer(kept, "a", 201);
	assert_int_equal(begin(kept, "a", "{}", 2, &response), IDEMPOTENCY_AGAIN);
	assert_int_equal(response->status, 201);
	assert_string_equal(response_find_header(response, "Location"), "/eu");
	assert_memory_equal(response->body, "{\"name\":\"eu\"}", response->len);
	response_free(response);
	idempotency_free(kept);
}

static void test_another_body_under_the_same_key_is_refused(void **state)
{
	(void)state;
	struct idempotency *kept = idempotency_new();
	struct response *response;
	assert_int_equal(begin(kept, "a", "{}", 0, &response), IDEMPOTENCY_NEW);
	answer(kept, "a", 201);
	assert_int_equal(begin(kept, "a", "{ }", 1, &response), IDEMPOTENCY_DIFFERS);
	idempotency_free(kept);
}

static void test_a_forgotten_key_is_new_again(void **state)
{
	(void)state;
	struct idempotency *kept = idempotency_new();
	struct response *response;
	assert_int_equal(begin(kept, "a", "{}", 0, &response), IDEMPOTENCY_NEW);
	idempotency_forget(kept, "a");
	assert_int_equal(begin(kept, "a", "other", 1, &response), IDEMPOTENCY_NEW);
	idempotency_free(kept);
}

static void test_answers_are_kept_for_a_day(void **state)
{
	(void)state;
	struct idempotency *kept = idempotency_new();
	struct response *response;
	assert_int_equal(begin(kept, "a", "{}", 0, &response), IDEMPOTENCY_NEW);
	answer(kept, "a", 201);
	assert_int_equal(begin(kept, "a", "{}", IDEMPOTENCY_KEPT_MS, &response), IDEMPOTENCY_AGAIN);
	response_free(response);
	assert_int_equal(begin(kept, "a", "{}", IDEMPOTENCY_KEPT_MS + 1, &response),
			 IDEMPOTENCY_NEW);
	idempotency_free(kept);
}

static void test_the_oldest_answer_makes_room(void **state)
{
	(void)state;
	struct idempotency *kept = idempotency_new();
	struct response *response;
	for (int i = 0; i <= IDEMPOTENCY_KEPT_MAX; i++) {
		char what[16];
		snprintf(what, sizeof what, "%d", i);
		assert_int_equal(begin(kept, what, "{}", i, &response), IDEMPOTENCY_NEW);
		answer(kept, what, 200);
	}
	assert_int_equal(begin(kept, "2", "{}", 5000, &response), IDEMPOTENCY_AGAIN);
	response_free(response);
	assert_int_equal(begin(kept, "0", "{}", 5000, &response), IDEMPOTENCY_NEW);
	idempotency_free(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_request_is_answered_the_same_again),
		cmocka_unit_test(test_another_body_under_the_same_key_is_refused),
		cmocka_unit_test(test_a_forgotten_key_is_new_again),
		cmocka_unit_test(test_answers_are_kept_for_a_day),
		cmocka_unit_test(test_the_oldest_answer_makes_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
