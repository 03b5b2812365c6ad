/* Knows what happens when memory runs out outside the answer path. */
#include "base/mem.h"

#include "base/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
	if (memory == NULL) {
		log_error(
			"out of memory; ending so that the service manager starts a fresh process");
		abort();
	}
	return memory;
}

void *mem_array(size_t count, size_t size)
{
	return checked(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *mem_resize(void *old, size_t count, size_t size)
{
	return checked(reallocarray(old, count > 0 ? count : 1, size > 0 ? size : 1));
}

char *mem_strdup(const char *text)
{
	return text == NULL ? NULL : checked(strdup(text));
}

void *mem_dup(const void *bytes, size_t len)
{
	void *copy = checked(malloc(len > 0 ? len : 1));
	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

char *mem_printf(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int len = vasprintf(&text, format, args);
	va_end(args);
	return checked(len < 0 ? NULL : text);
}
