/* Record data of every type that a zone of ours may hold, and what ldns alone would let pass. */
#include "db/rdata.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static uint16_t type_of(const char *text)
{
	uint16_t type = 0;
	if (!rdata_type_parse(text, &type))
		fail_msg("%s is no type", text);
	return type;
}

static void test_types_have_names_and_numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint16_t type;
		const char *canonical;
	} good[] = {
		{"A", 1, "A"},
		{"a", 1, "A"},
		{"TYPE1", 1, "A"},
		{"AAAA", 28, "AAAA"},
		{"SVCB", 64, "SVCB"},
		{"HTTPS", 65, "HTTPS"},
		{"TYPE65", 65, "HTTPS"},
		{"CAA", 257, "CAA"},
		{"type65280", 65280, "TYPE65280"},
		{"URI", 256, "URI"},
		{"TYPE65535", 65535, "TYPE65535"},
	};
	static const char *const bad[] = {"",	  "ANY",   "AXFR",   "IXFR",	"OPT",
					  "TSIG", "TYPE0", "TYPE41", "TYPE255", "TYPE65536",
					  "TYPE", "TYPEx", "TYPE1x", "NOSUCH",	"TYPE000001"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		char text[16];
		assert_int_equal(type_of(good[i].text), good[i].type);
		rdata_type_format(good[i].type, text);
		assert_string_equal(text, good[i].canonical);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		uint16_t type;
		assert_false(rdata_type_parse(bad[i], &type));
	}
}

/* CANONICAL NULL: as TEXT. */
static const struct {
	const char *type, *text, *canonical;
} good[] = {
	{"A", "192.0.2.1", NULL},
	{"AAAA", "2001:DB8:0::1", "2001:db8::1"},
	{"NS", "ns1", "ns1.example.com."},
	{"NS", "@", "example.com."},
	{"CNAME", "www.example.net.", NULL},
	{"CNAME", "a\\\"b\\;c\\@\\.\\\\.example.net.", NULL},
	{"CNAME", "\\230\\000.example.net.", NULL},
	{"MX", "0 .", NULL},
	{"MX", "10 mail", "10 mail.example.com."},
	{"TXT", "\"v=spf1 -all\"", NULL},
	{"TXT", "one two", "\"one\" \"two\""},
	{"TXT", "\"a;b\" \"\\\"q\\\"\"", NULL},
	{"TXT", "\"\"", NULL},
	{"PTR", "host.example.org.", NULL},
	{"SRV", "0 5 5060 sip.example.com.", NULL},
	{"CAA", "0 issue \"letsencrypt.org\"", NULL},
	{"NAPTR", "100 10 \"S\" \"SIP+D2U\" \"!^.*$!sip:a@b!\" .", NULL},
	{"DS", "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118", NULL},
	{"TLSA", "3 1 1 0c72ac70b745ac19998811b131d662c9ac69dbdbe7cb23e5b514b56664c5d3d6", NULL},
	{"SSHFP", "4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789", NULL},
	{"LOC", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
	 "52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m"},
	{"URI", "10 1 \"ftp://x/\"", NULL},
	{"SVCB", "1 . port=443 alpn=h2", "1 . alpn=h2 port=443"},
	{"SVCB", "1 . alpn=\"h2,h;\"", "1 . alpn=h2,h\\;"},
	{"SVCB", "1 . key65280=\"a(b)\\\"\"", "1 . key65280=a\\(b\\)\\\""},
	{"SVCB", "1 . key65280=\"a; b\"", NULL},
	{"HTTPS", "1 svc alpn=\"h2,h3\" ipv4hint=192.0.2.1",
	 "1 svc.example.com. alpn=h2,h3 ipv4hint=192.0.2.1"},
	{"HTTPS", "0 pool.example.net.", NULL},
	{"SMIMEA", "3 1 1 00", NULL},
	{"CERT", "1 0 0 AQID", "PKIX 0 0 AQID"},
	{"IPSECKEY", "10 3 2 gw.example. AQID", NULL},
	{"IPSECKEY", "10 1 2 192.0.2.38 AQID", NULL},
	{"IPSECKEY", "10 0 2 . AQID", NULL},
	{"DNAME", "other.example.", NULL},
	{"HINFO", "\"cpu\" \"os\"", NULL},
	{"TYPE65280", "\\# 4 0a000001", NULL},
	{"TYPE65280", "\\# 4 0a00 0001", "\\# 4 0a000001"},
	{"TYPE65280", "\\# 0", NULL},
	{"A", "\\# 4 c0000201", "192.0.2.1"},
};

