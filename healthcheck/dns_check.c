/* Knows when a name server's reply is the one that the monitor wants. */
#include "healthcheck/dns_check.h"

#include "base/mem.h"
#include "db/rdata.h"
#include "geodns/wire/message.h"
#include "geodns/wire/name_text.h"
#include "healthcheck/reason.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UDP_SIZE = 1232, SHOWN_MAX = 160 };

bool dns_check_make(const struct monitor *monitor, struct dns_check *check)
{
	uint8_t name[NAME_WIRE_MAX];
	struct message_question asked = {.name = name,
					 .class_ = DNS_CLASS_IN,
					 .recursion_desired = true,
					 .udp_size = UDP_SIZE};
	*check = (struct dns_check){.monitor = monitor};
	const char *host = monitor->host != NULL ? monitor->host : ".";
	const char *type = monitor->query_type != NULL ? monitor->query_type : "A";
	if (name_text_parse(host, name) == 0 || !rdata_type_parse(type, &asked.type))
		return false;
	check->len = message_query(&asked, check->query, sizeof check->query);
	return check->len > 0;
}

void dns_check_set_id(struct dns_check *check, uint16_t id)
{
	wire_put_u16(check->query, id);
}

/* Data of the answer section: whether any holds WANTED, and what there is, for the reason. */
struct found {
	bool wanted;
	size_t records;
	char shown[SHOWN_MAX];
};

static void look_at(const struct message *reply, const struct message_record *record,
		    const char *wanted, struct found *found)
{
	static uint8_t rdata[65535]; /* the loop is one thread */
	size_t len;
	found->records++;
	if (!message_rdata(reply, record, rdata, &len))
		return;
	char *text = rdata_format(record->type, rdata, len);
	if (text == NULL)
		return;
	found->wanted = found->wanted || (wanted != NULL && strstr(text, wanted) != NULL);
	size_t used = strlen(found->shown);
	snprintf(found->shown + used, sizeof found->shown - used, "%s%s", used > 0 ? ", " : "",
		 text);
	free(text);
}

static void judge_data(const struct dns_check *check, struct message *reply,
		       struct probe_result *result)
{
	struct message_record record;
	struct found found = {.shown = ""};
	const char *wanted = check->monitor->expect_body;
	while (message_next(reply, &record))
		if (record.section == MESSAGE_ANSWER)
			look_at(reply, &record, wanted, &found);
	if (reply->reader.failed)
		reason_set(result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
			   "the reply is a malformed message");
	else if (wanted != NULL && !found.wanted)
		reason_set(result, PROBE_FAILED, PROBE_REASON_BODY,
			   "answer is %s, wanted \"%.100s\"",
			   found.records > 0 ? found.shown : "empty", wanted);
}

bool dns_check_judge(const struct dns_check *check, const uint8_t *octets, size_t len,
		     struct probe_result *result)
{
	struct message reply;
	char number[16];
	if (len < DNS_HEADER_LEN || wire_get_u16(octets) != wire_get_u16(check->query) ||
	    (wire_get_u16(octets + 2) & DNS_FLAG_QR) == 0)
		return false;
	const char *wanted =
		check->monitor->expect_rcode != NULL ? check->monitor->expect_rcode : "NOERROR";
	const char *rcode = message_rcode_text(wire_get_u16(octets + 2) & DNS_FLAG_RCODE, number);
	result->outcome = PROBE_PASSED;
	if (strcmp(rcode, wanted) != 0)
		reason_set(result, PROBE_FAILED, PROBE_REASON_STATUS, "answers %s, wanted %s",
			   rcode, wanted);
	else if (!message_open(&reply, octets, len))
		reason_set(result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
			   "the reply is a malformed message");
	else if (!message_is_reply_to(&reply, check->query))
		reason_set(result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
			   "the reply is to another question");
	else
		judge_data(check, &reply, result);
	return true;
}
