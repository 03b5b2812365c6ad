/*
 * mapping_guard: mapped files that somebody may cut short under us.
 *
 * Reading a page that lies beyond the end of the mapped file raises SIGBUS (mmap(2)), which ends a
 * process. A guarded range is torn instead: the page is replaced by one of zeroes that no other
 * process sees, and the range says so from then on. A SIGBUS anywhere else ends the process as
 * ever.
 *
 * The signal must not be blocked in a thread that touches guarded ranges: mapping_guard_unblock().
 */
#ifndef MERIDIAN_DB_MAPPING_GUARD_H
#define MERIDIAN_DB_MAPPING_GUARD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

enum { MAPPING_GUARD_NONE = -1, MAPPING_GUARD_MAX = 1024 };

/* Guards the LEN octets of a file that are mapped at START, a page's beginning; WRITABLE says
 * whether they may be written. A token, or MAPPING_GUARD_NONE where there are too many. */
int mapping_guard_add(void *start, size_t len, bool writable);

/* Before the range is unmapped. MAPPING_GUARD_NONE is allowed. */
void mapping_guard_remove(int token);

/* True from the first page on that was replaced. Whoever read from the range asks afterwards: what
 * he read is of the file where the answer is false (acquire). */
bool mapping_guard_torn(int token);

/*
 * Puts the mapping FRESH, of the same length, in the place of the range, in one step for all
 * threads that read there; FRESH is then gone. False, with FRESH as it was, while a fault is being
 * handled: try again. One thread at a time.
 */
bool mapping_guard_mend(int token, void *fresh) __attribute__((warn_unused_result));

/* How often the range was mended: where it differs before and after a read, what was read may be of
 * a page of zeroes although the range is whole again. */
unsigned mapping_guard_mends(int token);

/* Takes SIGBUS out of SET: for a thread that blocks all other signals. */
void mapping_guard_unblock(sigset_t *set);

#endif
