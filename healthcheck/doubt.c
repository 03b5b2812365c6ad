/* Knows when the checker doubts itself. */
#include "healthcheck/doubt.h"

const char *doubt_state_name(enum doubt_state state)
{
	static const char *const names[] = {[DOUBT_SURE] = "sure",
					    [DOUBT_ASKING] = "asking",
					    [DOUBT_TRUSTING] = "trusting",
					    [DOUBT_FROZEN] = "frozen"};
	return names[state];
}

static enum doubt_action turn(struct doubt *doubt, enum doubt_state state, struct mono now,
			      enum doubt_action action)
{
	doubt->state = state;
	doubt->since = now;
	return action;
}

void doubt_count(struct doubt *doubt, struct doubt_part *part, struct doubt_part now)
{
	doubt->well = doubt->well - part->well + now.well;
	doubt->failing = doubt->failing - part->failing + now.failing;
	*part = now;
}

static bool most_fail(const struct doubt *doubt)
{
	return doubt->failing * 2 > doubt->well;
}

enum doubt_action doubt_look(struct doubt *doubt, struct mono now)
{
	bool most = most_fail(doubt);
	switch (doubt->state) {
	case DOUBT_SURE:
		return most ? turn(doubt, DOUBT_ASKING, now, DOUBT_ASK) : DOUBT_NOTHING;
	case DOUBT_TRUSTING:
		if (most && mono_ms_between(doubt->since, now) < DOUBT_TRUST_MS)
			return DOUBT_NOTHING;
		return turn(doubt, DOUBT_SURE, now, DOUBT_NOTHING);
	case DOUBT_ASKING:
	case DOUBT_FROZEN: /* the way out decides, not how many fail */
		break;
	}
	return DOUBT_NOTHING;
}

static void prove(struct doubt *doubt, struct mono at)
{
	if (at.ns > doubt->proof.ns)
		doubt->proof = at;
}

static bool is_proven(const struct doubt *doubt, struct mono began)
{
	return doubt->proof.ns != 0 && mono_ms_between(doubt->proof, began) <= DOUBT_PROOF_MS;
}

enum doubt_action doubt_fail(struct doubt *doubt, struct mono began, bool witness, struct mono now)
{
	if (!witness || doubt_holds(doubt, true) || is_proven(doubt, began))
		return DOUBT_NOTHING;
	return turn(doubt, DOUBT_ASKING, now, DOUBT_ASK);
}

enum doubt_action doubt_pass(struct doubt *doubt, struct mono began, struct mono now)
{
	prove(doubt, began);
	/* What began before the doubt did is older than what raised it. */
	if (!doubt_holds(doubt, true) || began.ns <= doubt->since.ns)
		return DOUBT_NOTHING;
	return doubt_learn(doubt, WAY_OUT_OPEN, began, now);
}

enum doubt_action doubt_learn(struct doubt *doubt, enum way_out way, struct mono asked,
			      struct mono now)
{
	if (way == WAY_OUT_OPEN)
		prove(doubt, asked);
	switch (doubt->state) {
	case DOUBT_ASKING:
		if (way == WAY_OUT_CLOSED)
			return turn(doubt, DOUBT_FROZEN, now, DOUBT_FREEZE);
		return turn(doubt, most_fail(doubt) ? DOUBT_TRUSTING : DOUBT_SURE, now,
			    DOUBT_GO_ON);
	case DOUBT_FROZEN:
		if (way == WAY_OUT_OPEN)
			return turn(doubt, DOUBT_SURE, now, DOUBT_FORGIVE);
		break;
	case DOUBT_SURE:
	case DOUBT_TRUSTING:
		break;
	}
	return DOUBT_NOTHING;
}

bool doubt_holds(const struct doubt *doubt, bool behind)
{
	bool doubts = doubt->state == DOUBT_ASKING || doubt->state == DOUBT_FROZEN;
	return doubts && (behind || most_fail(doubt));
}
