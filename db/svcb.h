/*
 * svcb: what the RDATA of SVCB and HTTPS records (RFC 9460) says about addresses.
 */
#ifndef MERIDIAN_DB_SVCB_H
#define MERIDIAN_DB_SVCB_H

#include "db/model.h"

/* True where a record of RRSET is about its own name (TargetName ".") and brings address hints. */
bool svcb_hints_at_itself(const struct rrset *rrset);

#endif
