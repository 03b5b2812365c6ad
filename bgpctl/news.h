/*
 * news: all that may have changed outside the controller since it looked last: configuration,
 * health, addresses, the responder's process and its answers, BIRD's log.
 */
#ifndef MERIDIAN_BGPCTL_NEWS_H
#define MERIDIAN_BGPCTL_NEWS_H

#include "bgpctl/controller.h"

/* Has wake_fd become readable with FD; nothing where it is -1. */
void news_wake_on(struct controller *controller, int fd);

/* Takes in what is new, and begins the probes that are due. Sets `news` where it is to be decided
 * about. */
void news_take(struct controller *controller, struct mono now);

#endif
