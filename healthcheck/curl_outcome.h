/* curl_outcome: a transfer's end in libcurl's terms, as a probe's result. */
#ifndef MERIDIAN_HEALTHCHECK_CURL_OUTCOME_H
#define MERIDIAN_HEALTHCHECK_CURL_OUTCOME_H

#include "healthcheck/probe.h"

#include <curl/curl.h>

struct curl_outcome {
	CURL *easy;
	CURLcode code;	   /* not CURLE_OK */
	const char *error; /* CURLOPT_ERRORBUFFER */
	bool tls;
	bool handshaking; /* the TLS handshake was begun: libcurl itself does not tell */
	uint32_t timeout_ms;
	const char *where;
};

/* Sets outcome, reason and sentence of RESULT. */
void curl_outcome(struct probe_result *result, const struct curl_outcome *outcome);

/* What libcurl measured of the parts; the total is the caller's. */
void curl_outcome_phases(CURL *easy, bool tls, struct probe_phases *phases);

#endif
