/* Knows how ldns is asked, and what of record data needs no asking. */
#include "db/rdata.h"

#include "base/addr.h"
#include "base/mem.h"
#include "db/rdata_text.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WIRE_MAX = 65535, FORM_MAX = 262144 };

/* Types that ask or steer and are no data (RFC 6895 section 3.1: 128 to 255; OPT; 0 is reserved).
 */
static bool is_data(unsigned long type)
{
	return type >= 1 && type <= UINT16_MAX && type != LDNS_RR_TYPE_OPT &&
	       (type < 128 || type > 255);
}

/* The name that ldns has for TYPE, NULL where it has none. */
static const char *known_name(uint16_t type)
{
	const ldns_rr_descriptor *descriptor = ldns_rr_descript(type);
	if (descriptor == NULL || descriptor->_name == NULL ||
	    strncmp(descriptor->_name, "TYPE", 4) == 0)
		return NULL;
	return descriptor->_name;
}

bool rdata_type_parse(const char *text, uint16_t *type)
{
	char *end;
	if (strncasecmp(text, "TYPE", 4) == 0) {
		unsigned long number =
			isdigit((unsigned char)text[4]) ? strtoul(text + 4, &end, 10) : 0;
		if (!is_data(number) || *end != '\0' || strlen(text) > 9)
			return false;
		*type = (uint16_t)number;
		return true;
	}
	unsigned long number = ldns_get_rr_type_by_name(text);
	if (!is_data(number) || known_name((uint16_t)number) == NULL ||
	    strcasecmp(known_name((uint16_t)number), text) != 0)
		return false;
	*type = (uint16_t)number;
	return true;
}

void rdata_type_format(uint16_t type, char text[16])
{
	const char *name = is_data(type) ? known_name(type) : NULL;
	if (name != NULL)
		snprintf(text, 16, "%s", name);
	else
		snprintf(text, 16, "TYPE%u", type);
}

/* What a type is called in a sentence: "an IPv4 address" for A. */
static const char *expected(uint16_t type)
{
	switch (type) {
	case LDNS_RR_TYPE_A:
		return "an IPv4 address";
	case LDNS_RR_TYPE_AAAA:
		return "an IPv6 address";
	case LDNS_RR_TYPE_NS:
	case LDNS_RR_TYPE_CNAME:
	case LDNS_RR_TYPE_PTR:
	case LDNS_RR_TYPE_DNAME:
		return "a domain name";
	case LDNS_RR_TYPE_MX:
		return "a preference and a mail server, as in \"10 mail\"";
	case LDNS_RR_TYPE_SRV:
		return "priority, weight, port and target, as in \"0 5 443 www\"";
	case LDNS_RR_TYPE_TXT:
		return "texts of up to 255 octets each, as in \"\\\"v=spf1 -all\\\"\"";
	case LDNS_RR_TYPE_CAA:
		return "flags, tag and value, as in \"0 issue \\\"ca.example\\\"\"";
	default:
		return NULL;
	}
}

/* Sets "is not an IPv4 address: "192.0.2.300"", with the reason of ldns where no sentence of ours
 * says more. */
static bool refuse(uint16_t type, const char *text, const char *why, struct error *error)
{
	char name[16];
	rdata_type_format(type, name);
	const char *what = text[0] != '\\' ? expected(type) : NULL;
	const char *cut = strlen(text) > 80 ? "..." : "";
	if (what != NULL)
		error_set(error, "is not %s: \"%.80s%s\"", what, text, cut);
	else
		error_set(error, "is not data of type %s: \"%.80s%s\"%s%s", name, text, cut,
			  why != NULL ? ": " : "", why != NULL ? why : "");
	return false;
}

static bool parse_address(uint16_t type, const char *text, uint8_t *wire, size_t *len,
			  struct error *error)
{
	struct addr addr;
	uint8_t family = type == LDNS_RR_TYPE_A ? ADDR_IPV4 : ADDR_IPV6;
	if (!addr_parse(text, &addr) || addr.family != family)
		return refuse(type, text, NULL, error);
	*len = addr_bits(&addr) / 8;
	memcpy(wire, addr.bytes, *len);
	return true;
}

/* The generic form of RFC 3597 section 5, \# LENGTH HEX. */
static bool parse_generic(const char *text, uint8_t *wire, size_t *len)
{
	char *rest;
	text += 2;
	if (!isblank((unsigned char)*text))
		return false;
	text += strspn(text, " \t");
	if (!isdigit((unsigned char)*text))
		return false;
	unsigned long stated = strtoul(text, &rest, 10);
	size_t digits = 0;
	for (; *rest != '\0'; rest++) {
		if (isblank((unsigned char)*rest))
			continue;
		if (!isxdigit((unsigned char)*rest) || digits >= 2 * (size_t)WIRE_MAX)
			return false;
		unsigned value = (unsigned)ldns_hexdigit_to_int(*rest);
		wire[digits / 2] =
			(uint8_t)(digits % 2 == 0 ? value << 4 : wire[digits / 2] | value);
		digits++;
	}
	*len = digits / 2;
	return digits % 2 == 0 && *len == stated;
}

