/* What is said of names that are somebody else's, or stand elsewhere, where there is little room
 * for it: referrals with their glue, aliases and DNAME. */
#include "tests/unit/geodns/served.h"

/* Labels of 60 octets, so that few names fill a message. */
#define SIXTY "sixty-octets-of-one-label-so-that-a-few-names-fill-a-message"
#define WIDE  SIXTY "." SIXTY "." SIXTY

/* The last of the name servers has several addresses of IPv4, in the longest RRset of glue. */
enum { SERVERS = 8, GLUE = 2 * SERVERS + 2, GLUE_MOST = 3 * 16, HUGE_SERVERS = 250 };

static const char fixed[] =
	"{'name': '@', 'type': 'NS', 'data': ['ns1']}, "
	"{'name': 'ns1', 'type': 'A', 'data': ['192.0.2.53']}, "
	/* Cuts to a zone that is served here, to names without an address or out of reach, */
	"{'name': 'served', 'type': 'NS', 'data': ['ns1']}, "
	"{'name': 'by', 'type': 'NS', 'data': ['any.served', 'ns1']}, "
	"{'name': 'none', 'type': 'NS', 'data': ['n1.none', 'x.texts', 'ns.elsewhere.test.']}, "
	"{'name': '*.texts', 'type': 'TXT', 'data': ['text']}, "
	/* to more name servers than fit; */
	"{'name': 'many', 'type': 'NS', 'data': ['a." WIDE ".test.', 'b." SIXTY "." WIDE
	".test.', 'c." WIDE "." SIXTY ".']}, "
	/* DNAMEs: long ones, two that lead to each other, a chain of two; */
	"{'name': 'far', 'type': 'DNAME', 'data': ['" WIDE ".r.test.']}, "
	"{'name': 'farther', 'type': 'DNAME', 'data': "
	"['forty-octets-of-a-label-to-be-a-bit-longer." WIDE ".r.test.']}, "
	"{'name': 'ping', 'type': 'DNAME', 'data': ['pong']}, "
	"{'name': 'pong', 'type': 'DNAME', 'data': ['ping']}, "
	"{'name': 'one', 'type': 'DNAME', 'data': ['two']}, "
	"{'name': 'two', 'type': 'DNAME', 'data': ['three']}, "
	"{'name': 'a.three', 'type': 'A', 'data': ['192.0.2.33']}, "
	/* aliases that fill a message. */
	"{'name': '1." WIDE "', 'type': 'CNAME', 'data': ['2." WIDE "']}, "
	"{'name': '2." WIDE "', 'type': 'CNAME', 'data': ['3." WIDE "']}, "
	"{'name': '3." WIDE "', 'type': 'A', 'data': ['192.0.2.44']}";

static const char other_zone[] =
	"{'name': 'served.r.test', 'primary': 'a.', 'contact': 'b.', 'records': ["
	"{'name': '@', 'type': 'NS', 'data': ['ns1.r.test.']}, "
	"{'name': '*', 'type': 'A', 'data': ['192.0.2.22']}]}";

/* A cut CUT to name servers below BELOW, each with an address of both families. */
static void print_cut(FILE *out, const char *cut, const char *below)
{
	fprintf(out, ", {'name': '%s', 'type': 'NS', 'data': [", cut);
	for (int i = 0; i < SERVERS; i++)
		fprintf(out, "%s'n%d.%s'", i > 0 ? ", " : "", i, below);
	fprintf(out, "]}");
	for (int i = 0; i < SERVERS; i++)
		fprintf(out,
			", {'name': 'n%d.%s', 'type': 'A', 'data': ['192.0.2.%d'%s]}, "
			"{'name': 'n%d.%s', 'type': 'AAAA', 'data': ['2001:db8::%d']}",
			i, below, i, i == SERVERS - 1 ? ", '192.0.2.101', '192.0.2.102'" : "", i,
			below, i);
}

/* A cut to so many that their names fill more than a pointer reaches over. */
static void print_huge_cut(FILE *out, const char *cut, const char *below)
{
	fprintf(out, ", {'name': '%s', 'type': 'NS', 'data': [", cut);
	for (int i = 0; i < HUGE_SERVERS; i++)
		fprintf(out, "%s'n%d-%.55s.%s'", i > 0 ? ", " : "", i, SIXTY, below);
	fprintf(out, "]}");
	for (int i = 0; i < HUGE_SERVERS; i++)
		fprintf(out, ", {'name': 'n%d-%.55s.%s', 'type': 'A', 'data': ['192.0.2.%d']}", i,
			SIXTY, below, i);
}

static struct served served;

