/* Whether shares are as the weights, of pools and of endpoints, drawn and hashed; and who moves
 * when one leaves. */
#include "tests/unit/geodns/served.h"

enum { DRAWS = 100000, CLIENTS = 20000 };

#define HEAD                                                                                       \
	"{'meridian': 1, 'pools': ["                                                               \
	"{'name': 'a', 'endpoints': [{'name': 'e', 'address': '192.0.2.1'}]},"                     \
	"{'name': 'b', 'endpoints': [{'name': 'e', 'address': '192.0.2.2'}]},"                     \
	"{'name': 'c', 'endpoints': [{'name': 'e', 'address': '192.0.2.3'}]},"                     \
	"{'name': 'none', 'endpoints': []},"                                                       \
	"{'name': 'drawn', 'answers': 'weighted', 'endpoints': ["                                  \
	"{'name': 'x', 'address': '192.0.2.1', 'weight': 50}, {'name': 'y', 'address': "           \
	"'192.0.2.2', 'weight': 30}, {'name': 'z', 'address': '192.0.2.3', 'weight': 20}, "        \
	"{'name': 'o', 'address': '192.0.2.4', 'weight': 0}]},"                                    \
	"{'name': 'even', 'answers': 'weighted', 'endpoints': ["                                   \
	"{'name': 'x', 'address': '192.0.2.1', 'weight': 0}, {'name': 'y', 'address': "            \
	"'192.0.2.2', 'weight': 0}]},"                                                             \
	"{'name': 'hashed', 'answers': 'hash', 'endpoints': ["                                     \
	"{'name': 'x', 'address': '192.0.2.1', 'weight': 50}, {'name': 'y', 'address': "           \
	"'192.0.2.2', 'weight': 30}, {'name': 'z', 'address': '192.0.2.3', 'weight': 20}, "        \
	"{'name': 'o', 'address': '192.0.2.4', 'weight': 0}]}],"                                   \
	"'zones': [{'name': 's.test', 'primary': 'a.', 'contact': 'b.', 'records': [{'name': "     \
	"'@', 'type': 'NS', 'data': ['ns.test.']}], 'services': ["

static const char document[] = HEAD
	"{'name': 'w', 'steering': 'weighted', 'pools': [{'pool': 'a', 'weight': 5}, {'pool': 'b', "
	"'weight': 3}, {'pool': 'c', 'weight': 2}]},"
	"{'name': 'h', 'steering': 'hash', 'pools': [{'pool': 'a', 'weight': 5}, {'pool': 'b', "
	"'weight': 3}, {'pool': 'c', 'weight': 2}]},"
	"{'name': 'drawn', 'steering': 'failover', 'pools': ['drawn']},"
	"{'name': 'even', 'steering': 'failover', 'pools': ['even']},"
	"{'name': 'hashed', 'steering': 'failover', 'pools': ['hashed']}]}]}";

static int octet(struct served *served, const char *name, const char *client)
{
	const char *answer = served_answer(served, name, "A", client);
	const char *dot = strrchr(answer, '.');
	return answer[0] == '\0' ? 0 : atoi(dot + 1);
}

/* Pearson's statistic of COUNTS[1..3] against shares of SUM. */
static double chi_square(const unsigned *counts, const double *shares, unsigned sum)
{
	double square = 0;
	for (int i = 1; i <= 3; i++) {
		double expected = shares[i] * sum;
		if (expected > 0)
			square += (counts[i] - expected) * (counts[i] - expected) / expected;
		else
			assert_int_equal(counts[i], 0);
	}
	return square;
}

/* 18.4: one in 10,000 with two degrees of freedom; the generator's seed is fixed. */
static void check_shares(const unsigned *counts, const double *shares, unsigned sum)
{
	assert_int_equal(counts[1] + counts[2] + counts[3], sum);
	double square = chi_square(counts, shares, sum);
	if (!(square < 18.4))
		fail_msg("%u, %u, %u of %u: chi square %.1f", counts[1], counts[2], counts[3], sum,
			 square);
}