/* Copies the fields of RR, which are in wire form and uncompressed, one after the other. False
 * where they do not fit MAX. */
static bool join_fields(const ldns_rr *rr, uint8_t *wire, size_t max, size_t *len)
{
	*len = 0;
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *field = ldns_rr_rdf(rr, i);
		if (ldns_rdf_size(field) > max - *len)
			return false;
		if (ldns_rdf_size(field) > 0)
			memcpy(wire + *len, ldns_rdf_data(field), ldns_rdf_size(field));
		*len += ldns_rdf_size(field);
	}
	return true;
}

/* RFC 9460 section 2.2: keys in strictly increasing order; section 7.1.1: no-default-alpn (2) not
 * without alpn (1); section 8: what is mandatory is there. */
static const char *svcb_fault(const uint8_t *wire, size_t len)
{
	size_t at = 2;
	while (at < len && wire[at] != 0)
		at += 1 + (size_t)wire[at];
	uint8_t seen[65536 / 8] = {0};
	const uint8_t *mandatory = NULL;
	size_t mandatory_len = 0;
	long last = -1;
	for (at++; at + 4 <= len;) {
		unsigned key = (unsigned)wire[at] << 8 | wire[at + 1];
		size_t value_len = (size_t)wire[at + 2] << 8 | wire[at + 3];
		if ((long)key <= last)
			return "a key stands twice";
		last = (long)key;
		seen[key / 8] |= (uint8_t)(1U << key % 8);
		at += 4;
		if (key == 0) {
			mandatory = wire + at;
			mandatory_len = value_len < len - at ? value_len : len - at;
		}
		at += value_len;
	}
	if ((seen[0] & 6) == 4)
		return "no-default-alpn stands without alpn";
	for (size_t i = 0; i + 2 <= mandatory_len; i += 2) {
		unsigned key = (unsigned)mandatory[i] << 8 | mandatory[i + 1];
		if (key == 0 || (seen[key / 8] & 1U << key % 8) == 0)
			return "a mandatory key is missing";
	}
	return NULL;
}

static bool is_svcb(uint16_t type)
{
	return type == LDNS_RR_TYPE_SVCB || type == LDNS_RR_TYPE_HTTPS;
}

/* The presentation text of TYPE to ldns, whose lines are whole records. */
static bool parse_form(uint16_t type, const char *text, const char *origin, ldns_rr **rr,
		       const char **why)
{
	char name[16];
	rdata_type_format(type, name);
	ldns_rdf *zone = ldns_dname_new_frm_str(origin);
	if (zone == NULL) {
		*why = "its zone has no valid name";
		return false;
	}
	char *line = mem_printf(". 0 IN %s %s", name, text);
	ldns_status status = ldns_rr_new_frm_str(rr, line, 0, zone, NULL);
	free(line);
	ldns_rdf_deep_free(zone);
	*why = status != LDNS_STATUS_OK ? ldns_get_errorstr_by_id(status) : NULL;
	return status == LDNS_STATUS_OK;
}

bool rdata_parse(uint16_t type, const char *text, const char *origin, uint8_t *wire, size_t *len,
		 struct error *error)
{
	if (text[0] == '\\' && text[1] == '#') {
		char *form = parse_generic(text, wire, len) ? rdata_format(type, wire, *len) : NULL;
		bool good = form != NULL;
		free(form);
		return good ||
		       refuse(type, text, "it does not fit the generic form \\# LENGTH HEX", error);
	}
	if (type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_AAAA)
		return parse_address(type, text, wire, len, error);
	if (strlen(text) > FORM_MAX)
		return refuse(type, text, "it is too long", error);
	if (known_name(type) == NULL)
		return refuse(type, text, "write it in the generic form \\# LENGTH HEX", error);
	if (!rdata_text_check(type, text, error))
		return false;
	const char *why = NULL;
	ldns_rr *rr = NULL;
	bool good = parse_form(type, text, origin, &rr, &why);
	if (good && !join_fields(rr, wire, WIRE_MAX, len)) {
		why = "it is longer than 65,535 octets";
		good = false;
	}
	ldns_rr_free(rr);
	if (good && is_svcb(type)) {
		why = svcb_fault(wire, *len);
		good = why == NULL;
	}
	return good || refuse(type, text, why, error);
}

/* RFC 3597 section 5. */
static char *format_generic(const uint8_t *wire, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = mem_array(2 * len + 16, 1);
	int used = sprintf(text, len > 0 ? "\\# %zu " : "\\# %zu", len);
	for (size_t i = 0; i < len; i++) {
		text[(size_t)used + 2 * i] = digits[wire[i] >> 4];
		text[(size_t)used + 2 * i + 1] = digits[wire[i] & 15];
	}
	return text;
}

