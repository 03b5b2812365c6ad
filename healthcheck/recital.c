/* Knows how a long reply is cut into slices. */
#include "healthcheck/recital.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct recital {
	struct recital_part parts[RECITAL_PARTS_MAX];
	size_t part_count;
	char *after;
	struct control_ticket ticket;
	char **ids; /* of the endpoints, as they were at the begin */
	size_t id_count;
	size_t part, next; /* where it stands */
	bool said;	   /* something in this part: a comma is due */
	FILE *out;
	char *text;
	size_t len;
	struct recital *following;
};

struct recitals {
	uv_idle_t idle; /* first; it runs while there is something to say */
	const struct fleet *fleet;
	struct control *control;
	struct recital *first;
};

struct recitals *recitals_new(uv_loop_t *loop, const struct fleet *fleet, struct control *control)
{
	struct recitals *recitals = mem_new(struct recitals);
	recitals->fleet = fleet;
	recitals->control = control;
	uv_idle_init(loop, &recitals->idle);
	recitals->idle.data = recitals;
	return recitals;
}

/* Frees all but the text, which it returns. */
static char *finish(struct recital *recital)
{
	fclose(recital->out);
	char *text = recital->text;
	for (size_t i = 0; i < recital->id_count; i++)
		free(recital->ids[i]);
	for (size_t i = 0; i < recital->part_count; i++)
		free(recital->parts[i].before);
	free(recital->ids);
	free(recital->after);
	free(recital);
	return text;
}

static void free_handle(uv_handle_t *handle)
{
	free(handle->data);
}

void recitals_free(struct recitals *recitals)
{
	if (recitals == NULL)
		return;
	while (recitals->first != NULL) {
		struct recital *gone = recitals->first;
		recitals->first = gone->following;
		free(finish(gone));
	}
	uv_close((uv_handle_t *)&recitals->idle, free_handle);
}

static void say_one(const struct recitals *recitals, struct recital *recital)
{
	const struct member *member =
		strmap_find(&recitals->fleet->members, recital->ids[recital->next++]);
	recital_say *say = recital->parts[recital->part].say;
	if (member != NULL && say(recital->out, recital->said ? "," : "", member))
		recital->said = true;
}

/* Does one step; false when the reply is whole. */
static bool step(const struct recitals *recitals, struct recital *recital)
{
	if (recital->next == 0)
		fputs(recital->parts[recital->part].before, recital->out);
	if (recital->next < recital->id_count) {
		say_one(recitals, recital);
		return true;
	}
	recital->next = 0;
	recital->said = false;
	if (++recital->part < recital->part_count)
		return true;
	fputs(recital->after, recital->out);
	return false;
}

static void on_idle(uv_idle_t *idle)
{
	struct recitals *recitals = idle->data;
	struct recital *recital = recitals->first;
	struct mono began = mono_now();
	while (step(recitals, recital))
		if (mono_us_between(began, mono_now()) >= RECITAL_SLICE_US)
			return;
	struct control_ticket ticket = recital->ticket;
	recitals->first = recital->following;
	if (recitals->first == NULL)
		uv_idle_stop(idle);
	control_answer_text(recitals->control, ticket, finish(recital));
}

static bool is_wanted(const struct member *member, const struct recital_text *text)
{
	return (text->pool == NULL || strcmp(text->pool, member->pool->name) == 0) &&
	       (text->id == NULL || strcmp(text->id, member->id) == 0);
}

static void note_ids(const struct recitals *recitals, struct recital *recital,
		     const struct recital_text *text)
{
	const struct strmap *members = &recitals->fleet->members;
	size_t cursor = 0;
	const char *id;
	void *member;
	recital->ids = mem_array(members->count, sizeof *recital->ids);
	while (strmap_next(members, &cursor, &id, &member))
		if (is_wanted(member, text))
			recital->ids[recital->id_count++] = mem_strdup(id);
}

void recitals_answer(struct recitals *recitals, const struct recital_text *text)
{
	struct recital *recital = mem_new(struct recital);
	memcpy(recital->parts, text->parts, sizeof recital->parts);
	recital->part_count = text->part_count;
	recital->after = text->after;
	recital->ticket = control_defer(recitals->control);
	note_ids(recitals, recital, text);
	recital->out = open_memstream(&recital->text, &recital->len);
	if (recital->out == NULL)
		abort(); /* as in mem.h */
	struct recital **link = &recitals->first;
	while (*link != NULL)
		link = &(*link)->following;
	*link = recital;
	uv_idle_start(&recitals->idle, on_idle);
}
