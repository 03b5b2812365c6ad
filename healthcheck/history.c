/* Knows how fifty results are kept in little memory. */
#include "healthcheck/history.h"

#include "base/mem.h"
#include "base/wall.h"

#include <stdlib.h>
#include <string.h>

struct history_text {
	unsigned users;
	char text[];
};

static void text_unref(struct history_text *text)
{
	if (text != NULL && --text->users == 0)
		free(text);
}

static struct history_text *text_like(struct history_text *last, const char *text)
{
	if (text[0] == '\0')
		return NULL;
	if (last != NULL && strcmp(last->text, text) == 0) {
		last->users++;
		return last;
	}
	size_t len = strlen(text) + 1;
	struct history_text *new = mem_array(1, sizeof *new + len);
	new->users = 1;
	memcpy(new->text, text, len);
	return new;
}

void history_fini(struct history *history)
{
	for (unsigned i = 0; i < history->count; i++)
		text_unref(history->ring[i].text);
	free(history->ring);
	*history = (struct history){0};
}

void history_add(struct history *history, int64_t time_ms, const struct probe_result *result)
{
	if (history->ring == NULL)
		history->ring = mem_array(HISTORY_MAX, sizeof *history->ring);
	unsigned before = (history->next + HISTORY_MAX - 1u) % HISTORY_MAX;
	struct history_text *text = text_like(history->ring[before].text, result->text);
	struct history_entry *entry = &history->ring[history->next];
	text_unref(entry->text);
	*entry = (struct history_entry){.time_ms = time_ms,
					.text = text,
					.phases = result->phases,
					.outcome = (uint8_t)result->outcome};
	history->next = (uint16_t)((history->next + 1) % HISTORY_MAX);
	if (history->count < HISTORY_MAX)
		history->count++;
}

const struct history_entry *history_last(const struct history *history)
{
	unsigned last = (history->next + HISTORY_MAX - 1u) % HISTORY_MAX;
	return history->count > 0 ? &history->ring[last] : NULL;
}

const char *history_reason(const struct history_entry *entry)
{
	return entry->text != NULL ? entry->text->text : NULL;
}

json_t *history_ms(uint32_t us)
{
	return json_real((double)us / 1000);
}

json_t *history_ok(enum probe_outcome outcome)
{
	return outcome == PROBE_SAYS_NOTHING ? json_null() : json_boolean(outcome == PROBE_PASSED);
}

static void set_phase(json_t *json, const char *key, uint32_t us)
{
	if (us > 0)
		json_object_set_new(json, key, history_ms(us));
}

static json_t *entry_json(const struct history_entry *entry)
{
	char time[WALL_TEXT_MAX];
	wall_format(entry->time_ms, time);
	json_t *json =
		json_pack("{s:s, s:o, s:s?, s:o}", "time", time, "ok",
			  history_ok((enum probe_outcome)entry->outcome), "reason",
			  history_reason(entry), "total_ms", history_ms(entry->phases.total_us));
	set_phase(json, "name_ms", entry->phases.name_us);
	set_phase(json, "connect_ms", entry->phases.connect_us);
	set_phase(json, "tls_ms", entry->phases.tls_us);
	set_phase(json, "first_byte_ms", entry->phases.first_byte_us);
	return json;
}

json_t *history_json(const struct history *history)
{
	json_t *all = json_array();
	for (unsigned i = 0; i < history->count; i++) {
		unsigned at =
			(history->next + HISTORY_MAX - (unsigned)history->count + i) % HISTORY_MAX;
		json_array_append_new(all, entry_json(&history->ring[at]));
	}
	return all;
}
