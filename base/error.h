/*
 * error: one sentence about something that went wrong in the world (a file, a socket, a statement).
 *
 * It names the object and, where there is one, the remedy. Whoever can act on it logs it, once.
 */
#ifndef MERIDIAN_BASE_ERROR_H
#define MERIDIAN_BASE_ERROR_H

struct error {
	char text[512]; /* NUL-terminated, cut at the end when longer; "" when nothing was set */
};

/* Replaces the sentence. ERROR may be NULL: then nothing is kept. */
void error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As error_set, followed by ": " and the text of errno as it was at the call. */
void error_set_errno(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "PREFIX: " before the sentence that is there. */
void error_prefix(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
