/* What a name server is asked, and which of its replies are as wanted. */
#include "healthcheck/dns_check.h"

#include "geodns/wire/dns.h"
#include "geodns/wire/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIRE(text) (const uint8_t *)(text), sizeof(text) - 1

static char name[] = "www.example", type_a[] = "A", type_txt[] = "TXT", bad_name[] = "a..b",
	    bad_type[] = "NONESUCH", nxdomain[] = "NXDOMAIN", wanted[] = "192.0.2.1",
	    soa_name[] = ".", soa_type[] = "SOA";

/* RFC 1035 section 4.1, RFC 6891: one question of class IN, with EDNS. */
static void test_what_the_monitor_names_is_asked_for(void **state)
{
	static const struct {
		struct monitor monitor;
		const char *qname;
		uint16_t qtype; /* 0: cannot be asked for */
	} table[] = {
		{{.host = name, .query_type = type_txt}, "\3www\7example", DNS_TYPE_TXT},
		{{.host = name}, "\3www\7example", DNS_TYPE_A},
		{{.query_type = soa_type}, "", DNS_TYPE_SOA},
		{{.host = soa_name}, "", DNS_TYPE_A},
		{{.host = bad_name, .query_type = type_a}, NULL, 0},
		{{.host = name, .query_type = bad_type}, NULL, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct dns_check check;
		struct query query;
		assert_int_equal(dns_check_make(&table[i].monitor, &check), table[i].qtype != 0);
		if (table[i].qtype == 0)
			continue;
		dns_check_set_id(&check, 0x1234);
		assert_int_equal(query_parse(&query, check.query, check.len, false), QUERY_OK);
		assert_int_equal(query.id, 0x1234);
		assert_int_equal(query.qname_len, strlen(table[i].qname) + 1);
		assert_memory_equal(query.qname, table[i].qname, query.qname_len);
		assert_int_equal(query.qtype, table[i].qtype);
		assert_int_equal(query.qclass, DNS_CLASS_IN);
		assert_true(query.has_edns);
		assert_int_equal(query.udp_size, 1232);
	}
}

#define HEADER(flags, an, ns) "\x12\x34" flags "\0\1\0" an "\0" ns "\0\0"
#define QUESTION	      "\3www\7Example\0\0\1\0\1"
#define ADDRESS(last)	      "\300\14\0\1\0\1\0\0\0\36\0\4\xc0\0\2" last
#define CNAME		      "\300\14\0\5\0\1\0\0\0\36\0\6\3cdn\300\20"

static const struct monitor any = {.host = name}, absent = {.host = name, .expect_rcode = nxdomain},
			    held = {.host = name, .expect_body = wanted};

static const struct {
	const char *why;
	const struct monitor *monitor;
	const uint8_t *wire;
	size_t len;
	bool ignored; /* no reply to the query: another may come */
	enum probe_reason reason;
	const char *text;
} table[] = {
	{"an answer", &any, WIRE(HEADER("\x84\0", "\1", "\0") QUESTION ADDRESS("\1")), false, 0,
	 ""},
	{"no data, where none is wanted", &any, WIRE(HEADER("\x84\0", "\0", "\0") QUESTION), false,
	 0, ""},
	{"shorter than a header", &any, WIRE("\x12\x34\x84\0\0\1\0\0\0\0\0"), true, 0, ""},
	{"another id", &any, WIRE("\x12\x35\x84\0\0\1\0\0\0\0\0\0" QUESTION), true, 0, ""},
	{"a query", &any, WIRE(HEADER("\1\0", "\0", "\0") QUESTION), true, 0, ""},
	{"another code", &any, WIRE(HEADER("\x84\2", "\0", "\0") QUESTION), false,
	 PROBE_REASON_STATUS, "answers SERVFAIL, wanted NOERROR"},
	{"a code without a name", &any, WIRE(HEADER("\x84\x9", "\0", "\0") QUESTION), false,
	 PROBE_REASON_STATUS, "answers RCODE 9, wanted NOERROR"},
	{"an error without a question", &any, WIRE("\x12\x34\x84\1\0\0\0\0\0\0\0\0"), false,
	 PROBE_REASON_STATUS, "answers FORMERR, wanted NOERROR"},
	{"the code that is wanted", &absent, WIRE(HEADER("\x84\3", "\0", "\0") QUESTION), false, 0,
	 ""},
	{"not the code that is wanted", &absent, WIRE(HEADER("\x84\0", "\0", "\0") QUESTION), false,
	 PROBE_REASON_STATUS, "answers NOERROR, wanted NXDOMAIN"},
	{"a question that is cut", &any, WIRE(HEADER("\x84\0", "\0", "\0") "\3ww"), false,
	 PROBE_REASON_PROTOCOL, "the reply is a malformed message"},
	{"another question", &any, WIRE(HEADER("\x84\0", "\0", "\0") "\3www\7example\0\0\34\0\1"),
	 false, PROBE_REASON_PROTOCOL, "the reply is to another question"},
	{"no question", &any, WIRE("\x12\x34\x84\0\0\0\0\0\0\0\0\0"), false, PROBE_REASON_PROTOCOL,
	 "the reply is to another question"},
	{"a record that is cut", &any,
	 WIRE(HEADER("\x84\0", "\1", "\0") QUESTION "\300\14\0\1\0\1\0\0\0\36\0\4\xc0\0\2"), false,
	 PROBE_REASON_PROTOCOL, "the reply is a malformed message"},
	{"the data that is wanted", &held,
	 WIRE(HEADER("\x84\0", "\2", "\0") QUESTION ADDRESS("\2") ADDRESS("\1")), false, 0, ""},
	{"the data first, another behind", &held,
	 WIRE(HEADER("\x84\0", "\2", "\0") QUESTION ADDRESS("\1") ADDRESS("\2")), false, 0, ""},
	{"other data", &held, WIRE(HEADER("\x84\0", "\2", "\0") QUESTION CNAME ADDRESS("\2")),
	 false, PROBE_REASON_BODY, "answer is cdn.Example., 192.0.2.2, wanted \"192.0.2.1\""},
	{"no data", &held, WIRE(HEADER("\x84\0", "\0", "\0") QUESTION), false, PROBE_REASON_BODY,
	 "answer is empty, wanted \"192.0.2.1\""},
	{"the data, but in another section", &held,
	 WIRE(HEADER("\x84\0", "\0", "\1") QUESTION ADDRESS("\1")), false, PROBE_REASON_BODY,
	 "answer is empty, wanted \"192.0.2.1\""},
	{"data that is none of its type beside it", &held,
	 WIRE(HEADER("\x84\0", "\2", "\0") QUESTION "\300\14\0\5\0\1\0\0\0\36\0\0" ADDRESS("\1")),
	 false, 0, ""},
	{"an address that is none beside it", &held,
	 WIRE(HEADER("\x84\0", "\2", "\0") QUESTION
	      "\300\14\0\1\0\1\0\0\0\36\0\3\xc0\0\2" ADDRESS("\1")),
	 false, 0, ""},
};

static void test_a_reply_is_as_wanted_or_says_what_is_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct dns_check check;
		struct probe_result got = {.outcome = PROBE_SAYS_NOTHING};
		assert_true(dns_check_make(table[i].monitor, &check));
		dns_check_set_id(&check, 0x1234);
		bool is_reply = dns_check_judge(&check, table[i].wire, table[i].len, &got);
		enum probe_outcome outcome = table[i].ignored	    ? PROBE_SAYS_NOTHING
					     : table[i].reason != 0 ? PROBE_FAILED
								    : PROBE_PASSED;
		if (is_reply == table[i].ignored || got.outcome != outcome ||
		    got.reason != table[i].reason || strcmp(got.text, table[i].text) != 0)
			fail_msg("%s: %d \"%s\"", table[i].why, (int)got.outcome, got.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_the_monitor_names_is_asked_for),
		cmocka_unit_test(test_a_reply_is_as_wanted_or_says_what_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
