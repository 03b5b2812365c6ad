/* Knows how one prefix is watched: when its responder is asked, and on which port. */
#include "bgpctl/announcement.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The responder is asked every second. Until a change is believed, faster; after a refusal, which
 * two in a row make proof, at once. Where nothing would tell that its process has ended, UDP is
 * asked so often that it is known in time.
 */
enum { INTERVAL_MS = 1000, PENDING_MS = 300, UNWATCHED_MS = 200, REFUSED_MS = 60 };

static const char *const words[] = {"held",	 "announced", "degraded", "draining",
				    "withdrawn", "frozen",    "pending",  "fault"};

const char *announcement_word(size_t i)
{
	return i < sizeof words / sizeof *words ? words[i] : NULL;
}

struct announcement *announcement_new(const struct prefix *prefix, enum level level,
				      struct mono now)
{
	struct announcement *announcement = mem_new(struct announcement);
	announcement->prefix = *prefix;
	prefix_format(prefix, announcement->net);
	snprintf(announcement->id, sizeof announcement->id, "prefix/%s", announcement->net);
	prefix_init(&announcement->state, level, now);
	announcement->applied = announcement->told_level = level;
	announcement->shown_since_ms = wall_now_ms();
	return announcement;
}

void announcement_free(struct announcement *announcement, struct prober *prober)
{
	probe_cancel(prober, &announcement->probes[PROBE_UDP]);
	probe_cancel(prober, &announcement->probes[PROBE_TCP]);
	object_unref(announcement->object);
	object_unref(announcement->watched);
	free(announcement);
}

/* Where the responder listens for ADDRESS: on it, on all addresses of its family, or as it can. */
static uint16_t listen_port(const struct instance *instance, const struct addr *address)
{
	uint16_t any = 0, family = 0;
	for (unsigned i = 0; i < instance->dns_listen_count; i++) {
		static const struct addr zero;
		struct addr host;
		uint16_t port = instance->dns_listen[i].port;
		if (!addr_parse(instance->dns_listen[i].host, &host) ||
		    host.family != address->family)
			continue;
		if (addr_equal(&host, address))
			return port;
		if (any == 0 && memcmp(host.bytes, zero.bytes, sizeof host.bytes) == 0)
			any = port;
		if (family == 0)
			family = port;
	}
	if (any != 0 || family != 0)
		return any != 0 ? any : family;
	return instance->dns_listen_count > 0 ? instance->dns_listen[0].port : 53;
}

static void forget_answers(struct announcement *announcement, struct prober *prober,
			   struct mono now)
{
	for (int i = PROBE_UDP; i <= PROBE_TCP; i++) {
		probe_cancel(prober, &announcement->probes[i]);
		memset(&announcement->evidence[i], 0, sizeof announcement->evidence[i]);
	}
	announcement_hurry(announcement, now);
}

static bool same_question(const struct announce_prefix *a, const struct announce_prefix *b)
{
	const char *left = a->needs_dns != NULL ? a->needs_dns : "";
	const char *right = b->needs_dns != NULL ? b->needs_dns : "";
	return addr_equal(&a->address, &b->address) && strcmp(left, right) == 0;
}

bool announcement_names_site(const struct announce_prefix *config, const char *site)
{
	for (size_t i = 0; i < config->sites.count; i++)
		if (strcmp(config->sites.at[i], site) == 0)
			return true;
	return false;
}

/* What is asked of the responder, as OBJECT says. */
static void ask_anew(struct announcement *announcement, const struct object *object,
		     const struct instance *instance)
{
	struct error error = {0};
	const char *needs = object->prefix.needs_dns;
	announcement->asked = needs != NULL;
	announcement->port = listen_port(instance, &object->prefix.address);
	if (needs != NULL && !question_make(needs, &announcement->question, &error)) {
		log_error("prefix %s needs.dns: %s", announcement->net, error.text);
		announcement->question.len = 0;
	} else if (needs != NULL) {
		question_expect_site(&announcement->question, instance->dns_nsid);
	}
}

void announcement_configure(struct announcement *announcement, const struct object *object,
			    const struct instance *instance, struct prober *prober, struct mono now)
{
	struct object *before = announcement->object, *watched = announcement->watched;
	bool was_here = announcement->here;
	announcement->known = true;
	announcement->here =
		object != NULL && announcement_names_site(&object->prefix, instance->site_name);
	announcement->object = object != NULL ? object_ref(object) : NULL;
	if (object != NULL) {
		announcement->watched = object_ref(object);
		bool anew = watched == NULL || !same_question(&watched->prefix, &object->prefix);
		if (anew)
			ask_anew(announcement, object, instance);
		/* What was last heard while it was of another site is old. */
		if (anew || (announcement->here && !was_here))
			forget_answers(announcement, prober, now);
		object_unref(watched);
	}
	object_unref(before);
}

static void explain_order(const struct override *order, char text[PREFIX_REASON_MAX])
{
	snprintf(text, PREFIX_REASON_MAX, "ordered by %s: %.160s",
		 order->author != NULL ? order->author : "an operator",
		 order->reason != NULL ? order->reason : "");
}

