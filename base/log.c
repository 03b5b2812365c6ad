/* Knows where a program's log lines go and what stands before them. */
#include "base/log.h"

#include "base/wall.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program_name = "meridian";
static enum log_level highest_level = LOG_LEVEL_NOTICE;
static bool under_journald;

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
	[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

void log_open(const char *program, enum log_level highest)
{
	program_name = program;
	highest_level = highest;
	under_journald = getenv("JOURNAL_STREAM") != NULL;
}

bool log_level_parse(const char *text, enum log_level *level)
{
	for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

void log_write(enum log_level level, const char *format, ...)
{
	if (level > highest_level)
		return;
	char line[1200];
	int head;
	if (under_journald) {
		head = snprintf(line, sizeof line, "<%d>", (int)level);
	} else {
		char now[WALL_TEXT_MAX];
		wall_format(wall_now_ms(), now);
		head = snprintf(line, sizeof line, "%s %s %s: ", now, program_name,
				level_names[level]);
	}
	size_t used = (size_t)head;
	va_list args;
	va_start(args, format);
	int body = vsnprintf(line + used, sizeof line - used - 1, format, args);
	va_end(args);
	if (body < 0)
		return;
	used += (size_t)body < sizeof line - used - 1 ? (size_t)body : sizeof line - used - 2;
	for (size_t i = (size_t)head; i < used; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = ' ';
	line[used++] = '\n';
	ssize_t written = write(STDERR_FILENO, line, used);
	(void)written; /* there is nowhere left to say that the log cannot be written */
}
