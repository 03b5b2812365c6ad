/* Knows how a sentence about a failure is put together, and nothing of what failed. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void error_set(struct error *error, const char *format, ...)
{
	if (error == NULL)
		return;
	va_list args;
	va_start(args, format);
	vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
}

void error_set_errno(struct error *error, const char *format, ...)
{
	int saved = errno;
	if (error == NULL)
		return;
	va_list args;
	va_start(args, format);
	vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
	size_t used = strlen(error->text);
	char reason[128];
	snprintf(error->text + used, sizeof error->text - used, ": %s",
		 strerror_r(saved, reason, sizeof reason));
}

void error_prefix(struct error *error, const char *format, ...)
{
	if (error == NULL)
		return;
	char prefix[sizeof error->text], joined[2 * sizeof error->text + 2];
	va_list args;
	va_start(args, format);
	vsnprintf(prefix, sizeof prefix, format, args);
	va_end(args);
	snprintf(joined, sizeof joined, "%s: %s", prefix, error->text);
	memcpy(error->text, joined, sizeof error->text - 1);
	error->text[sizeof error->text - 1] = '\0';
}