void announcement_order(struct announcement *item, const struct model *model, int64_t wall_ms)
{
	static const enum prefix_order orders[] = {[OVERRIDE_UP] = ORDER_UP,
						   [OVERRIDE_DOWN] = ORDER_DOWN,
						   [OVERRIDE_DRAIN] = ORDER_DRAIN,
						   [OVERRIDE_FREEZE] = ORDER_NONE};
	const struct override *order = model_override(model, item->id, wall_ms);
	const struct override *freeze = model_override(model, "prefix/*", wall_ms);
	item->order = order != NULL ? orders[order->action] : ORDER_NONE;
	item->order_reason[0] = '\0';
	if (order != NULL)
		explain_order(order, item->order_reason);
	if (order != NULL && order->action == OVERRIDE_FREEZE)
		freeze = order;
	item->frozen = freeze != NULL;
	if (freeze != NULL)
		explain_order(freeze, item->freeze_reason);
}

void announcement_hurry(struct announcement *announcement, struct mono now)
{
	announcement->due[PROBE_UDP] = announcement->due[PROBE_TCP] = now;
}

void announcement_probe(struct announcement *announcement, struct prober *prober, struct mono now)
{
	bool concerns = announcement->here || announcement->state.level != LEVEL_NONE;
	if (!concerns || !announcement->asked || announcement->watched == NULL ||
	    announcement->question.len == 0)
		return;
	for (int i = PROBE_UDP; i <= PROBE_TCP; i++) {
		struct probe *probe = &announcement->probes[i];
		if (probe->in_flight || mono_ms_between(now, announcement->due[i]) > 0)
			continue;
		probe_begin(prober, probe, (enum probe_transport)i,
			    &announcement->watched->prefix.address, announcement->port,
			    &announcement->question, now);
	}
}

static int64_t next_interval(const struct evidence *evidence, bool udp, bool watched)
{
	if (evidence->refused > 0 && evidence->class != EVIDENCE_PROOF)
		return REFUSED_MS;
	if (evidence_pending(evidence))
		return PENDING_MS;
	return udp && !watched && evidence->class == EVIDENCE_GOOD ? UNWATCHED_MS : INTERVAL_MS;
}

static void note(struct announcement *announcement, const struct probe *probe,
		 enum probe_outcome outcome, const char *reason, struct mono now)
{
	struct probe_note *note = &announcement->notes[announcement->noted++ % PROBE_NOTES];
	note->time_ms = wall_now_ms();
	note->transport = probe->transport;
	note->outcome = outcome;
	note->took_us = mono_us_between(probe->started, now);
	snprintf(note->reason, sizeof note->reason, "%s", reason);
}

bool announcement_probed(struct announcement *announcement, const struct probe *probe,
			 enum probe_outcome outcome, const char *reason, bool watched,
			 struct mono now)
{
	bool udp = probe->transport == PROBE_UDP;
	struct evidence *evidence = &announcement->evidence[probe->transport];
	note(announcement, probe, outcome, reason, now);
	bool news = evidence_feed(evidence, &evidence_defaults, outcome, reason);
	if (news)
		log_info("prefix %s: %s", announcement->net,
			 outcome == PROBE_GOOD ? "the responder answers" : reason);
	int64_t wait = next_interval(evidence, udp, watched);
	announcement->due[probe->transport] = mono_add_ms(probe->started, wait);
	/* One transport refused says to ask the other at once. */
	if (outcome == PROBE_REFUSED && evidence->refused == 1)
		announcement->due[udp ? PROBE_TCP : PROBE_UDP] = now;
	return news;
}

/* What speaks of this machine alone, whatever the configuration says now. */
static void take_watch(const struct announcement *announcement, const struct presence *presence,
		       struct plan_facts *facts)
{
	if (announcement->watched == NULL)
		return;
	const struct announce_prefix *config = &announcement->watched->prefix;
	facts->address = config->address;
	facts->interface = config->interface;
	facts->asked = announcement->asked;
	if (presence != NULL)
		facts->presence = presence_has(presence, &config->address, config->interface)
					  ? ADDRESS_PRESENT
					  : ADDRESS_ABSENT;
}

void announcement_facts(const struct announcement *announcement, const struct presence *presence,
			struct plan_facts *facts)
{
	const struct object *object = announcement->object;
	*facts = (struct plan_facts){
		.configured = announcement->here || !announcement->known,
		.address = announcement->prefix.addr,
		.udp = &announcement->evidence[PROBE_UDP],
		.tcp = &announcement->evidence[PROBE_TCP],
		.asked = true,
		.order = announcement->order,
		.order_reason = announcement->order_reason,
		.frozen = announcement->frozen,
		.freeze_reason = announcement->freeze_reason,
		/* Of a prefix that nobody knows any more, this may be the last site. */
		.min_sites = 1,
	};
	take_watch(announcement, presence, facts);
	if (object == NULL)
		return;
	const struct announce_prefix *config = &object->prefix;
	facts->pools = announcement->pools;
	facts->pools_serving = announcement->pools_serving;
	facts->backends_withdraw = config->on_backends_down == BACKENDS_WITHDRAW;
	facts->drain_s = config->drain_s;
	facts->min_sites = config->min_sites;
	/* Until sites hear of each other, those that are configured count as announcing. */
	facts->others_announcing = (unsigned)config->sites.count - (announcement->here ? 1 : 0);
}
