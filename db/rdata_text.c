/* Knows the faults of presentation text that ldns 1.8 reads without a word. */
#include "db/rdata_text.h"

#include "base/mem.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

/* Quotations end, and nothing outside of them begins a comment or joins lines (RFC 1035 section
 * 5.1): the data of a record is one line here. */
static bool check_quoting(const char *text, struct error *error)
{
	bool quoted = false;
	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0') {
			text++;
		} else if (*text == '"') {
			quoted = !quoted;
		} else if (!quoted && strchr(";()", *text) != NULL) {
			error_set(error,
				  "holds \"%c\" outside of quotes; put the text into "
				  "\"quotes\"",
				  *text);
			return false;
		}
	}
	if (quoted)
		error_set(error, "opens a quotation and does not close it");
	return !quoted;
}

/* The highest number that a field of KIND holds; 0 where it is no plain number. */
static unsigned long field_max(ldns_rdf_type kind)
{
	switch (kind) {
	case LDNS_RDF_TYPE_INT8:
	case LDNS_RDF_TYPE_ALG:
	case LDNS_RDF_TYPE_CERTIFICATE_USAGE:
	case LDNS_RDF_TYPE_SELECTOR:
	case LDNS_RDF_TYPE_MATCHING_TYPE:
		return UINT8_MAX;
	case LDNS_RDF_TYPE_INT16:
	case LDNS_RDF_TYPE_CERT_ALG:
		return UINT16_MAX;
	case LDNS_RDF_TYPE_INT32:
		return UINT32_MAX;
	default:
		return 0;
	}
}

static bool names_allowed(ldns_rdf_type kind)
{
	return kind != LDNS_RDF_TYPE_INT8 && kind != LDNS_RDF_TYPE_INT16 &&
	       kind != LDNS_RDF_TYPE_INT32;
}

/* The length of the word at TEXT, quoted or not. */
static size_t word_len(const char *text)
{
	size_t len = 0;
	bool quoted = false;
	for (; text[len] != '\0' && (quoted || !isblank((unsigned char)text[len])); len++) {
		if (text[len] == '"')
			quoted = !quoted;
		else if (text[len] == '\\' && text[len + 1] != '\0')
			len++;
	}
	return len;
}

/* CERT's first field by its mnemonic (RFC 4398 section 2.1), or from 1 on: ldns leaks what it
 * refuses here. */
static bool is_certificate_type(const char *word, size_t len)
{
	char name[16];
	if (len >= sizeof name)
		return false;
	memcpy(name, word, len);
	name[len] = '\0';
	return strspn(word, "0123456789") >= len
		       ? strtoul(name, NULL, 10) > 0
		       : ldns_lookup_by_name(ldns_cert_algorithms, name) != NULL;
}

static bool check_number(const char *word, size_t len, ldns_rdf_type kind, struct error *error)
{
	unsigned long max = field_max(kind);
	if (kind == LDNS_RDF_TYPE_CERT_ALG && !is_certificate_type(word, len)) {
		error_set(error, "holds \"%.*s\" where a type of certificate must stand, as PKIX",
			  (int)(len < 40 ? len : 40), word);
		return false;
	}
	bool digits = strspn(word, "0123456789") >= len;
	if (max == 0 || (!digits && names_allowed(kind)))
		return true;
	if (digits && len <= 10 && strtoul(word, NULL, 10) <= max)
		return true;
	error_set(error, "holds \"%.*s\" where a number of 0 to %lu must stand",
		  (int)(len < 40 ? len : 40), word, max);
	return false;
}

/* Hexadecimal digits, blanks among them allowed, come in pairs. */
static bool check_hex(const char *rest, struct error *error)
{
	size_t digits = 0;
	for (; *rest != '\0'; rest++)
		digits += isblank((unsigned char)*rest) ? 0 : 1;
	if (digits % 2 != 0)
		error_set(error, "ends with half an octet; it has %zu hexadecimal digits", digits);
	return digits % 2 == 0;
}

