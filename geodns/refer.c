/* Knows what is said of names that are somebody else's, or stand elsewhere: referrals and DNAME. */
#include "geodns/answering.h"

enum { RECORD_FIXED = 12, POINTER_LAST = 0x3fff };

/* False where they do not fit, or their owner stands where no pointer leads. */
static bool put_glue(struct answering *answering, const struct node *node, uint16_t type,
		     unsigned offset)
{
	const struct node_rrset *rrset = node_find(node, type);
	return rrset == NULL ||
	       (offset <= POINTER_LAST &&
		answering_put(answering, REPLY_ADDITIONAL, node_records(node, rrset), rrset->len,
			      rrset->count, offset));
}

/* RFC 1034 section 4.3.2 step 3b: glue, or else what the zone itself says, by a wildcard too. */
static const struct node *find_glue(const struct answering *answering, const struct zone_live *zone,
				    const uint8_t *name, size_t len)
{
	const struct names *names = answering->answerer->names;
	const struct node *node = lookup_glue(names, zone, name, len);
	if (node != NULL)
		return node;
	struct lookup lookup = lookup_name(names, name_hash(name, len), name, len, DNS_TYPE_A);
	return lookup.kind == LOOKUP_WILDCARD && lookup.zone == zone ? lookup.node : NULL;
}

/* Which name servers: those that are WITHIN what is delegated at CUT, or those beside it. */
struct referral {
	const struct zone_live *zone;
	const struct node *cut;
	bool within;
	bool passed_over; /* there was one of the others */
};

/* The addresses of the name server NAME, which stands at OFFSET in the reply, compressed. */
static void refer_glue(struct answering *answering, struct referral *referral, const uint8_t *name,
		       unsigned offset)
{
	const struct zone_live *zone = referral->zone;
	const struct node *cut = referral->cut;
	uint8_t lower[256];
	size_t len = name_len(name);
	(void)name_lower(name, len, lower);
	if (name_is_at_or_below(lower, len, node_name(cut), cut->name_len) != referral->within) {
		referral->passed_over = true;
		return;
	}
	if (!name_is_at_or_below(lower, len, zone->name, zone->name_len))
		return;
	const struct node *node = find_glue(answering, zone, lower, len);
	if (node == NULL)
		return;
	bool fits = put_glue(answering, node, DNS_TYPE_A, offset);
	fits = put_glue(answering, node, DNS_TYPE_AAAA, offset) && fits;
	/* RFC 9471 section 3.1: without the glue below the cut itself the referral leads nowhere.
	 */
	if (!fits && referral->within)
		answering->reply.truncated = true;
}

/* The same for the name servers of RRSET, which begins at AT in the reply. */
static void refer_servers(struct answering *answering, struct referral *referral,
			  const struct node_rrset *rrset, unsigned at)
{
	const uint8_t *record = node_records(referral->cut, rrset);
	for (unsigned i = 0; i < rrset->count; i++) {
		refer_glue(answering, referral, record + RECORD_FIXED, at + RECORD_FIXED);
		at += RECORD_FIXED + wire_get_u16(answering->reply.out + at + 10);
		record += RECORD_FIXED + wire_get_u16(record + 10);
	}
}

/* RFC 1034 section 4.3.2 step 3b. */
void answering_refer(struct answering *answering, const struct zone_live *zone,
		     const struct node *cut)
{
	const struct node_rrset *rrset = node_find(cut, DNS_TYPE_NS);
	unsigned at = answering->reply.len;
	answering->subject = cut->hash;
	if (!reply_compressed(&answering->reply, REPLY_AUTHORITY, node_records(cut, rrset),
			      rrset->count, answering_suffix(answering, cut->name_len)))
		return;
	/* RFC 9471 section 3.2: glue beside the cut takes the room that is left. */
	struct referral referral = {.zone = zone, .cut = cut, .within = true};
	refer_servers(answering, &referral, rrset, at);
	referral.within = false;
	if (referral.passed_over)
		refer_servers(answering, &referral, rrset, at);
}

/* The CNAME that follows from the DNAME in RECORD (RFC 6672 section 3.1); the target's offset, 0
 * where it did not fit. */
static unsigned put_synthetic(struct answering *answering, const struct node *owner,
			      const uint8_t *record)
{
	struct reply *reply = &answering->reply;
	size_t kept = (size_t)answering->name_len - owner->name_len;
	size_t target_len = wire_get_u16(record + 10), len = kept + target_len, room;
	uint8_t *out = reply_room(reply, &room);
	if (room < RECORD_FIXED + len) {
		reply->truncated = true;
		return 0;
	}
	wire_put_u16(out, (uint16_t)(DNS_POINTER | answering->at));
	wire_put_u16(out + 2, DNS_TYPE_CNAME);
	memcpy(out + 4, record + 4, 6); /* class and TTL are the DNAME's */
	wire_put_u16(out + 10, (uint16_t)len);
	memcpy(out + RECORD_FIXED, reply->out + answering->at, kept);
	memcpy(out + RECORD_FIXED + kept, record + RECORD_FIXED, target_len);
	unsigned target = reply->len + (unsigned)RECORD_FIXED;
	reply_wrote(reply, REPLY_ANSWER, RECORD_FIXED + len, 1);
	return target;
}

/* The DNAME itself, unless the chain has come through it before (RFC 2181 section 5: an RRset holds
 * no record twice). False where it did not fit. */
static bool put_dname(struct answering *answering, const struct node *owner,
		      const struct node_rrset *rrset)
{
	for (unsigned i = 0; i < answering->redirections; i++) {
		if (answering->redirected[i] == owner)
			return true;
	}
	answering->redirected[answering->redirections++] = owner;
	return answering_put(answering, REPLY_ANSWER, node_records(owner, rrset), rrset->len,
			     rrset->count, answering_suffix(answering, owner->name_len));
}

bool answering_dname(struct answering *answering, const struct node *owner)
{
	const struct node_rrset *rrset = node_find(owner, DNS_TYPE_DNAME);
	const uint8_t *record = node_records(owner, rrset);
	answering->subject = owner->hash;
	if (!put_dname(answering, owner, rrset))
		return false;
	/* RFC 6672 section 2.2: a name that gets too long is said to be so. */
	if ((size_t)answering->name_len - owner->name_len + wire_get_u16(record + 10) >
	    NAME_WIRE_MAX) {
		answering->reply.rcode = DNS_RCODE_YXDOMAIN;
		return false;
	}
	unsigned target = put_synthetic(answering, owner, record);
	return target != 0 && answering->query->qtype != DNS_TYPE_CNAME &&
	       answering_follow(answering, target);
}
