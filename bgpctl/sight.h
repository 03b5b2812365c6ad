/*
 * sight: what BIRD really does with this site's prefixes, read back through its control socket.
 *
 * `show route P exported PEER` is asked, which tells what was exported, not `export`, which tells
 * what the filters would do now.
 */
#ifndef MERIDIAN_BGPCTL_SIGHT_H
#define MERIDIAN_BGPCTL_SIGHT_H

#include "bgpctl/bird.h"
#include "bgpctl/bird_view.h"
#include "bgpctl/include.h"

/* Whether one peer was given one prefix. */
struct sight_export {
	uint32_t peer;	/* index into protocols */
	uint32_t entry; /* index into the entries asked about */
	bool present;
	bool attributes_known;
	struct bird_attributes attributes; /* as the neighbour is shown them */
};

struct sight {
	struct bird_status status;
	struct bird_protocols protocols;
	struct bird_routes routes; /* those of meridian4 and meridian6 */
	struct sight_export *exports;
	size_t export_count, export_capacity;
};

/* How many prefixes are asked about one by one; more are read in one go, a session at a time. */
enum { SIGHT_SINGLE_MAX = 8 };

/*
 * Reads all of it, the ATTRIBUTES of what is exported too; *SIGHT is initialised by the call and
 * freed with sight_fini() whatever comes back. False with *REACH and ERROR where BIRD failed to
 * answer: then nothing in *SIGHT counts.
 */
bool sight_look(struct bird *bird, const struct include_entry *entries, size_t count,
		bool attributes, struct sight *sight, enum bird_reach *reach, struct error *error)
	__attribute__((warn_unused_result));
void sight_fini(struct sight *sight);

enum sight_verdict {
	SIGHT_UNKNOWN,	/* BIRD could not be asked */
	SIGHT_VERIFIED, /* every session that carries the family does what was decided */
	SIGHT_PENDING,	/* to be announced, but no session carries the family */
	SIGHT_MISMATCH	/* BIRD does not do what was decided */
};

/* Pure: whether ATTRIBUTES tell a neighbour what LEVEL means. How an operator's own filter makes a
 * path worse is his choice, so only this is asked: draining says GRACEFUL_SHUTDOWN (RFC 8326),
 * degraded has a longer path or a MED, and announced is neither. */
bool sight_attributes_agree(enum level level, const struct bird_attributes *attributes);

/* Pure: what SIGHT says of ENTRY, which was the one at INDEX when it was asked. */
enum sight_verdict sight_judge(const struct sight *sight, const struct include_entry *entry,
			       size_t index);

/* True where PROTOCOL is a session that exports routes of FAMILY now. */
bool sight_carries(const struct bird_protocol *protocol, uint8_t family);

#endif