static void test_draws_are_as_the_weights_over_100000_answers(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		double shares[4];
	} table[] = {
		{"w.s.test", {0, 0.5, 0.3, 0.2}},
		{"drawn.s.test", {0, 0.5, 0.3, 0.2}},
		{"even.s.test", {0, 0.5, 0.5, 0}},
	};
	struct served served;
	served_open(&served, served_json(document));
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		unsigned counts[256] = {0};
		for (int turn = 0; turn < DRAWS; turn++)
			counts[octet(&served, table[i].name, "192.0.2.99")]++;
		check_shares(counts, table[i].shares, DRAWS);
	}
	served_close(&served);
}

static void client_text(int i, char *text)
{
	sprintf(text, "%d.%d.%d.7", 20 + i / 62500, i / 250 % 250, i % 250);
}

/* Where each client goes; COUNTS by octet. */
static void spread(struct served *served, const char *name, int *to, unsigned *counts)
{
	char client[32];
	memset(counts, 0, 256 * sizeof *counts);
	for (int i = 0; i < CLIENTS; i++) {
		client_text(i, client);
		to[i] = octet(served, name, client);
		counts[to[i]]++;
	}
}

static void test_hashes_are_as_the_weights_and_always_the_same(void **state)
{
	(void)state;
	static const double shares[] = {0, 0.5, 0.3, 0.2};
	static int first[CLIENTS], second[CLIENTS];
	static const char *const names[] = {"h.s.test", "hashed.s.test"};
	unsigned counts[256];
	struct served served;
	served_open(&served, served_json(document));
	for (size_t i = 0; i < 2; i++) {
		spread(&served, names[i], first, counts);
		check_shares(counts, shares, CLIENTS);
		spread(&served, names[i], second, counts);
		assert_memory_equal(first, second, sizeof first);
	}
	served_close(&served);
}

/* Of clients of WHO, none stays; of the others none moves. */
static void check_only_moved(const int *before, const int *after, int who)
{
	for (int i = 0; i < CLIENTS; i++) {
		if (before[i] == who)
			assert_int_not_equal(after[i], who);
		else
			assert_int_equal(after[i], before[i]);
	}
}

static void test_one_that_leaves_a_hash_moves_its_own_clients_alone(void **state)
{
	(void)state;
	static int before[CLIENTS], after[CLIENTS];
	static const char *const names[] = {"h.s.test", "hashed.s.test"},
				 *const leaving[] = {"pool/b", "endpoint/hashed/y"};
	unsigned counts[256];
	struct served served;
	served_open(&served, served_json(document));
	for (size_t i = 0; i < 2; i++) {
		spread(&served, names[i], before, counts);
		served_override(&served, leaving[i], OVERRIDE_DOWN, 1, served.now_ms + 100000);
		spread(&served, names[i], after, counts);
		check_only_moved(before, after, 2);
		assert_int_equal(counts[2] + counts[4], 0);
	}
	served_close(&served);
}

/* 5 : 3 : 2 becomes 5 : 3 : 4, so c goes from a fifth to a third. */
static void test_a_weight_that_grows_draws_clients_to_its_own_and_moves_no_other(void **state)
{
	(void)state;
	static const double shares[] = {0, 5.0 / 12, 3.0 / 12, 4.0 / 12};
	static int before[CLIENTS], after[CLIENTS];
	unsigned counts[256];
	struct served served;
	served_open(&served, served_json(document));
	spread(&served, "h.s.test", before, counts);
	served_apply(
		&served,
		served_json("{'meridian': 1, 'zones': [{'name': 's.test', 'primary': 'a.', "
			    "'contact': 'b.', 'services': [{'name': 'h', 'steering': 'hash', "
			    "'pools': [{'pool': 'a', 'weight': 5}, {'pool': 'b', 'weight': 3}, "
			    "{'pool': 'c', 'weight': 4}]}]}]}"),
		false);
	spread(&served, "h.s.test", after, counts);
	check_shares(counts, shares, CLIENTS);
	for (int i = 0; i < CLIENTS; i++)
		assert_true(after[i] == before[i] || after[i] == 3);
	served_close(&served);
}

