/*
 * evidence: what a run of probes of the site's own responder proves (pure).
 *
 * A refused connection is proof that nobody answers. Silence and wrong answers count only after
 * `fall` in a row, and one good answer is not yet recovery.
 */
#ifndef MERIDIAN_BGPCTL_EVIDENCE_H
#define MERIDIAN_BGPCTL_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

enum { EVIDENCE_REASON_MAX = 160 };

enum probe_outcome { PROBE_GOOD, PROBE_WRONG, PROBE_SILENT, PROBE_REFUSED };

/* In the order of how much they allow. NONE: nothing is known yet. */
enum evidence_class { EVIDENCE_NONE, EVIDENCE_GOOD, EVIDENCE_HARD, EVIDENCE_PROOF };

/* How many outcomes in a row it takes: to good, to hard, to proof. All at least 1. */
struct evidence_params {
	uint16_t rise, fall, fall_proof;
};
extern const struct evidence_params evidence_defaults;

struct evidence {
	enum evidence_class class;
	uint16_t good, bad, refused;	  /* in a row */
	char reason[EVIDENCE_REASON_MAX]; /* of the last probe that was not good */
};

/* Takes one outcome; REASON (not NULL unless GOOD) is copied. True where the class changed. */
bool evidence_feed(struct evidence *evidence, const struct evidence_params *params,
		   enum probe_outcome outcome, const char *reason);

/* True while outcomes speak against the class, or none is reached yet: probe faster. */
bool evidence_pending(const struct evidence *evidence);

#endif
