/* gzip: compresses a response for a client that accepts it. */
#ifndef MERIDIAN_WEB_GZIP_H
#define MERIDIAN_WEB_GZIP_H

#include "web/response.h"

enum { GZIP_MIN = 1024 /* octets below which it does not pay */ };

/* Compresses an owned text body in place where REQUEST accepts gzip and it makes it smaller. */
void gzip_response(const struct request *request, struct response *response);

#endif
