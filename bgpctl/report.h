/*
 * report: the controller's state as JSON, for its control socket.
 */
#ifndef MERIDIAN_BGPCTL_REPORT_H
#define MERIDIAN_BGPCTL_REPORT_H

#include "bgpctl/controller.h"

#include <jansson.h>

/* A control_handler; CONTEXT is the struct controller. Verbs: status, stats, anycast, plan. */
json_t *report_answer(void *context, const char *verb, const json_t *args);

#endif
