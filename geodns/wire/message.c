/* Knows how to ask, and how to read any message record by record. */
#include "geodns/wire/message.h"
#include "geodns/wire/name.h"
#include "geodns/wire/rdata_names.h"

#include <stdio.h>

enum { ECS_FIXED_LEN = 4, OPTION_FIXED_LEN = 4 };

/* RFC 7871 section 6: the fewest octets that hold the prefix. */
static void write_ecs(struct writer *writer, const struct prefix *prefix)
{
	size_t address_len = (prefix->len + 7u) / 8;
	writer_u16(writer, DNS_OPTION_ECS);
	writer_u16(writer, (uint16_t)(ECS_FIXED_LEN + address_len));
	writer_u16(writer, prefix->addr.family == ADDR_IPV4 ? 1 : 2);
	writer_u8(writer, prefix->len);
	writer_u8(writer, 0);
	writer_bytes(writer, prefix->addr.bytes, address_len);
}

static void write_opt(struct writer *writer, const struct message_question *question)
{
	writer_u8(writer, 0);
	writer_u16(writer, DNS_TYPE_OPT);
	writer_u16(writer, question->udp_size);
	writer_u32(writer, question->dnssec_ok ? 0x8000 : 0);
	size_t options_len = 0;
	if (question->ecs != NULL)
		options_len = OPTION_FIXED_LEN + ECS_FIXED_LEN + (question->ecs->len + 7u) / 8;
	writer_u16(writer, (uint16_t)options_len);
	if (question->ecs != NULL)
		write_ecs(writer, question->ecs);
}

size_t message_query(const struct message_question *question, uint8_t *out, size_t cap)
{
	struct writer writer;
	writer_init(&writer, out, cap);
	writer_u16(&writer, question->id);
	writer_u16(&writer, question->recursion_desired ? DNS_FLAG_RD : 0);
	writer_u16(&writer, 1);
	writer_u32(&writer, 0);
	writer_u16(&writer, question->udp_size != 0 ? 1 : 0);
	writer_bytes(&writer, question->name, name_len(question->name));
	writer_u16(&writer, question->type);
	writer_u16(&writer, question->class_);
	if (question->udp_size != 0)
		write_opt(&writer, question);
	return writer.failed ? 0 : writer.at;
}

static void read_question(struct message *message)
{
	uint8_t name[NAME_WIRE_MAX];
	size_t len = name_unpack(&message->reader, name);
	uint16_t type = reader_u16(&message->reader), class_ = reader_u16(&message->reader);
	if (message->reader.failed || message->qname_len != 0)
		return;
	memcpy(message->qname, name, len);
	message->qname_len = len;
	message->qtype = type;
	message->qclass = class_;
}

bool message_open(struct message *message, const uint8_t *bytes, size_t len)
{
	struct reader *reader = &message->reader;
	reader_init(reader, bytes, len);
	message->id = reader_u16(reader);
	message->flags = reader_u16(reader);
	for (unsigned i = 0; i < 4; i++)
		message->counts[i] = reader_u16(reader);
	message->qname_len = 0;
	message->qtype = message->qclass = 0;
	message->section = MESSAGE_ANSWER;
	message->index = 0;
	for (unsigned i = 0; i < message->counts[0] && !reader->failed; i++)
		read_question(message);
	return !reader->failed;
}

bool message_next(struct message *message, struct message_record *record)
{
	while (message->section <= MESSAGE_ADDITIONAL &&
	       message->index == message->counts[message->section]) {
		message->section++;
		message->index = 0;
	}
	if (message->section > MESSAGE_ADDITIONAL)
		return false;
	struct reader *reader = &message->reader;
	record->section = (enum message_section)message->section;
	record->owner_len = name_unpack(reader, record->owner);
	record->type = reader_u16(reader);
	record->class_ = reader_u16(reader);
	record->ttl_s = reader_u32(reader);
	record->rdata_len = reader_u16(reader);
	record->rdata_at = reader->at;
	message->index++;
	return reader_take(reader, record->rdata_len) != NULL;
}

bool message_rdata(const struct message *message, const struct message_record *record, uint8_t *out,
		   size_t *len)
{
	struct rdata_names names = rdata_names_of(record->type);
	struct writer writer;
	writer_init(&writer, out, DNS_MESSAGE_MAX);
	/* A pointer may lead anywhere before it, the data may not go beyond its end. */
	struct reader reader = {.bytes = message->reader.bytes,
				.len = record->rdata_at + record->rdata_len,
				.at = record->rdata_at};
	const uint8_t *before = reader_take(&reader, names.before);
	if (before != NULL)
		writer_bytes(&writer, before, names.before);
	for (unsigned i = 0; i < names.names && !reader.failed; i++) {
		uint8_t name[NAME_WIRE_MAX];
		size_t name_len = name_unpack(&reader, name);
		writer_bytes(&writer, name, name_len);
	}
	size_t left = reader_left(&reader);
	const uint8_t *rest = reader_take(&reader, left);
	if (rest != NULL)
		writer_bytes(&writer, rest, left);
	*len = writer.at;
	return !reader.failed && !writer.failed;
}

/* The scope in the options of OPT, or -1. */
static int scope_in(const struct message *message, const struct message_record *opt)
{
	struct reader reader;
	reader_init(&reader, message->reader.bytes + opt->rdata_at, opt->rdata_len);
	while (reader_left(&reader) >= OPTION_FIXED_LEN) {
		uint16_t code = reader_u16(&reader), len = reader_u16(&reader);
		const uint8_t *data = reader_take(&reader, len);
		if (data != NULL && code == DNS_OPTION_ECS && len >= ECS_FIXED_LEN)
			return data[3];
	}
	return -1;
}

int message_ecs_scope(const struct message *message)
{
	struct message again;
	struct message_record record;
	if (!message_open(&again, message->reader.bytes, message->reader.len))
		return -1;
	while (message_next(&again, &record)) {
		if (record.section == MESSAGE_ADDITIONAL && record.type == DNS_TYPE_OPT)
			return scope_in(&again, &record);
	}
	return -1;
}

bool message_is_reply_to(const struct message *reply, const uint8_t *query)
{
	const uint8_t *asked = query + DNS_HEADER_LEN;
	size_t len = name_len(asked);
	uint8_t left[256], right[256];
	if (reply->qname_len != len || reply->qtype != wire_get_u16(asked + len) ||
	    reply->qclass != wire_get_u16(asked + len + 2))
		return false;
	(void)name_lower(asked, len, left);
	(void)name_lower(reply->qname, len, right);
	return name_equal(left, len, right, len);
}

const char *message_rcode_text(unsigned rcode, char text[16])
{
	static const char *const names[] = {"NOERROR",	"FORMERR", "SERVFAIL",
					    "NXDOMAIN", "NOTIMP",  "REFUSED"};
	if (rcode < sizeof names / sizeof *names)
		return names[rcode];
	snprintf(text, 16, "RCODE %u", rcode & 0xfffu); /* 12 bits, RFC 6891 section 6.1.3 */
	return text;
}
