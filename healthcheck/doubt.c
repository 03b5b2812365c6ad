/* Knows when the checker doubts itself. */
#include "healthcheck/doubt.h"

#include <string.h>

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
	memset(doubt->reached, 0, sizeof doubt->reached);
	if (action == DOUBT_FORGIVE)
		doubt->forgiven = now;
	return action;
}

void doubt_count(struct doubt *doubt, struct doubt_part *part, struct doubt_part now)
{
	doubt->well = doubt->well - part->well + now.well;
	doubt->failing = doubt->failing - part->failing + now.failing;
	doubt->failing_at[part->place] -= part->failing;
	doubt->failing_at[now.place] += now.failing;
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
	if (place != DOUBT_ON_LINK) /* the way there is by the link */
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

static enum doubt_action open(struct doubt *doubt, struct mono now)
{
	switch (doubt->state) {
	case DOUBT_ASKING:
		return turn(doubt, most_fail(doubt) ? DOUBT_TRUSTING : DOUBT_SURE, now,
			    DOUBT_GO_ON);
	case DOUBT_FROZEN:
		return turn(doubt, DOUBT_SURE, now, DOUBT_FORGIVE);
	case DOUBT_SURE:
	case DOUBT_TRUSTING:
		break;
	}
	return DOUBT_NOTHING;
}

/* One who is reached ends the doubt of those that lie there, and of the link; so all of it ends
 * where nobody fails elsewhere behind the gateway. */
static bool is_over(const struct doubt *doubt, enum doubt_place place)
{
	size_t elsewhere = 0;
	for (enum doubt_place at = DOUBT_BEHIND; at < DOUBT_PLACES; at++)
		elsewhere += at != place ? doubt->failing_at[at] : 0;
	return elsewhere == 0 && (place != DOUBT_ON_LINK || !most_fail(doubt));
}

enum doubt_action doubt_reach(struct doubt *doubt, enum doubt_place place, struct mono began,
			      struct mono now)
{
	prove(doubt, place, began);
	/* What began before the doubt did is older than what raised it. */
	if (!doubt_is_raised(doubt) || began.ns <= doubt->since.ns)
		return DOUBT_NOTHING;
	if (doubt->reached[place].ns == 0)
		doubt->reached[place] = began;
	return is_over(doubt, place) ? open(doubt, now) : DOUBT_NOTHING;
}

enum doubt_action doubt_learn(struct doubt *doubt, enum way_out way, struct mono asked,
			      struct mono now)
{
	switch (way) {
	case WAY_OUT_OPEN:
		prove(doubt, DOUBT_BEHIND, asked);
		prove(doubt, DOUBT_BEHIND_IPV6, asked);
		return open(doubt, now);
	case WAY_OUT_CLOSED:
		return doubt->state == DOUBT_ASKING ? turn(doubt, DOUBT_FROZEN, now, DOUBT_FREEZE)
						    : DOUBT_NOTHING;
	case WAY_OUT_UNKNOWN: /* who cannot tell ends the question, not a freeze */
		break;
	}
	return doubt->state == DOUBT_ASKING ? open(doubt, now) : DOUBT_NOTHING;
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
	bool open = doubt->reached[place].ns != 0 && began.ns > doubt->reached[place].ns;
	return !open || (place == DOUBT_ON_LINK && most_fail(doubt));
}
