/* The runner: the cap holds, nothing is lost, and an item can be forgotten in any state. */
#include "healthcheck/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ITEMS = 200, CAP = 7 };

static uv_loop_t loop;
static struct runner *runner;
static struct runner_item items[ITEMS], *running[ITEMS];
static size_t running_count, most, begun;

static void begin(void *context, struct runner_item *item)
{
	(void)context;
	running[running_count++] = item;
	most = running_count > most ? running_count : most;
	begun++;
}

static int setup(void **state)
{
	(void)state;
	memset(items, 0, sizeof items);
	running_count = most = begun = 0;
	uv_loop_init(&loop);
	runner = runner_new(&loop, CAP, begin, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	runner_free(runner);
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

static void test_all_begin_and_never_more_at_once_than_the_cap(void **state)
{
	(void)state;
	for (size_t i = 0; i < ITEMS; i++)
		runner_wait(runner, &items[i], mono_add_ms(mono_now(), (int64_t)(i % 5)));
	while (begun < ITEMS) {
		uv_run(&loop, UV_RUN_NOWAIT);
		while (running_count > 0)
			runner_ended(runner, running[--running_count]);
	}
	assert_int_equal(most, CAP);
	assert_int_equal(runner_numbers(runner)->queued, 0);
	assert_int_equal(runner_numbers(runner)->running, 0);
}

static void test_an_item_is_forgotten_while_it_waits_stands_in_the_queue_or_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < CAP + 2; i++)
		runner_wait(runner, &items[i], mono_now());
	runner_wait(runner, &items[100], mono_add_ms(mono_now(), 60000));
	while (begun < CAP)
		uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(runner_numbers(runner)->queued, 2);
	for (size_t i = 0; i < CAP + 2; i++)
		runner_forget(runner, &items[i]);
	runner_forget(runner, &items[100]);
	runner_forget(runner, &items[101]); /* idle */
	assert_int_equal(runner_numbers(runner)->running, 0);
	assert_int_equal(runner_numbers(runner)->queued, 0);
	assert_int_equal(runner_numbers(runner)->waiting, 0);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(begun, CAP);
}

static void test_late_starts_are_called_strain(void **state)
{
	(void)state;
	assert_false(runner_strained(runner));
	for (size_t i = 0; i < CAP; i++)
		runner_wait(runner, &items[i], mono_add_ms(mono_now(), -400));
	while (begun < CAP)
		uv_run(&loop, UV_RUN_NOWAIT);
	assert_true(runner_strained(runner));
	assert_true(runner_numbers(runner)->worst_lag_us >= 400000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_begin_and_never_more_at_once_than_the_cap,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_an_item_is_forgotten_while_it_waits_stands_in_the_queue_or_runs, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_late_starts_are_called_strain, setup,
						teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
