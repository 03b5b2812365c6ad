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
	doubt->link_since = (struct mono){0};
	if (action == DOUBT_FORGIVE)
		doubt->forgiven = now;
	return action;
}

void doubt_count(struct doubt *doubt, struct doubt_part *part, struct doubt_part now)
{
	doubt->well = doubt->well - part->well + now.well;
	doubt->failing = doubt->failing - part->failing + now.failing;
	doubt->failing_behind = doubt->failing_behind - (part->failing && part->behind) +
				(now.failing && now.behind);
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

static void prove(struct doubt *doubt, enum doubt_place place, struct mono at)
{
	if (at.ns > doubt->proof[place].ns)
		doubt->proof[place] = at;
	if (place == DOUBT_BEHIND) /* the way there is by the link */
		prove(doubt, DOUBT_ON_LINK, at);
}

static bool is_proven(const struct doubt *doubt, enum doubt_place place, struct mono began)
{
	struct mono proof = doubt->proof[place];
	return proof.ns != 0 && mono_ms_between(proof, began) <= DOUBT_PROOF_MS;
}

enum doubt_action doubt_fail(struct doubt *doubt, enum doubt_place place, struct mono began,
			     bool witness, struct mono now)
{
	if (!witness || doubt_is_raised(doubt) || is_proven(doubt, place, began))
		return DOUBT_NOTHING;
	return turn(doubt, DOUBT_ASKING, now, DOUBT_ASK);
}

/* One on the link was reached: that ends a doubt of the link, not of what is behind the gateway. */
static enum doubt_action pass_on_link(struct doubt *doubt, struct mono began, struct mono now)
{
	if (doubt->link_since.ns == 0)
		doubt->link_since = began;
	if (most_fail(doubt) || doubt->failing_behind > 0)
		return DOUBT_NOTHING;
	return doubt_learn(doubt, WAY_OUT_OPEN, (struct mono){0}, now);
}

enum doubt_action doubt_pass(struct doubt *doubt, enum doubt_place place, struct mono began,
			     struct mono now)
{
	prove(doubt, place, began);
	/* What began before the doubt did is older than what raised it. */
	if (!doubt_is_raised(doubt) || began.ns <= doubt->since.ns)
		return DOUBT_NOTHING;
	if (place == DOUBT_ON_LINK)
		return pass_on_link(doubt, began, now);
	return doubt_learn(doubt, WAY_OUT_OPEN, began, now);
}

enum doubt_action doubt_learn(struct doubt *doubt, enum way_out way, struct mono asked,
			      struct mono now)
{
	if (way == WAY_OUT_OPEN)
		prove(doubt, DOUBT_BEHIND, asked);
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

bool doubt_is_raised(const struct doubt *doubt)
{
	return doubt->state == DOUBT_ASKING || doubt->state == DOUBT_FROZEN;
}

bool doubt_holds(const struct doubt *doubt, enum doubt_place place, struct mono began)
{
	if (began.ns <= doubt->forgiven.ns)
		return true;
	if (!doubt_is_raised(doubt))
		return false;
	return place == DOUBT_BEHIND || most_fail(doubt) || doubt->link_since.ns == 0 ||
	       began.ns <= doubt->link_since.ns;
}
