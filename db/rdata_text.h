/*
 * rdata_text: what presentation text must not contain although ldns lets it pass: a number that
 * wraps, an unquoted comment, an open quotation, half an octet.
 */
#ifndef MERIDIAN_DB_RDATA_TEXT_H
#define MERIDIAN_DB_RDATA_TEXT_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* True where TEXT may go to ldns as data of TYPE; else ERROR holds the sentence. */
bool rdata_text_check(uint16_t type, const char *text, struct error *error)
	__attribute__((warn_unused_result));

#endif
