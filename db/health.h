/*
 * health: the verdicts of all targets in shared memory. One writer (healthcheck); any number of
 * readers map it read-only.
 *
 * A target is keyed by its endpoint's id ("endpoint/eu/eu1"). Its word is one atomic 64-bit value,
 * so a reader never sees half a change and never waits. The header carries a heartbeat; readers
 * treat a stale one as "unknown for all", and unknown changes no answer.
 */
#ifndef MERIDIAN_DB_HEALTH_H
#define MERIDIAN_DB_HEALTH_H

#include "base/error.h"
#include "base/mono.h"

#include <stdbool.h>
#include <stdint.h>

enum { HEALTH_CAPACITY = 65536, HEALTH_STALE_MS = 10000, HEALTH_BEAT_MS = 1000 };

/* VERDICT_NONE: no such target, or no probe has ended yet and nothing is held over. */
enum verdict { VERDICT_NONE, VERDICT_UNKNOWN, VERDICT_UP, VERDICT_DEGRADED, VERDICT_DOWN };

const char *verdict_name(enum verdict verdict); /* "none", "unknown", "up", "degraded", "down" */

struct health_state {
	enum verdict verdict;
	bool pending;	       /* new: has not yet passed `rise` */
	uint16_t flip_after_s; /* least seconds until the verdict can flip while a change is under
				  way; 0: no change under way */
	uint32_t since_s;      /* wall clock seconds since 1970 of the last change of verdict */
};

uint64_t health_pack(struct health_state state);
struct health_state health_unpack(uint64_t word);

struct health_table;

/* Creates or takes over PATH (a file on tmpfs, mode 0640); words of an earlier writer of the same
 * layout are kept. NULL with ERROR. */
struct health_table *health_open_writer(const char *path, struct error *error);
/* Maps PATH read-only; NULL with ERROR where it is missing or of another layout. */
struct health_table *health_open_reader(const char *path, struct error *error);
void health_close(struct health_table *table);

/*
 * True where the file was cut short or emptied under the mapping. The table is then not fresh, and
 * a word that cannot be read is VERDICT_UNKNOWN. A writer closes it, opens it and sets all words
 * again; a reader opens it again when the writer did, or mends it.
 */
bool health_lost(const struct health_table *table);
/* Reader: maps PATH again in the place of the old mapping, while other threads may read it. False
 * where the file is not complete yet. */
bool health_mend(struct health_table *table, const char *path) __attribute__((warn_unused_result));

/* Writer: sets a target's word (adding the target) and wakes waiters when it changed. False when
 * the table is full. */
bool health_set(struct health_table *table, const char *target, struct health_state state);
void health_remove(struct health_table *table, const char *target);
/* Writer: walks all targets that have a word but are not in the caller's set is done by asking KEEP
 * for each key. */
void health_retain(struct health_table *table, bool (*keep)(void *context, uint64_t key),
		   void *context);
void health_beat(struct health_table *table, struct mono now);

/* The key of a target's id; what readers may keep instead of the text. */
uint64_t health_key(const char *target);

/* Any side: the target's word; VERDICT_NONE where there is none. */
struct health_state health_get(const struct health_table *table, uint64_t key);

/* True where the writer's last beat is at most HEALTH_STALE_MS old. */
bool health_fresh(const struct health_table *table, struct mono now);

/* Counts changes of any word; compare with what was seen before. */
uint32_t health_sequence(const struct health_table *table);
/* Blocks until the sequence is no longer SEEN or TIMEOUT_MS passed (futex; a read-only mapping is
 * enough). */
void health_wait(const struct health_table *table, uint32_t seen, int timeout_ms);

#endif
