/* Knows anycast prefixes and the safety rules of their announcement as JSON. */
#include "base/mem.h"
#include "db/codec_kinds.h"
#include "db/names.h"
#include "db/rdata.h"

#include <string.h>

static const char *const down_words[] = {"degrade", "withdraw"};

static void decode_prefix(struct jread *reader, struct object *object)
{
	struct announce_prefix *prefix = &object->prefix;
	struct jpath at = jpath_key(reader->path, "prefix");
	const char *text = jread_text(reader, "prefix", REQUIRED, 64);
	char id[PREFIX_TEXT_MAX];
	if (text == NULL || !codec_cidr(text, &at, reader->findings, &prefix->prefix))
		return;
	if (prefix->prefix.len == 0)
		jread_wrong(reader, "prefix", "is the default route; name the prefix you own");
	prefix_format(&prefix->prefix, id);
	object->id = mem_strdup(id);
}

/* An address of the machine itself is taken for a site that is tried out on one machine. */
static bool is_loopback(const struct addr *addr)
{
	static const uint8_t one[16] = {[15] = 1};
	return addr->family == ADDR_IPV4 ? addr->bytes[0] == 127
					 : memcmp(addr->bytes, one, sizeof one) == 0;
}

static void decode_address(struct jread *reader, struct object *object)
{
	struct announce_prefix *prefix = &object->prefix;
	const char *text = jread_text(reader, "address", REQUIRED, 64);
	if (text == NULL)
		return;
	if (!addr_parse(text, &prefix->address))
		jread_wrong(reader, "address", "is not an IP address: \"%.80s\"", text);
	else if (object->id != NULL && !prefix_contains(&prefix->prefix, &prefix->address) &&
		 !is_loopback(&prefix->address))
		jread_wrong(reader, "address", "%s does not lie within %s", text, object->id);
}

/* "example.com. SOA" in its canonical spelling, or NULL with a finding. */
static char *decode_question(struct jread *reader)
{
	char name[DNS_NAME_TEXT_MAX], canonical[DNS_NAME_TEXT_MAX], type_text[16];
	uint16_t type;
	const char *text = jread_text(reader, "dns", OPTIONAL, DNS_NAME_TEXT_MAX - 1);
	if (text == NULL)
		return NULL;
	const char *blank = strchr(text, ' ');
	size_t len = blank != NULL ? (size_t)(blank - text) : 0;
	memcpy(name, text, len);
	name[len] = '\0';
	if (blank == NULL || dns_name_canonical(name, canonical) != NULL ||
	    !rdata_type_parse(blank + 1, &type)) {
		jread_wrong(reader, "dns",
			    "must be a name and a type as in \"example.com. SOA\"; it is \"%.80s\"",
			    text);
		return NULL;
	}
	rdata_type_format(type, type_text);
	return mem_printf("%s%s %s", canonical, strcmp(canonical, ".") == 0 ? "" : ".", type_text);
}

static void decode_needs(struct jread *reader, struct announce_prefix *prefix)
{
	const json_t *value = jread_value(reader, "needs", OPTIONAL);
	struct jpath path = jpath_key(reader->path, "needs");
	struct jread needs;
	if (value == NULL || json_is_null(value))
		return;
	jread_open(&needs, value, &path, "prefix's needs", reader->findings);
	prefix->needs_dns = decode_question(&needs);
	prefix->needs_pools = jread_names(&needs, "pools", OPTIONAL);
	jread_close(&needs);
}

void codec_decode_prefix(struct jread *reader, const struct codec_scope *scope,
			 struct object *object)
{
	struct announce_prefix *prefix = &object->prefix;
	(void)scope;
	decode_prefix(reader, object);
	decode_address(reader, object);
	prefix->sites = jread_names(reader, "sites", REQUIRED);
	const char *interface = jread_text(reader, "interface", OPTIONAL, 64);
	prefix->interface = mem_strdup(interface != NULL ? interface : "lo");
	/* IFNAMSIZ with the NUL; what Linux forbids in a name (dev_valid_name). */
	if (strlen(prefix->interface) > 15 || strpbrk(prefix->interface, "/: ") != NULL)
		jread_wrong(reader, "interface", "is not the name of an interface: \"%s\"",
			    prefix->interface);
	decode_needs(reader, prefix);
	prefix->on_backends_down =
		(enum backends_down)jread_word(reader, "on_backends_down", down_words, 2, 0);
	prefix->drain_s = jread_uint(reader, "drain_s", 0, 3600, 30);
	prefix->min_sites = jread_uint(reader, "min_sites", 0, 1000, 1);
}

json_t *codec_encode_prefix(const struct object *object)
{
	const struct announce_prefix *prefix = &object->prefix;
	char text[PREFIX_TEXT_MAX], address[ADDR_TEXT_MAX];
	prefix_format(&prefix->prefix, text);
	addr_format(&prefix->address, address);
	json_t *needs = json_pack("{s:o, s:o}", "dns", codec_text(prefix->needs_dns), "pools",
				  codec_texts(&prefix->needs_pools));
	return json_pack("{s:s, s:s, s:o, s:s, s:o, s:s, s:I, s:I}", "prefix", text, "address",
			 address, "sites", codec_texts(&prefix->sites), "interface",
			 prefix->interface, "needs", needs, "on_backends_down",
			 down_words[prefix->on_backends_down], "drain_s",
			 (json_int_t)prefix->drain_s, "min_sites", (json_int_t)prefix->min_sites);
}

void codec_decode_safety(struct jread *reader, const struct codec_scope *scope,
			 struct object *object)
{
	(void)scope;
	object->id = mem_strdup("safety");
	object->safety.max_withdraw_per_10min =
		jread_uint(reader, "max_withdraw_per_10min", 0, 1000, 3);
	object->safety.panic_fraction = jread_real(reader, "panic_fraction", 0, 1, 0.5);
	object->safety.database_old_days = jread_uint(reader, "database_old_days", 0, 36500, 45);
}

json_t *codec_encode_safety(const struct object *object)
{
	return json_pack("{s:I, s:f, s:I}", "max_withdraw_per_10min",
			 (json_int_t)object->safety.max_withdraw_per_10min, "panic_fraction",
			 object->safety.panic_fraction, "database_old_days",
			 (json_int_t)object->safety.database_old_days);
}
