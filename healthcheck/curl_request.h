/* curl_request: what a monitor asks for, as libcurl's options; set once for a handle. */
#ifndef MERIDIAN_HEALTHCHECK_CURL_REQUEST_H
#define MERIDIAN_HEALTHCHECK_CURL_REQUEST_H

#include "db/model.h"

#include <curl/curl.h>
#include <stdbool.h>

/* Method, header fields, body and version of a request. The list returned is the caller's and lives
 * as long as EASY uses it; MONITOR does, too. */
struct curl_slist *curl_request(CURL *easy, const struct monitor *monitor, bool tls);

/* Versions of TLS. Trust is trust.c's: libcurl reads no file, and its name check, which takes a
 * common name, is off. */
void curl_request_tls(CURL *easy, const struct monitor *monitor);

#endif
