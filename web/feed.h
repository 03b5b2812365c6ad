/* feed: notices what changes (health, journals, configuration, daemons) and tells the hub. */
#ifndef MERIDIAN_WEB_FEED_H
#define MERIDIAN_WEB_FEED_H

#include "web/app.h"

struct feed;

/* Starts its threads; NULL with ERROR. */
struct feed *feed_start(struct app *app, struct error *error);
void feed_stop(struct feed *feed);

#endif
