/* Knows how many probes it takes to believe them. */
#include "bgpctl/evidence.h"

#include <stdio.h>

const struct evidence_params evidence_defaults = {.rise = 5, .fall = 3, .fall_proof = 2};

static uint16_t one_more(uint16_t count)
{
	return count == UINT16_MAX ? count : (uint16_t)(count + 1);
}

static void count_outcome(struct evidence *evidence, enum probe_outcome outcome)
{
	if (outcome == PROBE_GOOD) {
		evidence->good = one_more(evidence->good);
		evidence->bad = evidence->refused = 0;
		return;
	}
	evidence->good = 0;
	if (outcome == PROBE_REFUSED) {
		evidence->refused = one_more(evidence->refused);
	} else if (evidence->refused > 0) {
		/* Somebody listens again: what he says is judged on its own. */
		evidence->refused = 0;
		evidence->bad = 0;
	}
	evidence->bad = one_more(evidence->bad);
}

static enum evidence_class judge(const struct evidence *evidence,
				 const struct evidence_params *params)
{
	if (evidence->good >= params->rise)
		return EVIDENCE_GOOD;
	if (evidence->refused >= params->fall_proof)
		return EVIDENCE_PROOF;
	/* A single refusal does not soften or sharpen what silence has shown. */
	if (evidence->bad >= params->fall)
		return EVIDENCE_HARD;
	return evidence->class;
}

bool evidence_feed(struct evidence *evidence, const struct evidence_params *params,
		   enum probe_outcome outcome, const char *reason)
{
	enum evidence_class before = evidence->class;
	count_outcome(evidence, outcome);
	if (outcome != PROBE_GOOD)
		snprintf(evidence->reason, sizeof evidence->reason, "%s", reason);
	evidence->class = judge(evidence, params);
	return evidence->class != before;
}

bool evidence_pending(const struct evidence *evidence)
{
	switch (evidence->class) {
	case EVIDENCE_GOOD:
		return evidence->bad > 0;
	case EVIDENCE_HARD:
	case EVIDENCE_PROOF:
		return evidence->good > 0;
	case EVIDENCE_NONE:
		break;
	}
	return true;
}
