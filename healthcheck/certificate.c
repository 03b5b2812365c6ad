/* Knows how to read an X.509 certificate's names and dates. */
#include "healthcheck/certificate.h"

#include "base/mem.h"
#include "base/wall.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_SHOWN = 3, ONE_NAME_MAX = 254, MS_PER_DAY = 86400000 };

/* Copies LEN octets of somebody else's text as printable ASCII. */
static void copy_printable(char *out, size_t size, const unsigned char *text, int len)
{
	size_t used = 0;
	for (int i = 0; i < len && used + 1 < size; i++)
		out[used++] = text[i] >= ' ' && text[i] < 0x7f ? (char)text[i] : '?';
	out[used] = '\0';
}

void certificate_name_text(const void *name, char out[CERTIFICATE_NAME_MAX])
{
	out[0] = '\0';
	BIO *bio = BIO_new(BIO_s_mem());
	if (bio == NULL)
		return;
	X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
	char *text = NULL;
	long len = BIO_get_mem_data(bio, &text);
	copy_printable(out, CERTIFICATE_NAME_MAX, (const unsigned char *)text, (int)len);
	BIO_free(bio);
}

int64_t certificate_time_ms(const void *time)
{
	struct tm parts;
	if (ASN1_TIME_to_tm(time, &parts) != 1)
		return 0;
	return (int64_t)timegm(&parts) * 1000;
}

void certificate_date_text(int64_t ms, char *out)
{
	wall_format(ms, out);
	char *fraction = strchr(out, '.');
	if (fraction != NULL)
		memcpy(fraction, "Z", 2);
}

static void san_text(const GENERAL_NAME *name, char *out, size_t size)
{
	out[0] = '\0';
	if (name->type == GEN_DNS) {
		copy_printable(out, size, ASN1_STRING_get0_data(name->d.dNSName),
			       ASN1_STRING_length(name->d.dNSName));
	} else if (name->type == GEN_IPADD) {
		int len = ASN1_STRING_length(name->d.iPAddress);
		const unsigned char *octets = ASN1_STRING_get0_data(name->d.iPAddress);
		if (len == 4 || len == 16)
			inet_ntop(len == 4 ? AF_INET : AF_INET6, octets, out, (socklen_t)size);
	}
}

static json_t *names_of(const X509 *x509)
{
	json_t *all = json_array();
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		char one[ONE_NAME_MAX];
		san_text(sk_GENERAL_NAME_value(names, i), one, sizeof one);
		if (one[0] != '\0' && json_array_size(all) < CERTIFICATE_NAMES_MAX)
			json_array_append_new(all, json_string(one));
	}
	GENERAL_NAMES_free(names);
	return all;
}

void certificate_names_text(const void *x509, char *out, size_t size)
{
	json_t *names = names_of(x509);
	size_t used = 0, shown = 0, count = json_array_size(names);
	out[0] = '\0';
	for (; shown < count && shown < NAMES_SHOWN; shown++) {
		const char *one = json_string_value(json_array_get(names, shown));
		if (used + strlen(one) + 20 > size)
			break;
		used += (size_t)snprintf(out + used, size - used, "%s%s", shown > 0 ? ", " : "",
					 one);
	}
	if (shown < count)
		snprintf(out + used, size - used, "%s%zu%s", shown > 0 ? " and " : "",
			 count - shown, shown > 0 ? " more" : " long names");
	json_decref(names);
}

int64_t certificate_days_left(const struct certificate *certificate, int64_t now_ms)
{
	int64_t left_ms = certificate->not_after_ms - now_ms;
	return left_ms >= 0 ? left_ms / MS_PER_DAY : -(-left_ms / MS_PER_DAY + 1);
}

enum certificate_state certificate_judge(const struct certificate *certificate, unsigned warn_days,
					 int64_t now_ms)
{
	if (certificate->not_after_ms == 0) /* it could not be read */
		return CERTIFICATE_WELL;
	if (now_ms > certificate->not_after_ms)
		return CERTIFICATE_EXPIRED;
	return certificate_days_left(certificate, now_ms) < (int64_t)warn_days
		       ? CERTIFICATE_EXPIRING
		       : CERTIFICATE_WELL;
}

const char *certificate_state_name(enum certificate_state state)
{
	static const char *const names[] = {[CERTIFICATE_WELL] = "well",
					    [CERTIFICATE_EXPIRING] = "expiring",
					    [CERTIFICATE_EXPIRED] = "expired"};
	return names[state];
}

bool certificate_state_parse(const char *text, enum certificate_state *state)
{
	for (int i = CERTIFICATE_WELL; text != NULL && i <= CERTIFICATE_EXPIRED; i++) {
		if (strcmp(text, certificate_state_name((enum certificate_state)i)) != 0)
			continue;
		*state = (enum certificate_state)i;
		return true;
	}
	return false;
}

struct certificate *certificate_of(const void *x509, struct certificate *before)
{
	unsigned char digest[sizeof before->digest] = {0};
	X509_digest(x509, EVP_sha256(), digest, NULL);
	if (before != NULL && memcmp(before->digest, digest, sizeof digest) == 0)
		return certificate_ref(before);
	char subject[CERTIFICATE_NAME_MAX], issuer[CERTIFICATE_NAME_MAX];
	struct certificate *certificate = mem_new(struct certificate);
	certificate_name_text(X509_get_subject_name(x509), subject);
	certificate_name_text(X509_get_issuer_name(x509), issuer);
	*certificate = (struct certificate){
		.users = 1,
		.not_before_ms = certificate_time_ms(X509_get0_notBefore(x509)),
		.not_after_ms = certificate_time_ms(X509_get0_notAfter(x509)),
		.subject = mem_strdup(subject),
		.issuer = mem_strdup(issuer),
		.names = names_of(x509)};
	memcpy(certificate->digest, digest, sizeof digest);
	return certificate;
}

struct certificate *certificate_ref(const struct certificate *certificate)
{
	struct certificate *shared = (struct certificate *)(uintptr_t)certificate;
	shared->users++;
	return shared;
}

void certificate_unref(struct certificate *certificate)
{
	if (certificate == NULL || --certificate->users > 0)
		return;
	free(certificate->subject);
	free(certificate->issuer);
	json_decref(certificate->names);
	free(certificate);
}