/* Several of a hash: the ones that stay are kept when one leaves. */
static void test_several_picked_by_hash_keep_those_that_stay(void **state)
{
	(void)state;
	struct served served;
	served_open(
		&served,
		served_json("{'meridian': 1, 'pools': [{'name': 'p', 'answers': 'hash', "
			    "'max_answers': 2, 'endpoints': [{'name': 'x', 'address': "
			    "'192.0.2.1'}, {'name': 'y', 'address': '192.0.2.2'}, {'name': 'z', "
			    "'address': '192.0.2.3'}]}], 'zones': [{'name': 's.test', 'primary': "
			    "'a.', 'contact': 'b.', 'records': [{'name': '@', 'type': 'NS', "
			    "'data': ['ns.test.']}], 'services': [{'name': 'p', 'steering': "
			    "'failover', 'pools': ['p']}]}]}"));
	char client[32], *before[500];
	for (int i = 0; i < 500; i++) {
		client_text(i, client);
		before[i] = mem_strdup(served_answer(&served, "p.s.test", "A", client));
	}
	served_override(&served, "endpoint/p/x", OVERRIDE_DOWN, 1, served.now_ms + 100000);
	for (int i = 0; i < 500; i++) {
		client_text(i, client);
		const char *after = served_answer(&served, "p.s.test", "A", client);
		assert_null(strstr(after, "192.0.2.1"));
		for (int n = 2; n <= 3; n++) {
			char address[16];
			snprintf(address, sizeof address, "192.0.2.%d", n);
			if (strstr(before[i], address) != NULL)
				assert_non_null(strstr(after, address));
		}
		free(before[i]);
	}
	served_close(&served);
}

/* Of 100 endpoints: 64 are drawn at most, and what does not fit is left out whole (RFC 2181 section
 * 9). */
static void test_many_endpoints_are_answered_whole_or_not_at_all(void **state)
{
	(void)state;
	struct served served;
	char *endpoints = mem_strdup("");
	for (int i = 0; i < 100; i++) {
		char *longer = mem_printf("%s%s{'name': 'e%d', 'address': '198.51.100.%d'}",
					  endpoints, i > 0 ? ", " : "", i, i);
		free(endpoints);
		endpoints = longer;
	}
	char *many = mem_printf(
		"{'meridian': 1, 'pools': [{'name': 'w', 'answers': 'weighted', 'max_answers': 90, "
		"'endpoints': [%s]}, {'name': 'h', 'answers': 'hash', 'max_answers': 90, "
		"'endpoints': "
		"[%s]}, {'name': 'a', 'endpoints': [%s]}], 'zones': [{'name': 's.test', 'primary': "
		"'a.', 'contact': 'b.', 'records': [{'name': '@', 'type': 'NS', 'data': "
		"['ns.test.']}], 'services': [{'name': 'w', 'steering': 'failover', 'pools': "
		"['w']}, "
		"{'name': 'h', 'steering': 'failover', 'pools': ['h']}, {'name': 'a', 'steering': "
		"'failover', 'pools': ['a']}]}]}",
		endpoints, endpoints, endpoints);
	served_open(&served, served_json(many));
	static const struct {
		const char *name;
		bool stream;
		unsigned records;
	} table[] = {{"w.s.test", true, 64},
		     {"h.s.test", true, 64},
		     {"a.s.test", true, 100},
		     {"w.s.test", false, 64},
		     {"a.s.test", false, 0}};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct asking asking = {
			.name = table[i].name, .type = "A", .stream = table[i].stream};
		const struct said *said = served_ask(&served, &asking);
		unsigned records = 0;
		for (const char *at = said->answer; (at = strstr(at, " A 198.51.100.")) != NULL;
		     at++)
			records++;
		assert_int_equal(records, table[i].records);
		assert_int_equal((said->flags & DNS_FLAG_TC) != 0, table[i].records == 0);
	}
	free(many);
	free(endpoints);
	served_close(&served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draws_are_as_the_weights_over_100000_answers),
		cmocka_unit_test(test_hashes_are_as_the_weights_and_always_the_same),
		cmocka_unit_test(test_one_that_leaves_a_hash_moves_its_own_clients_alone),
		cmocka_unit_test(
			test_a_weight_that_grows_draws_clients_to_its_own_and_moves_no_other),
		cmocka_unit_test(test_several_picked_by_hash_keep_those_that_stay),
		cmocka_unit_test(test_many_endpoints_are_answered_whole_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
