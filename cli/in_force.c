/* Knows which overrides hold now, for people and for scripts. */
#include "cli/in_force.h"

#include "base/wall.h"
#include "cli/print.h"
#include "db/codec.h"

json_t *in_force(const struct model *model)
{
	json_t *list = json_array();
	int64_t now_ms = wall_now_ms();
	for (size_t i = 0; i < model->of[KIND_OVERRIDE].count; i++) {
		const struct object *object = model->of[KIND_OVERRIDE].at[i];
		if (object->override.starts_ms <= now_ms && now_ms < object->override.ends_ms)
			json_array_append_new(list, codec_encode(object));
	}
	return list;
}

void in_force_print(const json_t *overrides)
{
	static const char *const heads[] = {"OVERRIDE", "ACTION", "UNTIL", "BY", "REASON"};
	const json_t *override;
	struct table table;
	size_t i;
	if (json_array_size(overrides) == 0)
		return;
	table_init(&table, 5, heads);
	json_array_foreach(overrides, i, override)
	{
		table_cell(&table, member_text(override, "object"));
		table_cell(&table, member_text(override, "action"));
		table_cell(&table, member_text(override, "ends"));
		table_cell(&table, member_text(override, "author"));
		table_cell(&table, member_text(override, "reason"));
	}
	table_print(&table);
}
