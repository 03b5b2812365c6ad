/* Any octets as a TCP stream: however it is cut into pieces, the messages are the same and nothing
 * is lost. */
#include "geodns/tcp_frame.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sum over the messages of STREAM; *REST is where the unfinished one begins. */
static uint64_t digest(uint64_t sum, const uint8_t *stream, size_t len, size_t *rest)
{
	struct tcp_frame frame;
	while (tcp_frame_next(stream, len, rest, &frame)) {
		assert(frame.message + frame.len == stream + *rest);
		sum = sum * 31 + frame.len;
		for (size_t i = 0; i < frame.len; i++)
			sum = sum * 31 + frame.message[i];
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t whole_rest = 0, rest = 0;
	uint64_t whole = digest(0, data, size, &whole_rest), pieces = 0;
	assert(tcp_frame_need(data + whole_rest, size - whole_rest) > size - whole_rest);
	for (size_t len = 0; len <= size; len += 1 + len % 7)
		pieces = digest(pieces, data, len, &rest);
	pieces = digest(pieces, data, size, &rest);
	assert(pieces == whole && rest == whole_rest);
	return 0;
}
