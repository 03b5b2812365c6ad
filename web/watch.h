/*
 * watch: ends connections that are too slow. Each connection has one deadline; a thread shuts down
 * the sockets whose deadline passed, and their own threads then see the end.
 */
#ifndef MERIDIAN_WEB_WATCH_H
#define MERIDIAN_WEB_WATCH_H

struct watch;
struct watched;

struct watch *watch_new(void);
/* No connection is watched any more when this is called. */
void watch_free(struct watch *watch);

struct watched *watch_add(struct watch *watch, int fd, int within_ms);
/* To be called before the descriptor is closed. NULL is allowed. */
void watch_remove(struct watch *watch, struct watched *watched);
/* From now on WITHIN_MS, 0: none. Any thread. NULL is allowed. */
void watch_deadline(struct watched *watched, int within_ms);

#endif
