/* Knows OpenSSL's error codes that an operator meets, and their words. */
#include "healthcheck/tls_words.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* OpenSSL's reasons from 1000 on are alerts the peer sent, less 1000 (SSL_AD_REASON_OFFSET). */
static void say_reason(int reason, char *out, size_t len)
{
	switch (reason) {
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
		snprintf(out, len, "the server does not speak TLS");
		return;
	case SSL_R_UNSUPPORTED_PROTOCOL:
		snprintf(out, len, "the server's TLS version is below the monitor's min_tls");
		return;
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		snprintf(out, len, "the server closed the connection");
		return;
	default:
		break;
	}
	if (reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) {
		int alert = reason - SSL_AD_REASON_OFFSET;
		/* RFC 8446 section 6.2; OpenSSL 3.0 has no text for it. */
		bool certificate = alert == SSL_AD_CERTIFICATE_REQUIRED;
		snprintf(out, len, "the server sent the alert \"%s\" (%d)",
			 certificate ? "certificate required" : SSL_alert_desc_string_long(alert),
			 alert);
		return;
	}
	const char *why = ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, reason));
	snprintf(out, len, "%s", why != NULL ? why : "unknown error");
}

bool tls_words(const char *text, char *out, size_t len)
{
	const char *at = strstr(text, "error:");
	if (at == NULL)
		return false;
	char *end;
	unsigned long code = strtoul(at + 6, &end, 16);
	if (end == at + 6 || *end != ':')
		return false;
	if (ERR_GET_LIB(code) == ERR_LIB_SSL)
		say_reason(ERR_GET_REASON(code), out, len);
	else
		snprintf(out, len, "%.*s", (int)strcspn(end + 1, "\n"), end + 1);
	return true;
}
