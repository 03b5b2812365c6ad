/* Knows the form of a TSIG record, and which of its fields an unsigned error repeats. */
#include "geodns/wire/tsig.h"

enum {
	TIME_LEN = 8, /* Time Signed and Fudge (RFC 8945 section 4.2) */
	ERROR_BADKEY = 17
};

/* The fields of the record that count; names uncompressed. */
struct tsig {
	uint8_t key[NAME_WIRE_MAX], algorithm[NAME_WIRE_MAX];
	size_t key_len, algorithm_len;
	const uint8_t *time;
	uint16_t id;
};

static bool read(const struct query *query, struct tsig *tsig)
{
	struct reader reader;
	reader_init(&reader, query->packet, query->packet_len);
	reader.at = query->tsig;
	tsig->key_len = name_unpack(&reader, tsig->key);
	uint16_t type = reader_u16(&reader), class_ = reader_u16(&reader);
	uint32_t ttl = reader_u32(&reader);
	uint16_t len = reader_u16(&reader);
	size_t end = reader.at + len;
	tsig->algorithm_len = name_unpack(&reader, tsig->algorithm);
	tsig->time = reader_take(&reader, TIME_LEN);
	(void)reader_take(&reader, reader_u16(&reader)); /* the MAC, of a key that is not ours */
	tsig->id = reader_u16(&reader);
	(void)reader_u16(&reader); /* an error; none in a query */
	(void)reader_take(&reader, reader_u16(&reader));
	return !reader.failed && reader.at == end && type == DNS_TYPE_TSIG &&
	       class_ == DNS_CLASS_ANY && ttl == 0;
}

bool tsig_is_well_formed(const struct query *query)
{
	struct tsig tsig;
	return read(query, &tsig);
}

size_t tsig_refuse(const struct query *query, uint8_t *out, size_t len, size_t cap)
{
	struct tsig tsig;
	struct writer writer = {.bytes = out, .cap = cap, .at = len};
	if (!read(query, &tsig))
		return len;
	writer_bytes(&writer, tsig.key, tsig.key_len);
	writer_u16(&writer, DNS_TYPE_TSIG);
	writer_u16(&writer, DNS_CLASS_ANY);
	writer_u32(&writer, 0);
	writer_u16(&writer, (uint16_t)(tsig.algorithm_len + TIME_LEN + 8));
	writer_bytes(&writer, tsig.algorithm, tsig.algorithm_len);
	writer_bytes(&writer, tsig.time, TIME_LEN);
	writer_u16(&writer, 0); /* no MAC */
	writer_u16(&writer, tsig.id);
	writer_u16(&writer, ERROR_BADKEY);
	writer_u16(&writer, 0);
	if (writer.failed) {
		out[2] |= DNS_FLAG_TC >> 8;
		return len;
	}
	wire_put_u16(out + 10, (uint16_t)(wire_get_u16(out + 10) + 1)); /* ARCOUNT */
	return writer.at;
}
