/*
 * transfers: libcurl's multi-socket interface on a libuv loop.
 *
 * Easy handles are spread over several multi handles, because a multi looks through its idle
 * connections at each new one (libcurl 7.88.1: at most a thousand are cheap).
 */
#ifndef MERIDIAN_HEALTHCHECK_TRANSFERS_H
#define MERIDIAN_HEALTHCHECK_TRANSFERS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <uv.h>

struct transfers;
struct transfers *transfers_new(uv_loop_t *loop);
/* All seats are given back. Handles end at the loop's next turn. */
void transfers_free(struct transfers *transfers);

/*
 * A seat: the multi handle that one easy handle runs on, so that it finds its connection again.
 * GROUP (may be NULL) keeps handles apart that must not share a connection: seats of another group
 * are on other multi handles.
 */
struct transfer_seat;
typedef void transfer_done(void *context, CURLcode result);
struct transfer_seat *transfers_seat(struct transfers *transfers, const char *group, CURL *easy,
				     transfer_done *done, void *context);
/* Begins the transfer; DONE is called once, not before this returns. False where libcurl has no
 * memory. */
bool transfer_start(struct transfer_seat *seat) __attribute__((warn_unused_result));
/* Ends a running transfer without a call of DONE. */
void transfer_stop(struct transfer_seat *seat);
/* Stops, and gives the seat back. The easy handle stays the caller's. NULL is allowed. */
void transfer_leave(struct transfer_seat *seat);

#endif
