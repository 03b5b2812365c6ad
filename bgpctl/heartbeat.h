/*
 * heartbeat: the controller's sign of life, for who watches it from outside.
 *
 * A file beside the include file, rewritten by the controller's loop once a second with the time of
 * the clock that only goes forward. It says nothing of what is announced. A controller that ends
 * in order takes it away; one that is killed, stopped or stuck leaves it to grow old.
 */
#ifndef MERIDIAN_BGPCTL_HEARTBEAT_H
#define MERIDIAN_BGPCTL_HEARTBEAT_H

#include "base/mono.h"
#include "db/instance.h"

struct heartbeat {
	char *path;
	int fd; /* -1: could not be made; tried again at the next beat */
};

void heartbeat_open(struct heartbeat *heartbeat, const struct instance *instance);
/* Writes NOW. What fails is tried again at the next beat: the watcher will say that it is old. */
void heartbeat_beat(struct heartbeat *heartbeat, struct mono now);
/* ENDED: the controller has no more to do; else the file stays, and grows old. */
void heartbeat_close(struct heartbeat *heartbeat, bool ended);

/*
 * How many milliseconds ago the controller of INSTANCE was alive. False where there is no sign at
 * all, or one of before the last boot: then none was running that could have died.
 */
bool heartbeat_age(const struct instance *instance, struct mono now, int64_t *age_ms)
	__attribute__((warn_unused_result));

#endif
