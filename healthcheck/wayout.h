/*
 * wayout: this machine's own way to its targets: what lies where, and whether the default gateway
 * answers.
 *
 * A gateway counts as a witness only once it has answered: one that never does says nothing by its
 * silence.
 */
#ifndef MERIDIAN_HEALTHCHECK_WAYOUT_H
#define MERIDIAN_HEALTHCHECK_WAYOUT_H

#include "base/addr.h"
#include "healthcheck/doubt.h"
#include "healthcheck/probe.h"

struct wayout;

/* ASKED: when the question was put. */
typedef void wayout_told(void *context, enum way_out way, struct mono asked);
struct wayout *wayout_new(struct probe_env *env, wayout_told *told, void *context);
void wayout_free(struct wayout *wayout);

/* Asks the gateway; TOLD is called once, perhaps inside, unless an answer is being waited for
 * already. */
void wayout_ask(struct wayout *wayout);

/* The gateway's address, or NULL where none was ever seen. */
const char *wayout_gateway(const struct wayout *wayout);
/* It has answered at least once, since it was last caught being silent for nothing. */
bool wayout_has_witness(const struct wayout *wayout);
/* The last time it was asked it did, too. */
bool wayout_answers(const struct wayout *wayout);
/* It was silent while the way out worked: no witness until it answers again. */
void wayout_distrust(struct wayout *wayout);

enum way { WAY_LOCAL, WAY_ON_LINK, WAY_BEYOND };
/* Whether IP is this machine itself, on a network it is on, or behind a gateway. */
enum way wayout_to(struct wayout *wayout, const struct addr *ip);

#endif
