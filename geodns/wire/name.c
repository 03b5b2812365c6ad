/* Knows the structure of a name on the wire: its labels, its limits, its lower case and its order.
 */
#include "geodns/wire/name.h"

#include "geodns/wire/name_fold.h"

/* Pointers followed in one name: more than any name has labels only a loop needs. */
enum { POINTERS_MAX = NAME_LABELS_MAX };

size_t name_len(const uint8_t *name)
{
	size_t at = 0;
	while (name[at] != 0)
		at += 1u + name[at];
	return at + 1;
}

uint64_t name_lower_in_message(const uint8_t *name, size_t len, uint8_t lower[256])
{
	return name_fold_in_message(name, len, lower);
}

uint64_t name_lower(const uint8_t *name, size_t len, uint8_t lower[256])
{
	if (len >= 16)
		return name_fold_long(name, len, lower);
	if (len >= 8)
		return name_fold_middle(name, len, lower);
	return name_fold_short(name_fold_load_short(name, len), len, lower);
}

uint64_t name_hash(const uint8_t *lower, size_t len)
{
	return name_fold_hash(lower, len);
}

bool name_equal(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

unsigned name_labels(const uint8_t *name)
{
	unsigned labels = 0;
	for (; *name != 0; name += 1u + *name)
		labels++;
	return labels;
}

const uint8_t *name_parent(const uint8_t *name)
{
	return *name == 0 ? name : name + 1 + *name;
}

static const uint8_t *skip_labels(const uint8_t *name, unsigned labels)
{
	while (labels-- > 0)
		name += 1u + *name;
	return name;
}

static int label_compare(const uint8_t *a, const uint8_t *b)
{
	size_t shorter = *a < *b ? *a : *b;
	int order = memcmp(a + 1, b + 1, shorter);
	return order != 0 ? order : (int)*a - (int)*b;
}

int name_compare(const uint8_t *a, const uint8_t *b)
{
	unsigned a_labels = name_labels(a), b_labels = name_labels(b);
	unsigned shared = a_labels < b_labels ? a_labels : b_labels;
	/* RFC 4034 section 6.1: the most significant label, the rightmost, decides first. */
	for (unsigned i = 1; i <= shared; i++) {
		int order =
			label_compare(skip_labels(a, a_labels - i), skip_labels(b, b_labels - i));
		if (order != 0)
			return order;
	}
	return (int)a_labels - (int)b_labels;
}

bool name_is_at_or_below(const uint8_t *name, size_t len, const uint8_t *apex, size_t apex_len)
{
	if (len < apex_len)
		return false;
	size_t above = len - apex_len, at = 0;
	while (at < above)
		at += 1u + name[at];
	return at == above && memcmp(name + at, apex, apex_len) == 0;
}

bool name_is_wildcard(const uint8_t *name)
{
	return name[0] == 1 && name[1] == '*';
}

void name_skip(struct reader *reader)
{
	for (unsigned len = 1;;) {
		uint8_t label = reader_u8(reader);
		if (reader->failed || label == 0)
			return;
		if (label >= 0xc0) { /* RFC 1035 section 4.1.4: a pointer ends the name */
			reader_take(reader, 1);
			return;
		}
		len += 1u + label;
		if (label > NAME_LABEL_MAX || len > NAME_WIRE_MAX) {
			reader->failed = true;
			return;
		}
		reader_take(reader, label);
	}
}

/*
 * Moves the reader to where the pointer beginning with HIGH points. It must point before *LOWEST,
 * the lowest place from which this name was read, so that no name can loop (RFC 1035 section 4.1.4:
 * a prior occurrence).
 */
static void follow(struct reader *message, uint8_t high, size_t *lowest, size_t *resume)
{
	size_t target = (size_t)(high & 0x3f) << 8 | reader_u8(message);
	if (*resume == 0)
		*resume = message->at;
	if (target >= *lowest)
		message->failed = true;
	*lowest = target;
	if (!message->failed)
		message->at = target;
}

/* Appends a label of LABEL octets; the new length, or 0 where the name gets too long or the label
 * is cut. */
static size_t append_label(struct reader *message, uint8_t label, uint8_t name[NAME_WIRE_MAX],
			   size_t len)
{
	const uint8_t *from = label <= NAME_LABEL_MAX ? reader_take(message, label) : NULL;
	if (from == NULL || len + 1u + label > NAME_WIRE_MAX)
		return 0;
	name[len] = label;
	memcpy(name + len + 1, from, label);
	return len + 1u + label;
}

size_t name_unpack(struct reader *message, uint8_t name[NAME_WIRE_MAX])
{
	size_t len = 0, lowest = message->at, resume = 0;
	unsigned pointers = 0;
	while (!message->failed) {
		uint8_t label = reader_u8(message);
		if (label >= 0xc0) {
			if (pointers++ == POINTERS_MAX)
				break;
			follow(message, label, &lowest, &resume);
			continue;
		}
		len = append_label(message, label, name, len);
		if (len == 0)
			break;
		if (label == 0 && !message->failed) {
			message->at = resume != 0 ? resume : message->at;
			return len;
		}
	}
	message->failed = true;
	return 0;
}
