/* What a server tells of itself in class CHAOS. */
#include "tests/unit/geodns/served.h"

static const char document[] =
	"{'meridian': 1, 'zones': [{'name': 'example.com', 'primary': 'a.', 'contact': 'b.', "
	"'records': [{'name': '@', 'type': 'NS', 'data': ['ns.test.']}]}]}";

/* RFC 4892 section 2, 3.1 and 4: names of class CHAOS, of TTL 0, hidden unless the operator shows
 * them. */
static void test_the_server_says_who_it_is_where_that_is_shown(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, served_json(document));
	static const struct chaos shown = {.id = "fra1", .version = "Meridian"},
				  by_id = {.id = "fra1"}, hidden = {NULL, NULL};
	static const struct {
		const char *name, *type;
		const struct chaos *chaos;
		unsigned rcode;
		const char *answer;
	} rows[] = {
		{"id.server", "TXT", &shown, 0, "id.server. 0 TXT \"fra1\""},
		{"ID.Server", "TXT", &shown, 0, "ID.Server. 0 TXT \"fra1\""},
		{"hostname.bind", "TXT", &shown, 0, "hostname.bind. 0 TXT \"fra1\""},
		{"version.bind", "TXT", &shown, 0, "version.bind. 0 TXT \"Meridian\""},
		{"version.server", "ANY", &shown, 0, "version.server. 0 TXT \"Meridian\""},
		{"id.server", "A", &shown, 0, ""},
		{"authors.bind", "TXT", &shown, 5, ""},
		{"version.test", "TXT", &shown, 5, ""},
		{"www.example.com", "A", &shown, 5, ""},
		{"id.server", "TXT", &by_id, 0, "id.server. 0 TXT \"fra1\""},
		{"version.bind", "TXT", &by_id, 5, ""},
		{"id.server", "TXT", &hidden, 5, ""},
		{"id.server", "TXT", NULL, 5, ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		served.answerer.chaos = rows[i].chaos;
		struct asking asking = {
			.name = rows[i].name, .type = rows[i].type, .class_ = DNS_CLASS_CH};
		const struct said *said = served_ask(&served, &asking);
		if (said->rcode != rows[i].rcode || strcmp(said->answer, rows[i].answer) != 0)
			fail_msg("%s %s: %u \"%s\"", rows[i].name, rows[i].type, said->rcode,
				 said->answer);
		bool shows = rows[i].rcode == 0;
		assert_int_equal((said->flags & DNS_FLAG_AA) != 0, shows);
		if (rows[i].answer[0] != '\0')
			assert_int_equal(wire_get_u16(said->bytes + DNS_HEADER_LEN +
						      strlen(rows[i].name) + 2 + 4 + 4),
					 DNS_CLASS_CH);
		/* Of another class the name is one like any other. */
		asking.class_ = DNS_CLASS_IN;
		if (strstr(rows[i].name, "example.com") == NULL)
			assert_int_equal(served_ask(&served, &asking)->rcode, DNS_RCODE_REFUSED);
	}
	served_close(&served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_server_says_who_it_is_where_that_is_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
