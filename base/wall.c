/* Knows how a moment and a duration are written. */
#include "base/wall.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t wall_now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void wall_format(int64_t ms, char text[WALL_TEXT_MAX])
{
	int64_t fraction = ((ms % 1000) + 1000) % 1000;
	time_t seconds = (time_t)((ms - fraction) / 1000);
	struct tm tm;
	char date[24] = "";
	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		snprintf(date, sizeof date, "0000-00-00T00:00:00");
	snprintf(text, WALL_TEXT_MAX, "%s.%03dZ", date, (int)fraction);
}

bool wall_parse(const char *text, int64_t *ms)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (rest == NULL)
		return false;
	int64_t fraction = 0;
	if (*rest == '.') {
		int64_t unit = 100;
		if (!isdigit((unsigned char)*++rest))
			return false;
		for (; isdigit((unsigned char)*rest); rest++, unit /= 10)
			fraction += unit * (*rest - '0');
	}
	int64_t offset_s = 0;
	if (*rest == 'Z' || *rest == 'z') {
		rest++;
	} else {
		int hours, minutes, used = 0;
		char sign;
		if (sscanf(rest, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) != 3 || used != 6 ||
		    (sign != '+' && sign != '-') || hours > 23 || minutes > 59)
			return false;
		offset_s = (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
		rest += used;
	}
	if (*rest != '\0')
		return false;
	*ms = ((int64_t)timegm(&tm) - offset_s) * 1000 + fraction;
	return true;
}

bool duration_parse_ms(const char *text, int64_t *ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1},	     {"s", 1000},     {"m", 60000},
		     {"h", 3600000}, {"d", 86400000}, {"", 1000}};
	const int64_t ten_years_ms = INT64_C(3650) * 86400000;
	char *end;
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	long long count = strtoll(text, &end, 10);
	for (size_t i = 0; errno == 0 && i < sizeof units / sizeof *units; i++) {
		if (strcmp(end, units[i].unit) == 0 && count <= ten_years_ms / units[i].ms) {
			*ms = count * units[i].ms;
			return true;
		}
	}
	return false;
}
