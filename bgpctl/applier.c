/* Knows when to act on BIRD, and how patient to be when somebody else does. */
#include "bgpctl/applier.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTRIBUTES_EVERY = 15 };

void applier_fini(struct applier *applier)
{
	bird_protocols_fini(&applier->protocols);
	bird_conf_fini(&applier->conf);
	free(applier->exports);
	memset(applier, 0, sizeof *applier);
}

static bool decided_anew(struct announcement *const *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (items[i]->state.level != items[i]->applied)
			return true;
	return false;
}

static bool is_exported(const struct applier *applier, size_t item)
{
	for (size_t i = 0; i < applier->export_count; i++)
		if (applier->exports[i].entry == item && applier->exports[i].present)
			return true;
	return false;
}

/* True where BIRD still has what is to be gone, or shows it stronger than it should be. */
static bool lets_not_go(const struct applier *applier, struct announcement *const *items,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum level level = items[i]->applied;
		if (items[i]->verdict == SIGHT_MISMATCH &&
		    (level == LEVEL_NONE || (level != LEVEL_ANNOUNCED && is_exported(applier, i))))
			return true;
	}
	return false;
}

enum applier_want applier_want(const struct applier *applier, struct announcement *const *items,
			       size_t count, const struct applier_leave *leave, struct mono now)
{
	if (applier->busy)
		return APPLIER_NOTHING;
	if (leave->decisions && applier->adopted) {
		if (decided_anew(items, count))
			return APPLIER_APPLY;
		if (applier->trouble && mono_ms_between(now, applier->retry_at) <= 0 &&
		    (leave->announcements || lets_not_go(applier, items, count)))
			return APPLIER_APPLY;
	}
	return mono_ms_between(now, applier->next_look) <= 0 ? APPLIER_LOOK : APPLIER_NOTHING;
}

void applier_hurry(struct applier *applier, struct mono now)
{
	struct mono soon = mono_add_ms(now, APPLIER_SOON_MS);
	if (mono_ms_between(soon, applier->next_look) > 0)
		applier->next_look = soon;
}

void applier_press(const struct applier *applier, struct announcement *const *items, size_t count)
{
	for (size_t i = 0; applier->job != NULL && i < count; i++)
		if (items[i]->state.level == LEVEL_NONE && items[i]->applied != LEVEL_NONE)
			atomic_store_explicit(&applier->job->pressed, true, memory_order_relaxed);
}

struct actuate_job *applier_job(struct applier *applier, const struct instance *instance,
				struct announcement *const *items, size_t count,
				enum applier_want want)
{
	struct actuate_job *job = mem_new(struct actuate_job);
	job->socket = instance->bird_socket;
	job->include = instance->bird_include;
	job->generation = applier->generation;
	job->conf = applier->conf;
	memset(&applier->conf, 0, sizeof applier->conf);
	job->apply = want == APPLIER_APPLY;
	/* What neighbours are shown changes with what is applied, and with filters, which few edit.
	 */
	job->attributes = job->apply || applier->trouble || count <= SIGHT_SINGLE_MAX ||
			  applier->looks++ % ATTRIBUTES_EVERY == 0;
	job->count = count;
	job->entries = mem_array(count, sizeof *job->entries);
	bool *excused = mem_array(count, sizeof *excused), anew = decided_anew(items, count);
	for (size_t i = 0; i < count; i++) {
		struct include_entry *entry = &job->entries[i];
		entry->prefix = items[i]->prefix;
		entry->level = items[i]->state.level;
		snprintf(entry->reason, sizeof entry->reason, "%s", items[i]->state.reason);
		job->urgent = job->urgent || (items[i]->applied != LEVEL_NONE &&
					      entry->level == LEVEL_NONE && items[i]->state.proved);
		excused[i] = anew && items[i]->applied == entry->level &&
			     items[i]->verdict == SIGHT_MISMATCH;
		if (job->apply) {
			items[i]->changing = items[i]->applied != entry->level;
			items[i]->applied = entry->level;
		}
	}
	job->excused = excused;
	applier->busy = true;
	applier->job = job;
	return job;
}

