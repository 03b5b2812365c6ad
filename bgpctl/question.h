/*
 * question: what the site's own responder is asked, and what an answer to it proves (pure).
 */
#ifndef MERIDIAN_BGPCTL_QUESTION_H
#define MERIDIAN_BGPCTL_QUESTION_H

#include "base/error.h"
#include "bgpctl/evidence.h"

#include <stddef.h>

/* Header, the longest name, type and class; and an OPT record that asks for the NSID. */
enum { QUESTION_MAX = 12 + 255 + 4, QUESTION_OPT_LEN = 15, QUESTION_SITE_MAX = 128 };

/* One plain query, RD clear, as octets; the first two are the id, set at each use. LEN 0: none. */
struct question {
	uint8_t octets[QUESTION_MAX + QUESTION_OPT_LEN];
	size_t len;
	char site[QUESTION_SITE_MAX + 1]; /* the NSID that the answer must carry; "": any */
};

/* Reads "NAME TYPE" as it stands in needs.dns. */
bool question_make(const char *text, struct question *question, struct error *error)
	__attribute__((warn_unused_result));

/* Has the answer say which server it is from (RFC 5001), which must be SITE. QUESTION was just
 * made.
 */
void question_expect_site(struct question *question, const char *site);

void question_set_id(struct question *question, uint16_t id);

/*
 * Judges the LEN octets of a reply. Good is: QR and AA, NOERROR, the same question, and a record in
 * the answer section, all of it well formed, and the NSID of the site that is expected. False
 * where the message is no reply to QUESTION at all and is to be ignored; else *OUTCOME, and for all
 * but PROBE_GOOD a half-sentence in REASON.
 */
bool question_judge(const struct question *question, const uint8_t *octets, size_t len,
		    enum probe_outcome *outcome, char reason[EVIDENCE_REASON_MAX])
	__attribute__((warn_unused_result));

#endif
