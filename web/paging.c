/* Knows how a long list is cut into pages. */
#include "web/paging.h"

#include "base/mem.h"
#include "web/problem.h"

#include <stdlib.h>
#include <string.h>

bool page_read(const struct request *request, struct page *page, struct response **answer)
{
	*page = (struct page){.limit = PAGE_LIMIT_DEFAULT,
			      .cursor = request_query(request, "cursor")};
	const char *limit = request_query(request, "limit");
	if (limit == NULL)
		return true;
	char *end;
	unsigned long value = strtoul(limit, &end, 10);
	if (limit[0] < '0' || limit[0] > '9' || *end != '\0' || value < 1 ||
	    value > PAGE_LIMIT_MAX) {
		*answer = problem(400, "limit must be a number from 1 to %d.", PAGE_LIMIT_MAX);
		return false;
	}
	page->limit = value;
	return true;
}

void page_link_next(const struct request *request, struct response *response, const char *cursor)
{
	char *text = mem_strdup(request->path);
	const char *separator = "?";
	for (size_t i = 0; i <= request->query.count; i++) {
		bool last = i == request->query.count;
		const char *name = last ? "cursor" : request->query.at[i].name;
		if (!last && strcmp(name, "cursor") == 0)
			continue;
		char *encoded_name = percent_encode(name);
		char *value = percent_encode(last ? cursor : request->query.at[i].value);
		char *longer = mem_printf("%s%s%s=%s", text, separator, encoded_name, value);
		free(encoded_name);
		free(value);
		free(text);
		text = longer;
		separator = "&";
	}
	response_header(response, "Link", "<%s>; rel=\"next\"", text);
	free(text);
}
