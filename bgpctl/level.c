/* Knows the names and the tags of the ways in which a prefix can be announced. */
#include "bgpctl/level.h"

const char *level_name(enum level level)
{
	switch (level) {
	case LEVEL_ANNOUNCED:
		return "announced";
	case LEVEL_DEGRADED:
		return "degraded";
	case LEVEL_DRAINING:
		return "draining";
	case LEVEL_NONE:
		break;
	}
	return "withdrawn";
}

bool level_from_tag(uint32_t number, enum level *level)
{
	if (number < LEVEL_ANNOUNCED || number > LEVEL_DRAINING)
		return false;
	*level = (enum level)number;
	return true;
}
