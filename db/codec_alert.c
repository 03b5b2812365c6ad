/* Knows alerts as JSON: who is told of what. */
#include "base/mem.h"
#include "db/codec_kinds.h"

#include <string.h>

static const char *const type_words[] = {"webhook", "email"};
static const char *const event_words[] = {"endpoint", "pool",	"prefix",      "session",
					  "config",   "daemon", "certificate", "database"};
enum { EVENTS = sizeof event_words / sizeof *event_words };

static bool is_event(const char *text)
{
	for (size_t i = 0; i < EVENTS; i++) {
		if (strcmp(text, event_words[i]) == 0)
			return true;
	}
	return false;
}

/* All kinds of events where none are named. */
static void decode_events(struct jread *reader, struct texts *events)
{
	struct texts named = jread_names(reader, "events", OPTIONAL);
	struct jpath path = jpath_key(reader->path, "events");
	*events = named;
	for (size_t i = 0; i < named.count; i++) {
		struct jpath at = jpath_index(&path, i);
		if (!is_event(named.at[i]))
			jpath_finding(&at, reader->findings,
				      "is not a kind of event: \"%s\"; they are endpoint, pool, "
				      "prefix, session, config, daemon, "
				      "certificate, database",
				      named.at[i]);
	}
	if (named.count > 0)
		return;
	events->at = mem_resize(named.at, EVENTS, sizeof *events->at);
	for (events->count = 0; events->count < EVENTS; events->count++)
		events->at[events->count] = mem_strdup(event_words[events->count]);
}

static char *decode_url(struct jread *reader)
{
	const char *text = jread_text(reader, "url", REQUIRED, 2048);
	if (text == NULL)
		return NULL;
	const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
			   : strncmp(text, "http://", 7) == 0 ? text + 7
							      : NULL;
	if (host == NULL || *host == '\0' || *host == '/' || strpbrk(text, " \"<>") != NULL)
		jread_wrong(reader, "url", "must be a URL that begins with https:// or http://");
	return mem_strdup(text);
}

static char *decode_file(struct jread *reader, const char *key)
{
	const char *text = jread_text(reader, key, OPTIONAL, 1024);
	if (text != NULL && text[0] != '/')
		jread_wrong(reader, key, "must be an absolute path; it is \"%.80s\"", text);
	return mem_strdup(text);
}

/* The mail server: smtp:// or smtps://, a host, perhaps a port. */
static char *decode_smtp(struct jread *reader)
{
	const char *text = jread_text(reader, "smtp", OPTIONAL, 512);
	if (text == NULL)
		return mem_strdup("smtp://127.0.0.1:25");
	const char *host = strncmp(text, "smtps://", 8) == 0  ? text + 8
			   : strncmp(text, "smtp://", 7) == 0 ? text + 7
							      : NULL;
	if (host == NULL || *host == '\0' || strpbrk(text, " \"<>@") != NULL)
		jread_wrong(reader, "smtp", "must be smtp://HOST:PORT or smtps://HOST:PORT");
	return mem_strdup(text);
}

static char *decode_mailbox(struct jread *reader, const char *key, const char *fallback)
{
	const char *text = jread_text(reader, key, fallback == NULL ? REQUIRED : OPTIONAL, 254);
	text = text != NULL ? text : fallback;
	if (text == NULL)
		return NULL;
	const char *at = strchr(text, '@');
	if (at == NULL || at == text || at[1] == '\0' || strpbrk(text, " ,<>\"") != NULL ||
	    strchr(at + 1, '@') != NULL)
		jread_wrong(reader, key, "is not one mail address: \"%.80s\"", text);
	return mem_strdup(text);
}

void codec_decode_alert(struct jread *reader, const struct codec_scope *scope,
			struct object *object)
{
	struct alert *alert = &object->alert;
	(void)scope;
	alert->name = jread_name(reader, "name", REQUIRED);
	object->id = mem_strdup(alert->name);
	alert->type = (enum alert_type)jread_word(reader, "type", type_words, 2, 2);
	if (alert->type == ALERT_WEBHOOK) {
		alert->url = decode_url(reader);
		alert->secret_file = decode_file(reader, "secret_file");
	} else {
		alert->to = decode_mailbox(reader, "to", NULL);
		alert->from = decode_mailbox(reader, "from", "meridian@localhost");
		alert->smtp = decode_smtp(reader);
	}
	decode_events(reader, &alert->events);
}

json_t *codec_encode_alert(const struct object *object)
{
	const struct alert *alert = &object->alert;
	json_t *json =
		json_pack("{s:s, s:s}", "name", alert->name, "type", type_words[alert->type]);
	if (alert->type == ALERT_WEBHOOK) {
		json_object_set_new(json, "url", json_string(alert->url));
		json_object_set_new(json, "secret_file", codec_text(alert->secret_file));
	} else {
		json_object_set_new(json, "to", json_string(alert->to));
		json_object_set_new(json, "from", json_string(alert->from));
		json_object_set_new(json, "smtp", json_string(alert->smtp));
	}
	json_object_set_new(json, "events", codec_texts(&alert->events));
	return json;
}