static const struct include_entry *find_entry(const struct include_entry *entries, size_t count,
					      const struct prefix *prefix, size_t *index)
{
	for (size_t i = 0; i < count; i++) {
		if (prefix_compare(&entries[i].prefix, prefix) != 0)
			continue;
		*index = i;
		return &entries[i];
	}
	return NULL;
}

/* True where the file says what the job's entries say, no more and no less. */
static bool file_agrees(const struct actuate_job *job, uint64_t *generation)
{
	struct include_entry *found;
	size_t count, announced = 0, index;
	bool agrees;
	if (job->file == NULL || !include_parse(job->file, &found, &count, generation))
		return false;
	for (size_t i = 0; i < job->count; i++)
		announced += job->entries[i].level != LEVEL_NONE;
	agrees = count == announced;
	for (size_t i = 0; agrees && i < count; i++) {
		const struct include_entry *entry =
			find_entry(job->entries, job->count, &found[i].prefix, &index);
		agrees = entry != NULL && entry->level == found[i].level;
	}
	free(found);
	return agrees;
}

/*
 * A newer generation that is not ours is of meridian-withdraw, which runs when the responder has
 * ended: what it took away is gone by proof, and is proved well anew before it comes back.
 */
static void take_strike(const struct applier *applier, const struct actuate_job *job,
			struct announcement *const *items, size_t count, struct mono now)
{
	struct include_entry *found;
	size_t found_count, index;
	uint64_t generation, own = applier->generation;
	if (!job->stale && job->generation > own)
		own = job->generation;
	if (job->file == NULL || !include_parse(job->file, &found, &found_count, &generation))
		return;
	for (size_t i = 0; generation > own && i < count; i++) {
		if (items[i]->state.level == LEVEL_NONE ||
		    find_entry(found, found_count, &items[i]->prefix, &index) != NULL)
			continue;
		prefix_strike(&items[i]->state, "withdrawn by meridian-withdraw", now);
		memset(items[i]->evidence, 0, sizeof items[i]->evidence);
		items[i]->applied = LEVEL_NONE;
	}
	free(found);
}

/* The exports in the order of the announcements, which the job may have sorted otherwise. */
static void take_exports(struct applier *applier, struct actuate_job *job,
			 struct announcement *const *items, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < job->sight.export_count; i++) {
		struct sight_export export = job->sight.exports[i];
		for (uint32_t k = 0; k < count; k++) {
			if (prefix_compare(&items[k]->prefix, &job->entries[export.entry].prefix) !=
			    0)
				continue;
			export.entry = k;
			job->sight.exports[kept++] = export;
			break;
		}
	}
	free(applier->exports);
	applier->exports = job->sight.exports;
	applier->export_count = kept;
	job->sight.exports = NULL;
}

static void take_deed(struct applier *applier, const struct actuate_job *job)
{
	struct deed *deed = &applier->deed;
	memcpy(deed->said, job->said, sizeof deed->said);
	memcpy(deed->hash_before, job->hash_before, sizeof deed->hash_before);
	memcpy(deed->hash_after, job->hash_after, sizeof deed->hash_after);
	deed->verify_us = job->verify_us;
	applier->took_us = job->took_us;
}

static void take_sight(struct applier *applier, struct actuate_job *job,
		       struct announcement *const *items, size_t count)
{
	applier->reach = job->reach;
	if (!job->apply)
		freshness_take(&applier->freshness, &job->freshness);
	memcpy(applier->bird_error, job->bird_error, sizeof applier->bird_error);
	applier->status = job->sight.status;
	bird_protocols_fini(&applier->protocols);
	applier->protocols = job->sight.protocols;
	memset(&job->sight.protocols, 0, sizeof job->sight.protocols);
	applier->conf = job->conf;
	memset(&job->conf, 0, sizeof job->conf);
	memcpy(applier->conf_error, job->conf_error, sizeof applier->conf_error);
	take_exports(applier, job, items, count);
}

