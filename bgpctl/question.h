/*
 * question: what the site's own responder is asked, and what an answer to it proves (pure).
 */
#ifndef MERIDIAN_BGPCTL_QUESTION_H
#define MERIDIAN_BGPCTL_QUESTION_H

#include "base/error.h"
#include "bgpctl/evidence.h"

#include <stddef.h>

enum { QUESTION_MAX = 12 + 255 + 4 };

/* One plain query, RD clear, as octets; the first two are the id, set at each use. LEN 0: none. */
struct question {
	uint8_t octets[QUESTION_MAX];
	size_t len;
};

/* Reads "NAME TYPE" as it stands in needs.dns. */
bool question_make(const char *text, struct question *question, struct error *error)
	__attribute__((warn_unused_result));

void question_set_id(struct question *question, uint16_t id);

/*
 * Judges the LEN octets of a reply. Good is: QR and AA, NOERROR, the same question, and a record in
 * the answer section, all of it well formed. False where the message is no reply to QUESTION at all
 * and is to be ignored; else *OUTCOME, and for all but PROBE_GOOD a half-sentence in REASON.
 */
bool question_judge(const struct question *question, const uint8_t *octets, size_t len,
		    enum probe_outcome *outcome, char reason[EVIDENCE_REASON_MAX])
	__attribute__((warn_unused_result));

#endif
