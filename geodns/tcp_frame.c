/* Knows the length octets between DNS messages in a stream. */
#include "geodns/tcp_frame.h"

#include "geodns/wire/cursor.h"

bool tcp_frame_next(const uint8_t *stream, size_t len, size_t *at, struct tcp_frame *frame)
{
	struct reader reader;
	reader_init(&reader, stream, len);
	reader.at = *at;
	frame->len = reader_u16(&reader);
	frame->message = reader_take(&reader, frame->len);
	if (frame->message == NULL)
		return false;
	*at = reader.at;
	return true;
}

size_t tcp_frame_need(const uint8_t *stream, size_t len)
{
	return len < TCP_FRAME_PREFIX ? TCP_FRAME_PREFIX
				      : TCP_FRAME_PREFIX + (size_t)wire_get_u16(stream);
}

void tcp_frame_begin(uint8_t prefix[TCP_FRAME_PREFIX], size_t len)
{
	wire_put_u16(prefix, (uint16_t)len);
}
