/* Knows how an Accept-Encoding is weighed. */
#include "web/coding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "q=0.5" -> 500; 1000 where there is none or it is malformed. */
static unsigned quality(const char *parameters, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++) {
		if ((parameters[i] == 'q' || parameters[i] == 'Q') && parameters[i + 1] == '=') {
			double value = strtod(parameters + i + 2, NULL);
			return value >= 0 && value <= 1 ? (unsigned)(value * 1000) : 1000;
		}
	}
	return 1000;
}

unsigned accepts_coding(const char *header, const char *coding)
{
	unsigned any = 0;
	while (header != NULL && *header != '\0') {
		header += strspn(header, ", \t");
		size_t len = strcspn(header, ",");
		size_t name = strcspn(header, ",; \t");
		unsigned wanted = quality(header + name, len - name);
		if (name == strlen(coding) && strncasecmp(header, coding, name) == 0)
			return wanted;
		if (name == 1 && *header == '*')
			any = wanted;
		header += len;
	}
	return any;
}
