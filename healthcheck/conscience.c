/* Knows what follows from a doubt. */
#include "healthcheck/conscience.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"
#include "healthcheck/wayout.h"

#include <stdlib.h>

/* While all is well the gateway is asked once in a while, to know whether it answers at all. */
enum { TICK_MS = 1000, LEARN_EVERY_TICKS = 30 };

struct conscience {
	uv_timer_t tick, soon;
	unsigned handles; /* still to be closed */
	struct fleet *fleet;
	struct journal *journal;
	struct doubt doubt;
	struct wayout *wayout;
	unsigned ticks;
	int64_t since_ms; /* wall clock, of the doubt's state */
	bool go_on, forgive;
	struct error problem;
};

static void tell(struct conscience *conscience, const char *from, const char *to,
		 const char *reason)
{
	log_notice("this checker is %s, was %s: %s", to, from, reason);
	journal_add(conscience->journal, &(struct event){.kind = "daemon",
							 .object = "daemon/healthcheck",
							 .from = from,
							 .to = to,
							 .reason = reason,
							 .actor = "health"});
}

static void say_frozen(struct conscience *conscience)
{
	const struct doubt *doubt = &conscience->doubt;
	error_set(&conscience->problem,
		  "%zu of %zu targets fail and the gateway %s does not answer: verdicts are frozen "
		  "until this machine's own way out works again",
		  doubt->failing, doubt->well, wayout_gateway(conscience->wayout));
	tell(conscience, "sure", "frozen", conscience->problem.text);
}

static void say_sure(struct conscience *conscience)
{
	conscience->problem.text[0] = '\0';
	tell(conscience, "frozen", "sure",
	     "answers come in again; what failed meanwhile is forgiven");
}

/* What touches all targets waits for the loop's next turn: a result may be just being taken in. */
static void act(struct conscience *conscience, enum doubt_action action);

static void on_soon(uv_timer_t *timer)
{
	struct conscience *conscience = timer->data;
	bool forgive = conscience->forgive, go_on = conscience->go_on;
	conscience->forgive = conscience->go_on = false;
	size_t cursor = 0;
	const char *key;
	void *target;
	while ((forgive || go_on) &&
	       strmap_next(&conscience->fleet->targets, &cursor, &key, &target)) {
		if (forgive)
			target_forgive(target);
		else
			target_reconsider(target);
	}
}

static void on_way(void *context, enum way_out way, struct mono asked)
{
	struct conscience *conscience = context;
	act(conscience, doubt_learn(&conscience->doubt, way, asked, mono_now()));
}

static void act(struct conscience *conscience, enum doubt_action action)
{
	if (action == DOUBT_NOTHING)
		return;
	conscience->since_ms = wall_now_ms();
	if (action == DOUBT_ASK) {
		wayout_ask(conscience->wayout);
		return;
	}
	if (action == DOUBT_FREEZE) {
		say_frozen(conscience);
		return;
	}
	if (action == DOUBT_FORGIVE)
		say_sure(conscience);
	conscience->forgive = conscience->forgive || action == DOUBT_FORGIVE;
	conscience->go_on = conscience->go_on || action == DOUBT_GO_ON;
	uv_timer_start(&conscience->soon, on_soon, 0, 0);
}

static void on_tick(uv_timer_t *timer)
{
	struct conscience *conscience = timer->data;
	bool learn = conscience->ticks++ % LEARN_EVERY_TICKS == 0;
	act(conscience, doubt_look(&conscience->doubt, mono_now()));
	if (learn || doubt_is_raised(&conscience->doubt))
		wayout_ask(conscience->wayout);
}

struct conscience *conscience_new(uv_loop_t *loop, struct probe_env *env, struct fleet *fleet,
				  struct journal *journal)
{
	struct conscience *conscience = mem_new(struct conscience);
	conscience->fleet = fleet;
	conscience->journal = journal;
	conscience->since_ms = wall_now_ms();
	conscience->wayout = wayout_new(env, on_way, conscience);
	uv_timer_init(loop, &conscience->tick);
	uv_timer_init(loop, &conscience->soon);
	conscience->tick.data = conscience->soon.data = conscience;
	uv_timer_start(&conscience->tick, on_tick, 0, TICK_MS);
	return conscience;
}

