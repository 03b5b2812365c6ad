/* traffic: what the responder answered in the last minute, from samples of its counters.
 * Thread-safe. */
#ifndef MERIDIAN_WEB_TRAFFIC_H
#define MERIDIAN_WEB_TRAFFIC_H

#include "web/app.h"

struct traffic;

struct traffic *traffic_new(void);
void traffic_free(struct traffic *traffic);

/* Asks the responder for its counters; to be called every few seconds. */
void traffic_sample(struct traffic *traffic, struct app *app);

/* {"window_s", "queries_per_s": N|null, "pools": [{"pool", "per_s", "share"}], "rcodes": [{"rcode",
 * "per_s"}]} */
json_t *traffic_view(struct traffic *traffic);
/* The part of the answers that POOL gave; negative where it is not known. */
double traffic_share(const json_t *view, const char *pool);

/* Pure: the sums of family NAME in STATS ({"metrics": [...]}) by the value of LABEL (NULL: all in
 * one, ""). */
json_t *traffic_sums(const json_t *stats, const char *name, const char *label);

#endif
