/*
 * certificate: what is told of a server's certificate, and the words for what is in one.
 *
 * It is shared by the probe that saw it and the target that remembers it: ten thousand are kept, so
 * each takes what its texts do. All text is printable ASCII.
 */
#ifndef MERIDIAN_HEALTHCHECK_CERTIFICATE_H
#define MERIDIAN_HEALTHCHECK_CERTIFICATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CERTIFICATE_NAME_MAX = 256, CERTIFICATE_NAMES_MAX = 20 };

struct certificate {
	unsigned users;
	unsigned char digest[32];	     /* SHA-256 of the whole: tells another certificate */
	int64_t not_before_ms, not_after_ms; /* wall clock */
	char *subject, *issuer;
	json_t *names; /* of subjectAltName, DNS and IP: ["www.example.com"], the first few */
};

/* Pure. EXPIRING: within WARN_DAYS of its end. */
enum certificate_state { CERTIFICATE_WELL, CERTIFICATE_EXPIRING, CERTIFICATE_EXPIRED };
enum certificate_state certificate_judge(const struct certificate *certificate, unsigned warn_days,
					 int64_t now_ms);
/* "well", "expiring", "expired" */
const char *certificate_state_name(enum certificate_state state);
/* False, and *STATE is left alone, where TEXT (may be NULL) is none of them. */
bool certificate_state_parse(const char *text, enum certificate_state *state);
/* Whole days from NOW_MS to its end; negative behind it. */
int64_t certificate_days_left(const struct certificate *certificate, int64_t now_ms);

/* Of X509 (OpenSSL's X509 *), with one reference. BEFORE (may be NULL) is referenced again where it
 * is the same: to put one in words takes longer than to verify it. */
struct certificate *certificate_of(const void *x509, struct certificate *before);
struct certificate *certificate_ref(const struct certificate *certificate);
void certificate_unref(struct certificate *certificate); /* NULL is allowed */

/* "CN=www.example.com,O=Example" of an X509_NAME *. */
void certificate_name_text(const void *name, char out[CERTIFICATE_NAME_MAX]);
/* Milliseconds since 1970 of an ASN1_TIME *; 0 where it cannot be read. */
int64_t certificate_time_ms(const void *time);
/* "2026-01-02T03:04:05Z": certificates know whole seconds. OUT holds WALL_TEXT_MAX octets. */
void certificate_date_text(int64_t ms, char *out);
/* "a.example, b.example and 4 more" of X509's names that count; "" where it has none. */
void certificate_names_text(const void *x509, char *out, size_t size);

#endif