static int begin(void **state)
{
	char *text = NULL;
	size_t len;
	(void)state;
	FILE *out = open_memstream(&text, &len);
	fprintf(out,
		"{'meridian': 1, 'zones': [%s, {'name': 'r.test', 'ttl': 300, 'primary': 'ns1', "
		"'contact': 'b.', 'records': [%s",
		other_zone, fixed);
	print_cut(out, "in", "in");
	print_cut(out, "beside", "next");
	print_huge_cut(out, "huge", "hugenext");
	print_huge_cut(out, "hugein", "hugein");
	/* The same beside it, and behind them one within. */
	fprintf(out, ", {'name': 'mixed', 'type': 'NS', 'data': [");
	for (int i = 0; i < SERVERS; i++)
		fprintf(out, "'n%d.next', ", i);
	fprintf(out, "'z.mixed']}, {'name': 'z.mixed', 'type': 'A', 'data': ['192.0.2.61']}, "
		     "{'name': 'z.mixed', 'type': 'AAAA', 'data': ['2001:db8::61']}");
	fprintf(out, "]}]}");
	fclose(out);
	served_open(&served, served_json(text));
	free(text);
	return 0;
}

static int end(void **state)
{
	(void)state;
	served_close(&served);
	return 0;
}

/* The answer to NAME, of type A, in ROOM octets, by both ways of answering. */
static const struct said *ask_within(const char *name, size_t room)
{
	struct asking asking = {.name = name, .type = "A"};
	served.server.udp_size = (uint16_t)room;
	const struct said *said = served_ask(&served, &asking);
	served.server.udp_size = DNS_UDP_DEFAULT;
	assert_in_range(said->len, 1, room);
	return said;
}

static bool is_cut(const struct said *said)
{
	return (said->flags & DNS_FLAG_TC) != 0;
}

/* RFC 1034 section 4.3.2 step 3b, 4.2.1: the addresses that this zone has for them. */
static void test_a_referral_has_the_addresses_that_the_zone_has(void **state)
{
	(void)state;
	static const struct {
		const char *why, *name, *authority, *additional;
	} table[] = {
		{"what a wildcard of another zone says is not of this one", "x.by.r.test",
		 "by.r.test. 300 NS any.served.r.test. | by.r.test. 300 NS ns1.r.test.",
		 "ns1.r.test. 300 A 192.0.2.53"},
		{"no address, a wildcard without one, a name elsewhere", "x.none.r.test",
		 "none.r.test. 300 NS n1.none.r.test. | none.r.test. 300 NS x.texts.r.test. | "
		 "none.r.test. 300 NS ns.elsewhere.test.",
		 ""},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct said *said = ask_within(table[i].name, 1232);
		if (strcmp(said->authority, table[i].authority) != 0 ||
		    strcmp(said->additional, table[i].additional) != 0)
			fail_msg("%s: %s\n%s", table[i].why, said->authority, said->additional);
		assert_int_equal(said->flags & (DNS_FLAG_AA | DNS_FLAG_TC), 0);
	}
}

/* RFC 9471 section 3.1: without room for all the glue of name servers within what is delegated, TC;
 * section 3.2: for those beside it there need not be. */
static void test_glue_that_does_not_fit_sets_tc_where_it_is_needed(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool needed;
	} table[] = {{"x.in.r.test", true}, {"x.beside.r.test", false}};
	for (size_t i = 0; i < 2; i++) {
		size_t whole = ask_within(table[i].name, 1232)->len;
		assert_in_range(whole, DNS_UDP_MIN + 1, 1232);
		for (size_t room = DNS_UDP_MIN; room <= whole; room++) {
			const struct said *said = ask_within(table[i].name, room);
			unsigned glue = wire_get_u16(said->bytes + 10) - 1u;
			assert_int_equal(wire_get_u16(said->bytes + 8), SERVERS);
			assert_int_equal(glue == GLUE, room == whole);
			assert_int_equal(is_cut(said), table[i].needed && room < whole);
			/* What could be there is there. */
			if (room < whole)
				assert_true(said->len + GLUE_MOST > room);
		}
	}
}

/* RFC 9471 section 3: the glue within what is delegated goes first, wherever its name servers stand
 * among the others. */
static void test_glue_beside_what_is_delegated_does_not_crowd_out_what_is_needed(void **state)
{
	(void)state;
	static const char needed[] = "z.mixed.r.test. 300 A 192.0.2.61 | "
				     "z.mixed.r.test. 300 AAAA 2001:db8::61";
	size_t whole = ask_within("x.mixed.r.test", 1232)->len;
	assert_true(whole > DNS_UDP_MIN);
	for (size_t room = DNS_UDP_MIN; room <= whole; room++) {
		const struct said *said = ask_within("x.mixed.r.test", room);
		assert_int_equal(strncmp(said->additional, needed, sizeof needed - 1), 0);
		assert_false(is_cut(said));
	}
}

/* RFC 1035 section 4.1.4: where a name server's name stands further back than a pointer leads, its
 * glue is left out; TC says so within what is delegated (RFC 9471 section 3). */
