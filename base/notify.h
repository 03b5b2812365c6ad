/* notify: tells whoever started this process that it is ready (sd_notify(3), so that a unit of
 * Type=notify is started when it serves). */
#ifndef MERIDIAN_BASE_NOTIFY_H
#define MERIDIAN_BASE_NOTIFY_H

/* Sends READY=1 to the socket that $NOTIFY_SOCKET names: a path, or "@" and a name in the abstract
   namespace. Without the variable, with one that is too long, or when nobody listens, nothing
   happens: readiness is news, and no condition of running. */
void notify_ready(void);

#endif
