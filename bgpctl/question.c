/* Knows which question shows that the responder serves, and which answers do not. */
#include "bgpctl/question.h"

#include "db/rdata.h"
#include "geodns/wire/message.h"
#include "geodns/wire/name_text.h"

#include <stdio.h>
#include <string.h>

bool question_make(const char *text, struct question *question, struct error *error)
{
	char name_text[NAME_TEXT_MAX], type_text[16], rest;
	uint8_t name[NAME_WIRE_MAX];
	struct message_question asked = {.name = name, .class_ = DNS_CLASS_IN};
	memset(question, 0, sizeof *question);
	if (sscanf(text, "%1023s %15s %c", name_text, type_text, &rest) != 2 ||
	    name_text_parse(name_text, name) == 0 || !rdata_type_parse(type_text, &asked.type)) {
		error_set(error,
			  "\"%.300s\" is not a name and a record type, as in \"example.com. SOA\"",
			  text);
		return false;
	}
	question->len = message_query(&asked, question->octets, sizeof question->octets);
	return question->len > 0;
}

void question_expect_site(struct question *question, const char *site)
{
	struct writer writer;
	snprintf(question->site, sizeof question->site, "%s", site);
	writer_init(&writer, question->octets, sizeof question->octets);
	writer.at = question->len;
	writer_u8(&writer, 0);
	writer_u16(&writer, DNS_TYPE_OPT);
	writer_u16(&writer, DNS_UDP_MIN);
	writer_u32(&writer, 0);
	writer_u16(&writer, 4);
	writer_u16(&writer, DNS_OPTION_NSID);
	writer_u16(&writer, 0);
	question->len = writer.at;
	wire_put_u16(question->octets + 10, 1);
}

void question_set_id(struct question *question, uint16_t id)
{
	wire_put_u16(question->octets, id);
}

/* Who the answer says it is from, in the message's own octets; NULL: it does not say. */
struct nsid {
	const uint8_t *octets;
	size_t len;
};

/* The NSID in the options of an OPT record. */
static void read_nsid(const struct message *reply, const struct message_record *record,
		      struct nsid *nsid)
{
	struct reader reader;
	reader_init(&reader, reply->reader.bytes + record->rdata_at, record->rdata_len);
	while (!reader.failed && reader.at < reader.len) {
		uint16_t option = reader_u16(&reader), len = reader_u16(&reader);
		const uint8_t *octets = reader_take(&reader, len);
		if (octets != NULL && option == DNS_OPTION_NSID)
			*nsid = (struct nsid){.octets = octets, .len = len};
	}
}

/* Also fills NSID. */
static bool has_answer(struct message *reply, struct nsid *nsid)
{
	struct message_record record;
	bool answered = false;
	while (message_next(reply, &record)) {
		answered = answered || record.section == MESSAGE_ANSWER;
		if (record.section == MESSAGE_ADDITIONAL && record.type == DNS_TYPE_OPT)
			read_nsid(reply, &record, nsid);
	}
	return answered && !reply->reader.failed;
}

/* True where SITE is expected and NSID is another, or missing; REASON says it in what can be
 * printed. */
static bool is_elsewhere(const char *site, const struct nsid *nsid,
			 char reason[EVIDENCE_REASON_MAX])
{
	char text[41];
	size_t kept = nsid->len < sizeof text - 1 ? nsid->len : sizeof text - 1;
	if (site[0] == '\0' || (nsid->octets != NULL && nsid->len == strlen(site) &&
				memcmp(nsid->octets, site, nsid->len) == 0))
		return false;
	for (size_t i = 0; i < kept; i++)
		text[i] = nsid->octets[i] >= ' ' && nsid->octets[i] < 0x7f ? (char)nsid->octets[i]
									   : '?';
	text[kept] = '\0';
	if (nsid->octets != NULL)
		snprintf(reason, EVIDENCE_REASON_MAX, "answers as %s, not as %.40s", text, site);
	else
		snprintf(reason, EVIDENCE_REASON_MAX, "does not say that it is %.40s (NSID)", site);
	return true;
}

bool question_judge(const struct question *question, const uint8_t *octets, size_t len,
		    enum probe_outcome *outcome, char reason[EVIDENCE_REASON_MAX])
{
	char number[16];
	struct message reply;
	struct nsid nsid = {0};
	if (len < DNS_HEADER_LEN || wire_get_u16(octets) != wire_get_u16(question->octets) ||
	    (wire_get_u16(octets + 2) & DNS_FLAG_QR) == 0)
		return false;
	unsigned flags = wire_get_u16(octets + 2), rcode = flags & DNS_FLAG_RCODE;
	*outcome = PROBE_WRONG;
	if (rcode != DNS_RCODE_NOERROR)
		snprintf(reason, EVIDENCE_REASON_MAX, "answers %s",
			 message_rcode_text(rcode, number));
	else if (!message_open(&reply, octets, len))
		snprintf(reason, EVIDENCE_REASON_MAX, "answers a malformed message");
	else if (!message_is_reply_to(&reply, question->octets))
		snprintf(reason, EVIDENCE_REASON_MAX, "answers another question");
	else if ((flags & DNS_FLAG_AA) == 0)
		snprintf(reason, EVIDENCE_REASON_MAX, "answers without authority");
	else if (!has_answer(&reply, &nsid))
		snprintf(reason, EVIDENCE_REASON_MAX, "answers without a record");
	else if (!is_elsewhere(question->site, &nsid, reason))
		*outcome = PROBE_GOOD;
	return true;
}