static bool check_fields(uint16_t type, const char *text, struct error *error)
{
	const ldns_rr_descriptor *descriptor = ldns_rr_descript(type);
	size_t count = ldns_rr_descriptor_maximum(descriptor);
	for (size_t field = 0; field < count; field++) {
		text += strspn(text, " \t");
		size_t len = word_len(text);
		if (len == 0)
			break;
		ldns_rdf_type kind = ldns_rr_descriptor_field_type(descriptor, field);
		if (kind == LDNS_RDF_TYPE_HEX)
			return check_hex(text, error);
		if (!check_number(text, len, kind, error))
			return false;
		if (field >= ldns_rr_descriptor_minimum(descriptor) + 64)
			break; /* variable lists of the last field's kind */
		text += len;
	}
	return true;
}

/* "port=70000" of SVCB and HTTPS (RFC 9460 section 7.2) wraps too. */
static bool check_port(const char *text, struct error *error)
{
	while (*(text += strspn(text, " \t")) != '\0') {
		size_t len = word_len(text);
		if (strncmp(text, "port=", 5) == 0 &&
		    (strspn(text + 5, "0123456789\"") < len - 5 || len == 5 || len > 12 ||
		     strtoul(text + (text[5] == '"' ? 6 : 5), NULL, 10) > UINT16_MAX)) {
			error_set(error, "holds \"%.*s\"; a port is a number of 0 to 65535",
				  (int)(len < 40 ? len : 40), text);
			return false;
		}
		text += len;
	}
	return true;
}

/* RFC 3597 section 5: \# begins the generic form, as the first word alone; ldns takes it anywhere.
 */
static bool check_generic(const char *text, struct error *error)
{
	while (*(text += strspn(text, " \t")) != '\0') {
		size_t len = word_len(text);
		if (len == 2 && strncmp(text, "\\#", 2) == 0) {
			error_set(error, "holds \"\\#\" behind other data; it stands first or "
					 "not at all");
			return false;
		}
		text += len;
	}
	return true;
}

static bool is_base64(const char *word, size_t len)
{
	char *copy = mem_printf("%.*s", (int)len, word);
	ldns_rdf *key = NULL;
	bool good = ldns_str2rdf_b64(&key, copy) == LDNS_STATUS_OK;
	ldns_rdf_deep_free(key);
	free(copy);
	return good;
}

/* ldns takes a gateway's name for a whole one even without its final dot. */
static bool check_gateway(const char *word, size_t len, struct error *error)
{
	if (word[len - 1] != '.')
		error_set(error,
			  "holds \"%.*s\" where a gateway's whole name must stand, with a "
			  "final dot",
			  (int)(len < 40 ? len : 40), word);
	return word[len - 1] == '.';
}

/*
 * RFC 4025 section 3.1: precedence, type of gateway and algorithm, the gateway, the key. ldns takes
 * anything for a number, and leaks the gateway where not exactly one word of base64 follows. Words
 * are counted as if nothing were quoted or escaped, so that it sees no more of them.
 */
static bool check_ipseckey(const char *text, struct error *error)
{
	enum { TYPE = 1, NUMBERS = 3, GATEWAY = 3, KEY = 4, TYPE_NAME = 3 };
	unsigned long gateway_type = 0;
	for (unsigned field = 0; *(text += strspn(text, " \t\n")) != '\0'; field++) {
		size_t len = strcspn(text, " \t\n");
		if (field < NUMBERS && !check_number(text, len, LDNS_RDF_TYPE_INT8, error))
			return false;
		if (field == TYPE)
			gateway_type = strtoul(text, NULL, 10);
		if (memchr(text, '"', len) != NULL ||
		    (field >= KEY && (field > KEY || !is_base64(text, len)))) {
			error_set(error,
				  "holds \"%.*s\"; an IPSECKEY is three numbers, a gateway, and a "
				  "key "
				  "in base64 without blanks",
				  (int)(len < 40 ? len : 40), text);
			return false;
		}
		if (field == GATEWAY && gateway_type == TYPE_NAME &&
		    !check_gateway(text, len, error))
			return false;
		text += len;
	}
	return true;
}

bool rdata_text_check(uint16_t type, const char *text, struct error *error)
{
	if (!check_quoting(text, error) || !check_generic(text, error) ||
	    !check_fields(type, text, error))
		return false;
	if (type == LDNS_RR_TYPE_IPSECKEY)
		return check_ipseckey(text, error);
	return (type != LDNS_RR_TYPE_SVCB && type != LDNS_RR_TYPE_HTTPS) || check_port(text, error);
}
