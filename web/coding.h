/* coding: which content codings a client accepts (pure). */
#ifndef MERIDIAN_WEB_CODING_H
#define MERIDIAN_WEB_CODING_H

/* How much CODING ("gzip", "br") is wanted by an Accept-Encoding (RFC 9110 section 12.5.3),
 * 0..1000; HEADER may be NULL. */
unsigned accepts_coding(const char *header, const char *coding);

#endif
