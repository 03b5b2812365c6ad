/*
 * log: one line an occurrence on stderr, for a terminal or for journald.
 *
 * A message is one sentence and key=value pairs. Transitions are logged at notice, noise at debug.
 * Never a secret, never a client address above debug. Thread-safe: one write a line.
 */
#ifndef MERIDIAN_BASE_LOG_H
#define MERIDIAN_BASE_LOG_H

#include <stdbool.h>

/* The numbers are syslog's (RFC 5424 section 6.2.1). */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/*
 * Names the program in every line and sets the highest level that is written (default: notice).
 * Under journald (JOURNAL_STREAM set) lines begin with "<N>", elsewhere with an RFC 3339 time.
 * PROGRAM is borrowed for ever.
 */
void log_open(const char *program, enum log_level highest);

/* Reads "error" ... "debug"; false where TEXT is none of them. */
bool log_level_parse(const char *text, enum log_level *level) __attribute__((warn_unused_result));

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)	 log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)	 log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)	 log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
