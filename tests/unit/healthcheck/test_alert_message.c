/* Alerts: what a message says, that a storm is bounded, and that its signature is RFC 2104's. */
#include "healthcheck/alert_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct alert_origin origin = {.id = "0123", .site = "fra", .time_ms = 1700000000000};

static json_t *event(const char *kind, const char *object, const char *reason)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "kind", kind, "object", object, "from",
			 "up", "to", "down", "reason", reason, "time", "2026-01-02T03:04:05.000Z");
}

static json_t *storm(size_t count)
{
	json_t *events = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(events, event("endpoint", "endpoint/eu/e", "refused"));
	return events;
}

static void test_an_alert_wants_the_kinds_it_names(void **state)
{
	(void)state;
	static const char *const kinds[] = {"endpoint", "pool",	  "prefix",	 "session",
					    "config",	"daemon", "certificate", "database"};
	char named[] = "prefix";
	char *at[] = {named};
	struct alert alert = {.events = {.at = at, .count = 1}};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		json_t *one = event(kinds[i], "x", "");
		assert_int_equal(alert_wants(&alert, one), strcmp(kinds[i], "prefix") == 0);
		json_decref(one);
	}
}

static void test_a_storm_is_one_message_with_fifty_events_and_the_number(void **state)
{
	(void)state;
	json_t *events = storm(5000);
	char *body = alert_json(events, &origin);
	json_t *message = json_loads(body, 0, NULL);
	assert_non_null(message);
	assert_int_equal(json_integer_value(json_object_get(message, "count")), 5000);
	assert_int_equal(json_array_size(json_object_get(message, "events")), ALERT_EVENTS_MAX);
	assert_string_equal(json_string_value(json_object_get(message, "summary")),
			    "endpoint/eu/e is down, was up: refused, and 4999 more");
	assert_string_equal(json_string_value(json_object_get(message, "id")), "0123");
	assert_string_equal(json_string_value(json_object_get(message, "site")), "fra");
	json_decref(message);
	json_decref(events);
	free(body);
}

static void test_no_event_can_add_a_header_to_a_mail(void **state)
{
	(void)state;
	char to[] = "ops@example.com", from[] = "meridian@example.com";
	struct alert alert = {.type = ALERT_EMAIL, .to = to, .from = from};
	json_t *events = json_pack("[o]", event("endpoint", "endpoint/eu/e",
						"broken\r\nBcc: all@example.com\r\n\r\nbody"));
	char *mail = alert_mail(&alert, events, &origin);
	char *end = strstr(mail, "\r\n\r\n");
	assert_non_null(end);
	assert_null(strstr(mail, "\r\nBcc:"));
	assert_non_null(strstr(mail, "Message-ID: <0123@fra>\r\n"));
	assert_non_null(
		strstr(mail, "Subject: [meridian fra] endpoint/eu/e is down, was up: broken"));
	assert_non_null(strstr(end, "2026-01-02T03:04:05.000Z  endpoint/eu/e is down"));
	json_decref(events);
	free(mail);
}

static void test_a_mail_of_a_storm_tells_how_many_more(void **state)
{
	(void)state;
	char to[] = "ops@example.com", from[] = "meridian@example.com";
	struct alert alert = {.type = ALERT_EMAIL, .to = to, .from = from};
	json_t *events = storm(60);
	char *mail = alert_mail(&alert, events, &origin);
	assert_non_null(strstr(mail, "and 10 more events; see `meridian events`\r\n"));
	json_decref(events);
	free(mail);
}

/* printf '1700000000.{}' | openssl dgst -sha256 -hmac s3cret */
static void test_the_signature_is_the_hmac_of_time_stamp_and_body(void **state)
{
	(void)state;
	char signature[65];
	alert_sign("s3cret", "1700000000", "{}", signature);
	assert_string_equal(signature,
			    "97926816e98fbb41ccb1673225ff29a2f35369099990e1b1561651e7bd097ebf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_alert_wants_the_kinds_it_names),
		cmocka_unit_test(test_a_storm_is_one_message_with_fifty_events_and_the_number),
		cmocka_unit_test(test_no_event_can_add_a_header_to_a_mail),
		cmocka_unit_test(test_a_mail_of_a_storm_tells_how_many_more),
		cmocka_unit_test(test_the_signature_is_the_hmac_of_time_stamp_and_body),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
