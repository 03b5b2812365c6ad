/* metrics: the counters of all daemons in the Prometheus text format. */
#ifndef MERIDIAN_WEB_METRICS_H
#define MERIDIAN_WEB_METRICS_H

#include "web/app.h"

/* STATS is an array of {"metrics": [...]}; families of one name are put together. The text is on
 * the heap. */
char *metrics_format(const json_t *stats);

struct response *metrics_get(struct app *app, struct call *call);

#endif