static bool take_verdicts(const struct actuate_job *job, struct announcement *const *items,
			  size_t count)
{
	bool mismatch = false;
	for (size_t i = 0; i < count; i++) {
		size_t index;
		if (items[i]->changing)
			items[i]->took_us = job->took_us;
		items[i]->changing = false;
		if (find_entry(job->entries, job->count, &items[i]->prefix, &index) == NULL)
			continue;
		/* A look while a decision waits judges what is not yet ordered. */
		if (job->entries[index].level != items[i]->applied)
			continue;
		items[i]->verdict = job->verdicts[index];
		mismatch = mismatch || items[i]->verdict == SIGHT_MISMATCH;
	}
	return mismatch;
}

static void schedule(struct applier *applier, const struct actuate_job *job, bool troubled,
		     struct mono now)
{
	bool retried = applier->trouble && job->apply;
	if (troubled)
		applier->last_trouble = now;
	else if (mono_ms_between(applier->last_trouble, now) >= APPLIER_QUIET_MS)
		applier->pause_ms = 0;
	/* The first answer to trouble comes at once; the pause begins behind each answer. */
	if (retried || (job->apply && troubled)) {
		applier->pause_ms = applier->pause_ms == 0 ? 1000 : 2 * applier->pause_ms;
		if (applier->pause_ms > APPLIER_PAUSE_MAX_MS)
			applier->pause_ms = APPLIER_PAUSE_MAX_MS;
		applier->retry_at = mono_add_ms(now, applier->pause_ms);
	}
	applier->trouble = troubled;
	applier->next_look = mono_add_ms(now, APPLIER_LOOK_MS);
}

static void end_job(struct applier *applier, struct actuate_job *job)
{
	applier->busy = false;
	applier->job = NULL;
	actuate_fini(job);
	free(job->excused);
	free(job->memory);
	free(job->entries);
	free(job);
}

/* What BIRD has is what holds. What only the file has is to go from there, by its name. */
static void take_routes(const struct bird_routes *routes, struct include_entry **found,
			size_t *count)
{
	size_t index;
	for (size_t i = 0; i < *count; i++)
		(*found)[i].level = LEVEL_NONE;
	for (size_t i = 0; i < routes->count; i++) {
		if (find_entry(*found, *count, &routes->at[i].prefix, &index) == NULL) {
			index = (*count)++;
			*found = mem_resize(*found, *count, sizeof **found);
			(*found)[index] = (struct include_entry){.prefix = routes->at[i].prefix};
		}
		(*found)[index].level = routes->at[i].level;
	}
}

void applier_adopt(struct applier *applier, struct actuate_job *job, struct include_entry **found,
		   size_t *count, struct mono now)
{
	*found = NULL;
	*count = 0;
	if (job->file != NULL)
		(void)!include_parse(job->file, found, count, &applier->generation);
	if (job->reach == BIRD_UP)
		take_routes(&job->sight.routes, found, count);
	take_sight(applier, job, NULL, 0);
	applier->adopted = true;
	applier->next_look = now;
	end_job(applier, job);
}

void applier_take(struct applier *applier, struct actuate_job *job,
		  struct announcement *const *items, size_t count, struct mono now)
{
	uint64_t generation = 0;
	take_strike(applier, job, items, count, now);
	bool mismatch = take_verdicts(job, items, count);
	bool agrees = file_agrees(job, &generation);
	/* A newer generation is of a program of ours, which tells it itself. */
	applier->file_foreign = !job->apply && applier->file_known && !applier->file_differs &&
				!agrees && generation <= applier->generation;
	applier->file_differs = !agrees;
	applier->file_known = applier->file_known || agrees;
	memcpy(applier->file_hash, job->hash_after, sizeof applier->file_hash);
	if (job->generation > applier->generation)
		applier->generation = job->generation;
	if (generation > applier->generation)
		applier->generation = generation;
	take_sight(applier, job, items, count);
	if (job->apply) {
		applier->step = job->step;
		memcpy(applier->failure, job->failure, sizeof applier->failure);
		snprintf(applier->refused, sizeof applier->refused, "%s",
			 job->refused ? job->failure : "");
		take_deed(applier, job);
	}
	bool troubled = mismatch || applier->file_differs || job->stale ||
			(applier->failure[0] != '\0' && job->reach == BIRD_UP);
	schedule(applier, job, troubled, now);
	/* Made on a file that no longer held: to be made again, at once. */
	if (job->stale)
		applier->retry_at = now;
	end_job(applier, job);
}