static void on_closed(uv_handle_t *handle)
{
	struct conscience *conscience = handle->data;
	if (--conscience->handles == 0)
		free(conscience);
}

void conscience_free(struct conscience *conscience)
{
	if (conscience == NULL)
		return;
	wayout_free(conscience->wayout);
	conscience->handles = 2;
	uv_close((uv_handle_t *)&conscience->tick, on_closed);
	uv_close((uv_handle_t *)&conscience->soon, on_closed);
}

/* What has a name instead of a number most likely lies elsewhere. */
static enum way way_to(const struct conscience *conscience, const struct target *target)
{
	return target->ip.family == ADDR_NONE ? WAY_BEYOND
					      : wayout_to(conscience->wayout, &target->ip);
}

static enum doubt_place place_of(const struct target *target)
{
	if (target->way == WAY_ON_LINK)
		return DOUBT_ON_LINK;
	return target->ip.family == ADDR_IPV6 ? DOUBT_BEHIND_IPV6 : DOUBT_BEHIND;
}

/* Who answers is a second witness, and a better one. */
static void hear_answer(struct conscience *conscience, const struct target *target)
{
	enum doubt_place place = place_of(target);
	enum doubt_action action =
		doubt_reach(&conscience->doubt, place, target->heard_began, mono_now());
	if (action == DOUBT_FORGIVE && place == DOUBT_BEHIND) {
		wayout_distrust(conscience->wayout);
		conscience->ticks = 0; /* it may be just about to answer: ask at the next tick */
	}
	act(conscience, action);
}

/* That the gateway, which is IPv4's, is silent says nothing of the link, or of IPv6, where it was
 * so before the failure. */
static void hear_silence(struct conscience *conscience, const struct target *target)
{
	enum doubt_place place = place_of(target);
	bool witness = place == DOUBT_BEHIND ? wayout_has_witness(conscience->wayout)
					     : wayout_answers(conscience->wayout);
	act(conscience,
	    doubt_fail(&conscience->doubt, place, target->heard_began, witness, mono_now()));
}

void conscience_hear(struct conscience *conscience, struct target *target)
{
	if (conscience == NULL)
		return;
	target->way = way_to(conscience, target);
	struct doubt *doubt = &conscience->doubt;
	bool well = target->way != WAY_LOCAL && target->memory.verdict != VERDICT_DOWN;
	bool failing = well && target->heard == PROBE_FAILED && !target->answered;
	doubt_count(
		doubt, &target->doubt,
		(struct doubt_part){.well = well, .failing = failing, .place = place_of(target)});
	act(conscience, doubt_look(doubt, mono_now()));
	bool heard = target->way != WAY_LOCAL && target->heard != PROBE_SAYS_NOTHING;
	if (heard && target->answered)
		hear_answer(conscience, target);
	else if (failing)
		hear_silence(conscience, target);
}

void conscience_forget(struct conscience *conscience, struct target *target)
{
	if (conscience != NULL)
		doubt_count(&conscience->doubt, &target->doubt, (struct doubt_part){0});
}

bool conscience_holds(const struct conscience *conscience, const struct target *target)
{
	return conscience != NULL && target->way != WAY_LOCAL &&
	       doubt_holds(&conscience->doubt, place_of(target), target->heard_began);
}

json_t *conscience_json(const struct conscience *conscience)
{
	char since[WALL_TEXT_MAX];
	wall_format(conscience->since_ms, since);
	return json_pack("{s:s, s:s, s:I, s:I, s:s?, s:b}", "state",
			 doubt_state_name(conscience->doubt.state), "since", since, "failing",
			 (json_int_t)conscience->doubt.failing, "of",
			 (json_int_t)conscience->doubt.well, "gateway",
			 wayout_gateway(conscience->wayout), "gateway_answers",
			 wayout_has_witness(conscience->wayout));
}

const char *conscience_problem(const struct conscience *conscience)
{
	return conscience->problem.text[0] != '\0' ? conscience->problem.text : NULL;
}
