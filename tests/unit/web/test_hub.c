/* What a listener of the live stream hears. */
#include "web/hub.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int freed;

static bool allowed(void *context)
{
	(void)context;
	return true;
}

static void count_free(void *context)
{
	(void)context;
	freed++;
}

static struct response *listen_from(struct hub *hub, const char *last_id)
{
	struct hub_listener listener = {
		.hello = json_pack("{s:i}", "revision", 1),
		.last_id = last_id,
		.still_allowed = allowed,
		.free = count_free,
	};
	return hub_listen(hub, &listener);
}

static char *hear(struct response *response, char text[512])
{
	ssize_t len = response->stream.read(response->stream.context, text, 511);
	assert_true(len > 0);
	text[len] = '\0';
	return text;
}

static void test_a_listener_is_greeted_and_hears_what_comes(void **state)
{
	(void)state;
	char text[512];
	struct hub *hub = hub_new();
	hub_publish(hub, "revision", json_pack("{s:i}", "revision", 1));
	struct response *response = listen_from(hub, NULL);
	assert_string_equal(hear(response, text), "event: hello\ndata: {\"revision\":1}\n\n");
	hub_publish(hub, "revision", json_pack("{s:i}", "revision", 2));
	assert_non_null(
		strstr(hear(response, text), "event: revision\ndata: {\"revision\":2}\n\n"));
	response_free(response);
	hub_free(hub);
}

static void test_a_returning_listener_hears_what_it_missed(void **state)
{
	(void)state;
	char text[512], id[64] = "";
	struct hub *hub = hub_new();
	struct response *first = listen_from(hub, NULL);
	hear(first, text);
	hub_publish(hub, "a", json_object());
	assert_int_equal(sscanf(hear(first, text), "id: %63s", id), 1);
	response_free(first);
	hub_publish(hub, "b", json_object());
	struct response *second = listen_from(hub, id);
	hear(second, text);
	assert_non_null(strstr(hear(second, text), "event: b\n"));
	response_free(second);
	hub_free(hub);
}

static void test_a_listener_beyond_the_ring_is_told_to_load_anew(void **state)
{
	(void)state;
	char text[512];
	struct hub *hub = hub_new();
	struct response *slow = listen_from(hub, NULL);
	hear(slow, text);
	for (int i = 0; i <= HUB_RING; i++)
		hub_publish(hub, "a", json_object());
	assert_non_null(strstr(hear(slow, text), "event: resync\n"));
	response_free(slow);
	struct response *stranger = listen_from(hub, "17-3");
	hear(stranger, text);
	assert_non_null(strstr(hear(stranger, text), "event: resync\n"));
	response_free(stranger);
	hub_free(hub);
}

static void test_streams_are_bounded_and_end_with_the_hub(void **state)
{
	(void)state;
	char text[512];
	struct hub *hub = hub_new();
	struct response *all[HUB_STREAMS_MAX];
	freed = 0;
	for (int i = 0; i < HUB_STREAMS_MAX; i++)
		assert_non_null(all[i] = listen_from(hub, NULL));
	assert_null(listen_from(hub, NULL));
	assert_int_equal(freed, 1);
	hear(all[0], text);
	hub_close(hub);
	assert_int_equal(all[0]->stream.read(all[0]->stream.context, text, sizeof text), -1);
	for (int i = 0; i < HUB_STREAMS_MAX; i++)
		response_free(all[i]);
	assert_int_equal(freed, 1 + HUB_STREAMS_MAX);
	assert_false(hub_has_listeners(hub));
	hub_free(hub);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_listener_is_greeted_and_hears_what_comes),
		cmocka_unit_test(test_a_returning_listener_hears_what_it_missed),
		cmocka_unit_test(test_a_listener_beyond_the_ring_is_told_to_load_anew),
		cmocka_unit_test(test_streams_are_bounded_and_end_with_the_hub),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
