/*
 * alert_position: how far in the journals a receiver was told, kept in a file beside them, so that
 * neither a restart nor a new address of the receiver loses what had not been sent.
 *
 * A file that cannot be read or written costs no more than that: the receiver begins with now.
 */
#ifndef MERIDIAN_HEALTHCHECK_ALERT_POSITION_H
#define MERIDIAN_HEALTHCHECK_ALERT_POSITION_H

#include <stdbool.h>

/* The cursor (as of journal_read()) of the receiver NAME in FOLDER, on the heap; NULL: there is
 * none.
 */
char *alert_position_read(const char *folder, const char *name);
bool alert_position_write(const char *folder, const char *name, const char *cursor);
void alert_position_forget(const char *folder, const char *name);

#endif
