/* paging: ?limit= and ?cursor= of a list, and the Link to what follows (RFC 8288). */
#ifndef MERIDIAN_WEB_PAGING_H
#define MERIDIAN_WEB_PAGING_H

#include "web/response.h"

enum { PAGE_LIMIT_MAX = 1000, PAGE_LIMIT_DEFAULT = 200 };

struct page {
	size_t limit;
	const char *cursor; /* where the last page ended, or NULL; the request's */
};

/* False where a parameter is malformed; then *ANSWER is the answer. */
bool page_read(const struct request *request, struct page *page, struct response **answer)
	__attribute__((warn_unused_result));

/* Adds Link: <...?...&cursor=CURSOR>; rel="next", all other parameters kept. */
void page_link_next(const struct request *request, struct response *response, const char *cursor);

#endif
