/*
 * mem: allocation for configuration and control paths, where running out of memory has no better
 * answer than to end with a sentence and be started again. Never used for anything a packet or a
 * client decides the size of.
 */
#ifndef MERIDIAN_BASE_MEM_H
#define MERIDIAN_BASE_MEM_H

#include <stddef.h>

/* COUNT zeroed elements of SIZE octets; never NULL (one octet at least). The caller frees with
 * free(). */
void *mem_array(size_t count, size_t size)
	__attribute__((malloc, warn_unused_result, returns_nonnull));

#define mem_new(type) ((type *)mem_array(1, sizeof(type)))

/* Resizes to COUNT elements of SIZE octets; what is new is not zeroed. */
void *mem_resize(void *old, size_t count, size_t size)
	__attribute__((warn_unused_result, returns_nonnull));

/* A copy of TEXT, or NULL where TEXT is NULL. */
char *mem_strdup(const char *text) __attribute__((malloc, warn_unused_result));
void *mem_dup(const void *bytes, size_t len)
	__attribute__((malloc, warn_unused_result, returns_nonnull));

/* The formatted text on the heap. */
char *mem_printf(const char *format, ...)
	__attribute__((malloc, format(printf, 1, 2), warn_unused_result, returns_nonnull));

#endif
