/* feed_health: which targets' verdicts changed since the last look. One thread. */
#ifndef MERIDIAN_WEB_FEED_HEALTH_H
#define MERIDIAN_WEB_FEED_HEALTH_H

#include "web/app.h"

struct feed_health;

struct feed_health *feed_health_new(void);
void feed_health_free(struct feed_health *health);

/* [{"id", "state", "pending", "since"}], or NULL where none changed. All are new to the first look.
 */
json_t *feed_health_changes(struct feed_health *health, struct app *app);

#endif
