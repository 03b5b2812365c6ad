/* The only file that knows zlib. */
#include "web/gzip.h"

#include "web/coding.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LEVEL = 5, GZIP_FORMAT = 15 + 16 /* deflateInit2: the largest window, a gzip header */ };

static bool is_text(const struct response *response)
{
	const char *type = response_find_header(response, "Content-Type");
	return type != NULL && (strstr(type, "json") != NULL || strncmp(type, "text/", 5) == 0);
}

/* NULL where it cannot be done or is not smaller. */
static char *compress_text(const char *text, size_t len, size_t *out_len)
{
	z_stream stream = {0};
	if (len > UINT32_MAX / 2 ||
	    deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP_FORMAT, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	char *out = malloc(len);
	int result = Z_MEM_ERROR;
	if (out != NULL) {
		stream.next_in = (Bytef *)(uintptr_t)text;
		stream.avail_in = (uInt)len;
		stream.next_out = (Bytef *)out;
		stream.avail_out = (uInt)len;
		result = deflate(&stream, Z_FINISH);
		*out_len = stream.total_out;
	}
	deflateEnd(&stream);
	if (result == Z_STREAM_END)
		return out;
	free(out);
	return NULL;
}

void gzip_response(const struct request *request, struct response *response)
{
	if (response->body == NULL || response->len < GZIP_MIN || !is_text(response) ||
	    response_find_header(response, "Content-Encoding") != NULL)
		return;
	response_header(response, "Vary", "Accept-Encoding");
	if (accepts_coding(request_header(request, "Accept-Encoding"), "gzip") == 0)
		return;
	size_t len;
	char *smaller = compress_text(response->body, response->len, &len);
	if (smaller == NULL)
		return;
	free(response->body);
	response->body = smaller;
	response->len = len;
	response_header(response, "Content-Encoding", "gzip");
}
