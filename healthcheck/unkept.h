/*
 * unkept: events that the journal could not keep, for those who are to be told of them all the
 * same. Any thread adds and reads; the newest UNKEPT_MAX are held.
 */
#ifndef MERIDIAN_HEALTHCHECK_UNKEPT_H
#define MERIDIAN_HEALTHCHECK_UNKEPT_H

#include "db/journal.h"

enum { UNKEPT_MAX = 1000 };

struct unkept;
struct unkept *unkept_new(void);
void unkept_free(struct unkept *unkept);

/* A journal_lost_event: CONTEXT is the struct unkept. */
void unkept_add(void *context, const char *daemon, const struct event *event);

/* How many there were so far. */
uint64_t unkept_count(struct unkept *unkept);
/* Appends those after the first *SEEN to EVENTS, in the shape of journal_read() with a null "id";
 * sets *SEEN to how many there were. */
void unkept_take(struct unkept *unkept, uint64_t *seen, json_t *events);

#endif
