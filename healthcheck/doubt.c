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

enum doubt_action doubt_look(struct doubt *doubt, struct mono now)
{
	bool most = doubt->failing * 2 > doubt->well;
	switch (doubt->state) {
	case DOUBT_SURE:
		return most ? turn(doubt, DOUBT_ASKING, now, DOUBT_ASK) : DOUBT_NOTHING;
	case DOUBT_ASKING:
		return most ? DOUBT_NOTHING : turn(doubt, DOUBT_SURE, now, DOUBT_GO_ON);
	case DOUBT_TRUSTING:
		if (most && mono_ms_between(doubt->since, now) < DOUBT_TRUST_MS)
			return DOUBT_NOTHING;
		return turn(doubt, DOUBT_SURE, now, DOUBT_NOTHING);
	case DOUBT_FROZEN: /* the way out decides, not those behind it */
		break;
	}
	return DOUBT_NOTHING;
}

enum doubt_action doubt_learn(struct doubt *doubt, enum way_out way, struct mono now)
{
	switch (doubt->state) {
	case DOUBT_ASKING:
		if (way == WAY_OUT_CLOSED)
			return turn(doubt, DOUBT_FROZEN, now, DOUBT_FREEZE);
		return turn(doubt, DOUBT_TRUSTING, now, DOUBT_GO_ON);
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

bool doubt_holds(const struct doubt *doubt)
{
	return doubt->state == DOUBT_ASKING || doubt->state == DOUBT_FROZEN;
}