static void test_presentation_and_wire_forms_agree_for_every_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		static uint8_t wire[65535], again[65535];
		struct error error = {0};
		uint16_t type = type_of(good[i].type);
		size_t len, again_len;
		if (!rdata_parse(type, good[i].text, "example.com", wire, &len, &error))
			fail_msg("%s %s: %s", good[i].type, good[i].text, error.text);
		char *text = rdata_format(type, wire, len);
		assert_non_null(text);
		assert_string_equal(text,
				    good[i].canonical != NULL ? good[i].canonical : good[i].text);
		assert_true(
			rdata_parse(type, text, "elsewhere.example", again, &again_len, &error));
		assert_int_equal(len, again_len);
		assert_memory_equal(wire, again, len);
		free(text);
	}
}

static void test_wire_forms_are_those_of_the_rfcs(void **state)
{
	(void)state;
	static uint8_t wire[65535];
	struct error error = {0};
	size_t len;
	assert_true(rdata_parse(type_of("A"), "192.0.2.1", "example.com", wire, &len, &error));
	assert_int_equal(len, 4);
	assert_memory_equal(wire, "\300\0\2\1", 4);
	assert_true(rdata_parse(type_of("MX"), "10 Mail", "ex.com", wire, &len, &error));
	assert_int_equal(len, 15);
	assert_memory_equal(wire, "\0\12\4Mail\2ex\3com", 15);
	assert_true(rdata_parse(type_of("TXT"), "\"a b\" c", "ex.com", wire, &len, &error));
	assert_int_equal(len, 6);
	assert_memory_equal(wire, "\3a b\1c", 6);
	assert_true(rdata_parse(type_of("NS"), "ns.", ".", wire, &len, &error));
	assert_memory_equal(wire, "\2ns", 4);
}

