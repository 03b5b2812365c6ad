/*
 * report: what the responder tells over its control socket: status, stats, answers, explain,
 * geo_lookup.
 */
#ifndef MERIDIAN_GEODNS_REPORT_H
#define MERIDIAN_GEODNS_REPORT_H

#include "db/control.h"

/* A control_handler; CONTEXT is the struct responder. */
json_t *report_request(void *context, const char *verb, const json_t *args);

#endif
