/* Knows what an alert says and how it is signed. */
#include "healthcheck/alert_message.h"

#include "base/mem.h"
#include "base/wall.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIGEST_LEN = 32 };

static const char *text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));
	return text != NULL ? text : "";
}

bool alert_wants(const struct alert *alert, const json_t *event)
{
	const char *kind = text_of(event, "kind");
	for (size_t i = 0; i < alert->events.count; i++)
		if (strcmp(alert->events.at[i], kind) == 0)
			return true;
	return false;
}

/* "endpoint/eu/eu1 is down, was up: connection refused to 192.0.2.10:443" */
static char *sentence(const json_t *event)
{
	const char *from = text_of(event, "from"), *reason = text_of(event, "reason");
	return mem_printf("%s is %s%s%s%s%s", text_of(event, "object"), text_of(event, "to"),
			  *from != '\0' ? ", was " : "", from, *reason != '\0' ? ": " : "", reason);
}

static char *summary(const json_t *events)
{
	size_t count = json_array_size(events);
	char *first = sentence(json_array_get(events, 0));
	if (count == 1)
		return first;
	char *all = mem_printf("%s, and %zu more", first, count - 1);
	free(first);
	return all;
}

char *alert_json(const json_t *events, const struct alert_origin *origin)
{
	char time[WALL_TEXT_MAX];
	wall_format(origin->time_ms, time);
	json_t *told = json_array();
	for (size_t i = 0; i < json_array_size(events) && i < ALERT_EVENTS_MAX; i++)
		json_array_append(told, json_array_get(events, i));
	char *text = summary(events);
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:I, s:o}", "id", origin->id, "time", time,
				 "site", origin->site, "summary", text, "count",
				 (json_int_t)json_array_size(events), "events", told);
	free(text);
	char *body = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return body;
}

/* A line of a mail must not be ended by what an event brings. */
static void one_line(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
}

static char *mail_head(const struct alert *alert, const json_t *events,
		       const struct alert_origin *origin)
{
	char date[64];
	time_t seconds = (time_t)(origin->time_ms / 1000);
	struct tm parts;
	gmtime_r(&seconds, &parts);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &parts);
	char *subject = summary(events);
	for (char *at = subject; *at != '\0'; at++) /* RFC 5322 section 2.2: US-ASCII */
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	one_line(subject);
	char *head = mem_printf(
		"Date: %s\r\nFrom: <%s>\r\nTo: <%s>\r\nMessage-ID: <%s@%s>\r\n"
		"Subject: [meridian %s] %.700s\r\nAuto-Submitted: auto-generated\r\n"
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 8bit\r\n\r\n",
		date, alert->from, alert->to, origin->id, origin->site, origin->site, subject);
	free(subject);
	return head;
}

char *alert_mail(const struct alert *alert, const json_t *events, const struct alert_origin *origin)
{
	char *mail = mail_head(alert, events, origin);
	size_t count = json_array_size(events);
	for (size_t i = 0; i < count && i < ALERT_EVENTS_MAX; i++) {
		char *line = sentence(json_array_get(events, i)), *before = mail;
		one_line(line);
		mail = mem_printf("%s%s  %.900s\r\n", before,
				  text_of(json_array_get(events, i), "time"), line);
		free(before);
		free(line);
	}
	if (count > ALERT_EVENTS_MAX) {
		char *before = mail;
		mail = mem_printf("%sand %zu more events; see `meridian events`\r\n", before,
				  count - ALERT_EVENTS_MAX);
		free(before);
	}
	return mail;
}

void alert_sign(const char *secret, const char *timestamp, const char *body, char signature[65])
{
	unsigned char digest[DIGEST_LEN];
	unsigned len = sizeof digest;
	char *text = mem_printf("%s.%s", timestamp, body);
	HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text, strlen(text),
	     digest, &len);
	free(text);
	for (unsigned i = 0; i < DIGEST_LEN; i++)
		snprintf(signature + 2 * i, 3, "%02x", digest[i]);
}
