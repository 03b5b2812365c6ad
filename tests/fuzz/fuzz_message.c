/* Any octets as a response: records are read within the message, names come out whole. */
#include "geodns/wire/message.h"
#include "geodns/wire/name_text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const uint8_t *name, size_t len)
{
	char text[NAME_TEXT_MAX];
	uint8_t back[NAME_WIRE_MAX];
	assert(name_scan(name, len) == len);
	name_text_format(name, text);
	size_t back_len = name_text_parse(text, back);
	assert(back_len == len && memcmp(name, back, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t rdata[DNS_MESSAGE_MAX];
	struct message message;
	struct message_record record;
	if (size > DNS_MESSAGE_MAX || !message_open(&message, data, size))
		return 0;
	(void)message_ecs_scope(&message);
	while (message_next(&message, &record)) {
		size_t len = 0;
		assert(record.rdata_at + record.rdata_len <= size);
		check_name(record.owner, record.owner_len);
		if (message_rdata(&message, &record, rdata, &len))
			assert(len <= sizeof rdata);
	}
	return 0;
}