static const struct {
	const char *type, *text, *part;
} bad[] = {
	{"A", "192.0.2.300", "is not an IPv4 address: \"192.0.2.300\""},
	{"A", "2001:db8::1", "is not an IPv4 address"},
	{"A", "192.0.2.1 ", "is not an IPv4 address"},
	{"A", "\\# 3 0a0000", "generic form"},
	{"A", "\\# 5 0a00000101", "generic form"},
	{"AAAA", "192.0.2.1", "is not an IPv6 address"},
	{"NS", "a..b", "is not a domain name"},
	{"NS", "a b", "is not a domain name"},
	{"MX", "10", "a preference and a mail server"},
	{"MX", "mail", "\"mail\" where a number of 0 to 65535 must stand"},
	{"MX", "65536 mail", "number of 0 to 65535"},
	{"MX", "-1 mail", "number of 0 to 65535"},
	{"MX", "10 mail extra", "a preference and a mail server"},
	{"MX", "\\# 2 000a", "generic form"},
	{"MX", "\\# 6 000a01610000", "generic form"}, /* an octet behind the name */
	{"MX", "\\# 4 000ac000", "generic form"},     /* a compressed name */
	{"SRV", "0 5 70000 sip", "\"70000\" where a number of 0 to 65535"},
	{"CAA", "300 issue \"x\"", "\"300\" where a number of 0 to 255"},
	{"TLSA", "999 1 1 00", "0 to 255"},
	{"TLSA", "3 1 1 0", "half an octet"},
	{"DS", "1 5 1 abc", "half an octet"},
	{"CERT", "0 0 0 AQID", "\"0\" where a type of certificate"},
	{"CERT", "NOSUCH 0 0 AQID", "a type of certificate"},
	/* Each of these lost the gateway's memory, or was taken for other numbers. */
	{"IPSECKEY", "10 3 2 gw.example. ab", "\"ab\"; an IPSECKEY is three numbers"},
	{"IPSECKEY", "10 3 2 gw. AQ== AQID", "\"AQID\"; an IPSECKEY is three numbers"},
	{"IPSECKEY", "10 1 2 192.0.2.38 \"AQ==\"", "an IPSECKEY is three numbers"},
	{"IPSECKEY", "x 3 2 gw. AQ==", "\"x\" where a number of 0 to 255"},
	{"IPSECKEY", "300 0 2 . AQ==", "\"300\" where a number of 0 to 255"},
	{"IPSECKEY", "10 3 2 gw AQ==", "\"gw\" where a gateway's whole name"},
	{"IPSECKEY", "10 3 2 gw.", "is not data of type IPSECKEY"},
	{"TXT", "a;b", "\";\" outside of quotes"},
	{"TXT", "(a", "\"(\" outside of quotes"},
	{"TXT", "\"abc", "opens a quotation"},
	{"TXT", "", "texts of up to 255"},
	{"SVCB", "1 . port=443 port=444", "a key stands twice"},
	{"SVCB", "1 . port=65536", "a port is a number"},
	{"SVCB", "1 . mandatory=alpn", "a mandatory key is missing"},
	{"HTTPS", "1 . no-default-alpn port=1", "no-default-alpn stands without alpn"},
	{"SVCB", "65536 .", "0 to 65535"},
	{"HTTPS", "0 \\# x", "behind other data"},
	{"MX", "10 \\# 1 00", "behind other data"},
	{"HTTPS", "1 . nosuch=1", "is not data of type HTTPS"},
	{"TYPE65280", "0a00", "generic form \\# LENGTH HEX"},
	{"TYPE65280", "\\# 5 0a000001", "generic form"},
	{"TYPE65280", "\\# 1 0", "generic form"},
	{"TYPE65280", "\\# 1 0g", "generic form"},
	{"TYPE65280", "\\#", "generic form"},
	{"TYPE65280", "\\# ", "generic form"},
	{"TYPE65280", "\\# -1", "generic form"},
};

static void test_bad_data_is_refused_with_what_is_wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		static uint8_t wire[65535];
		struct error error = {0};
		size_t len;
		if (rdata_parse(type_of(bad[i].type), bad[i].text, "example.com", wire, &len,
				&error))
			fail_msg("accepted: %s %s", bad[i].type, bad[i].text);
		if (strstr(error.text, bad[i].part) == NULL)
			fail_msg("%s %s: \"%s\" lacks \"%s\"", bad[i].type, bad[i].text, error.text,
				 bad[i].part);
	}
}

static void test_malformed_wire_forms_have_no_text(void **state)
{
	(void)state;
	assert_null(rdata_format(type_of("A"), (const uint8_t *)"\1\2\3", 3));
	assert_null(rdata_format(type_of("A"), (const uint8_t *)"\1\2\3\4\5", 5));
	assert_null(rdata_format(type_of("A"), (const uint8_t *)"", 0));
	assert_null(rdata_format(type_of("NS"), (const uint8_t *)"\300\0", 2));
	assert_null(rdata_format(type_of("NS"), (const uint8_t *)"\77a", 2));
	assert_null(rdata_format(type_of("TXT"), (const uint8_t *)"\5a", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types_have_names_and_numbers),
		cmocka_unit_test(test_presentation_and_wire_forms_agree_for_every_type),
		cmocka_unit_test(test_wire_forms_are_those_of_the_rfcs),
		cmocka_unit_test(test_bad_data_is_refused_with_what_is_wanted),
		cmocka_unit_test(test_malformed_wire_forms_have_no_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