static void test_glue_that_no_pointer_leads_to_sets_tc_where_it_is_needed(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool needed;
	} table[] = {{"x.hugein.r.test", true}, {"x.huge.r.test", false}};
	for (size_t i = 0; i < 2; i++) {
		struct asking asking = {.name = table[i].name, .type = "A", .stream = true};
		uint8_t query[600];
		static uint8_t out[65535];
		struct addr resolver;
		size_t len = asking_packet(&asking, query, sizeof query);
		assert_true(addr_parse("192.0.2.99", &resolver));
		len = answer_packet(&served.answerer, query, len, &resolver, true, out, sizeof out);
		struct message message;
		struct message_record record;
		unsigned servers = 0, glue = 0;
		assert_true(message_open(&message, out, len));
		while (message_next(&message, &record)) {
			servers += record.type == DNS_TYPE_NS;
			glue += record.type == DNS_TYPE_A;
		}
		assert_false(message.reader.failed);
		assert_int_equal(servers, HUGE_SERVERS);
		assert_in_range(glue, 2, HUGE_SERVERS - 1);
		assert_int_equal((out[2] & DNS_FLAG_TC >> 8) != 0, table[i].needed);
	}
}

/* RFC 2181 section 9. */
static void test_name_servers_that_do_not_fit_are_left_out_whole(void **state)
{
	(void)state;
	size_t whole = ask_within("x.many.r.test", 1232)->len;
	for (size_t room = DNS_UDP_MIN; room <= whole; room++) {
		const struct said *said = ask_within("x.many.r.test", room);
		assert_int_equal(is_cut(said), room < whole);
		assert_int_equal(wire_get_u16(said->bytes + 8), room < whole ? 0 : 3);
		assert_int_equal(said->flags & DNS_FLAG_AA, 0);
	}
}

/* RFC 1034 section 4.3.2 step 3a, RFC 6672 section 3.2, RFC 2181 section 9: what of a chain fits
 * stands there, record by record and whole, and TC says that there is more. */
static void test_a_chain_ends_where_the_room_does(void **state)
{
	(void)state;
	static const char *const table[] = {
		"1." WIDE ".r.test", SIXTY ".far.r.test",
		WIDE ".fifty-octets-of-a-label-which-is-all-that-there-is-.farther.r.test"};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char whole[4096];
		const struct said *said = ask_within(table[i], 1232);
		assert_false(is_cut(said));
		strcpy(whole, said->answer);
		size_t len = said->len, before = 0;
		assert_true(len > DNS_UDP_MIN);
		assert_true(is_cut(ask_within(table[i], DNS_UDP_MIN)));
		for (size_t room = DNS_UDP_MIN; room <= len; room++) {
			said = ask_within(table[i], room);
			size_t there = strlen(said->answer);
			assert_int_equal(is_cut(said), room < len);
			assert_true(there >= before && strncmp(whole, said->answer, there) == 0);
			assert_true(whole[there] == '\0' || whole[there] == ' ' || there == 0);
			before = there;
		}
		assert_string_equal(said->answer, whole);
	}
}

/* RFC 6672 section 3.2: each DNAME once, and the CNAME that follows from it; RFC 1034
 * section 5.2.2: a loop ends with what was found. */
static void test_dnames_lead_on_to_dnames_and_not_round(void **state)
{
	(void)state;
	static const struct {
		const char *name, *answer;
	} table[] = {
		{"a.one.r.test",
		 "one.r.test. 300 DNAME two.r.test. | a.one.r.test. 300 CNAME a.two.r.test. | "
		 "two.r.test. 300 DNAME three.r.test. | a.two.r.test. 300 CNAME a.three.r.test. | "
		 "a.three.r.test. 300 A 192.0.2.33"},
		{"a.ping.r.test",
		 "ping.r.test. 300 DNAME pong.r.test. | a.ping.r.test. 300 CNAME a.pong.r.test. | "
		 "pong.r.test. 300 DNAME ping.r.test. | a.pong.r.test. 300 CNAME a.ping.r.test."},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct said *said = ask_within(table[i].name, 1232);
		assert_string_equal(said->answer, table[i].answer);
		assert_int_equal(said->rcode, DNS_RCODE_NOERROR);
		assert_int_equal(said->flags & (DNS_FLAG_AA | DNS_FLAG_TC), DNS_FLAG_AA);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_referral_has_the_addresses_that_the_zone_has),
		cmocka_unit_test(test_glue_that_does_not_fit_sets_tc_where_it_is_needed),
		cmocka_unit_test(
			test_glue_beside_what_is_delegated_does_not_crowd_out_what_is_needed),
		cmocka_unit_test(test_glue_that_no_pointer_leads_to_sets_tc_where_it_is_needed),
		cmocka_unit_test(test_name_servers_that_do_not_fit_are_left_out_whole),
		cmocka_unit_test(test_a_chain_ends_where_the_room_does),
		cmocka_unit_test(test_dnames_lead_on_to_dnames_and_not_round),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