/* The data of one record in wire form, as a record that ldns has read; NULL where it is malformed:
 * a field is missing, something stands behind the last, or a name is compressed. */
static ldns_rr *read_wire(uint16_t type, const uint8_t *wire, size_t len)
{
	uint8_t *record = mem_array(11 + len, 1), *again = mem_array(len, 1);
	const uint8_t head[11] = {0, (uint8_t)(type >> 8), (uint8_t)type, 0, 1, 0, 0, 0,
				  0, (uint8_t)(len >> 8),  (uint8_t)len};
	memcpy(record, head, sizeof head);
	if (len > 0)
		memcpy(record + sizeof head, wire, len);
	ldns_rr *rr = NULL;
	size_t at = 0, again_len = 0;
	bool good = ldns_wire2rr(&rr, record, sizeof head + len, &at, LDNS_SECTION_ANSWER) ==
			    LDNS_STATUS_OK &&
		    ldns_rr_rd_count(rr) >= ldns_rr_descriptor_minimum(ldns_rr_descript(type)) &&
		    join_fields(rr, again, len, &again_len) && again_len == len &&
		    (len == 0 || memcmp(again, wire, len) == 0);
	free(record);
	free(again);
	if (good)
		return rr;
	ldns_rr_free(rr);
	return NULL;
}

/* A name as RFC 1035 section 5.1 writes it; ldns leaves quotation marks as they are, which then
 * would open a text. */
static bool print_name(ldns_buffer *buffer, const ldns_rdf *name)
{
	const uint8_t *at = ldns_rdf_data(name);
	bool good = *at != 0 || ldns_buffer_printf(buffer, ".") > 0;
	for (; good && *at != 0; at += 1 + *at) {
		for (unsigned i = 1; good && i <= *at; i++) {
			uint8_t octet = at[i];
			const char *form = octet <= ' ' || octet >= 127		 ? "\\%03u"
					   : strchr(".\\\"();@$", octet) != NULL ? "\\%c"
										 : "%c";
			good = ldns_buffer_printf(buffer, form, octet) > 0;
		}
		good = good && ldns_buffer_printf(buffer, ".") > 0;
	}
	return good;
}

/* ldns puts quotes around a value for blanks alone: what outside of quotes begins a comment or
 * joins lines (RFC 1035 section 5.1) is escaped. */
static bool print_params(ldns_buffer *buffer, const ldns_rdf *params)
{
	ldns_buffer *plain = ldns_buffer_new(512);
	bool good = plain != NULL && ldns_rdf2buffer_str(plain, params) == LDNS_STATUS_OK;
	bool quoted = false, escaped = false;
	for (size_t i = 0; good && i < ldns_buffer_position(plain); i++) {
		char c = (char)*ldns_buffer_at(plain, i);
		bool special = !quoted && !escaped && (c == ';' || c == '(' || c == ')');
		good = ldns_buffer_printf(buffer, special ? "\\%c" : "%c", c) > 0;
		quoted ^= c == '"' && !escaped;
		escaped = c == '\\' && !escaped;
	}
	ldns_buffer_free(plain);
	return good;
}

static bool print_field(ldns_buffer *buffer, const ldns_rdf *field)
{
	if (ldns_rdf_get_type(field) == LDNS_RDF_TYPE_DNAME)
		return print_name(buffer, field);
	if (ldns_rdf_get_type(field) == LDNS_RDF_TYPE_SVCPARAMS)
		return print_params(buffer, field);
	return ldns_rdf2buffer_str(buffer, field) == LDNS_STATUS_OK;
}

char *rdata_format(uint16_t type, const uint8_t *wire, size_t len)
{
	if (len > WIRE_MAX)
		return NULL;
	if (known_name(type) == NULL)
		return format_generic(wire, len);
	ldns_rr *rr = read_wire(type, wire, len);
	if (rr == NULL)
		return NULL;
	ldns_buffer *buffer = ldns_buffer_new(512);
	bool good = buffer != NULL;
	for (size_t i = 0; good && i < ldns_rr_rd_count(rr); i++) {
		if (i > 0)
			good = ldns_buffer_printf(buffer, " ") > 0;
		good = good && print_field(buffer, ldns_rr_rdf(rr, i));
	}
	char *text = NULL;
	if (good) {
		size_t used = ldns_buffer_position(buffer);
		text = mem_array(used + 1, 1);
		memcpy(text, ldns_buffer_begin(buffer), used);
		while (used > 0 && text[used - 1] == ' ')
			text[--used] = '\0';
	}
	ldns_buffer_free(buffer);
	ldns_rr_free(rr);
	return text;
}
