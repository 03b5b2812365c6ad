/* Holds that clients of equal rankings share one, however many there are. */
#include "base/mem.h"
#include "base/rng.h"
#include "geodns/steer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { POOLS = 160, PLACES = 100000 };

static struct place random_place(struct rng *rng)
{
	struct place place = {0};
	double lat = (double)rng_below(rng, 160000) / 1000 - 80;
	double lon = (double)rng_below(rng, 360000) / 1000 - 180;
	assert_true(place_set_position(&place, lat, lon));
	return place;
}

static void place_pools(struct steer *steer, struct rng *rng)
{
	steer->pools = mem_array(POOLS, sizeof *steer->pools);
	steer->options = mem_array(POOLS, sizeof *steer->options);
	steer->pool_count = steer->option_count = POOLS;
	for (uint16_t i = 0; i < POOLS; i++) {
		struct place at = random_place(rng);
		steer->pools[i].position = (struct position){
			.known = true, .lat = (double)at.lat, .lon = (double)at.lon};
		steer->options[i].pool = i;
	}
}

/* As many comparisons as pairs of rankings would take minutes. */
static void test_a_city_database_may_have_more_than_65536_rankings(void **state)
{
	(void)state;
	struct rng rng;
	struct steer steer = {.steering = STEERING_NEAREST};
	struct rankings rankings = {0};
	struct place *places = mem_array(PLACES, sizeof *places);
	uint32_t *found = mem_array(PLACES, sizeof *found);
	rng_init(&rng, 17);
	place_pools(&steer, &rng);
	for (size_t i = 0; i < PLACES; i++) {
		places[i] = random_place(&rng);
		const struct geomap_client client = {.place = &places[i], .tag = GEOMAP_NO_TAG};
		found[i] = steer_rank(&steer, &rankings, &client);
		assert_true(found[i] < rankings.count);
	}
	assert_true(rankings.count > 65536 && rankings.count < PLACES);
	size_t count = rankings.count;
	for (size_t i = 0; i < PLACES; i += 100) {
		const struct geomap_client client = {.place = &places[i], .tag = GEOMAP_NO_TAG};
		assert_int_equal(steer_rank(&steer, &rankings, &client), found[i]);
	}
	assert_int_equal(rankings.count, count);
	rankings_fini(&rankings);
	free(places);
	free(found);
	free(steer.pools);
	free(steer.options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_city_database_may_have_more_than_65536_rankings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
