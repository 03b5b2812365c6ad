/* Knows how meridian-geoc is called for an instance. */
#include "cli/place_table.h"

#include "base/mem.h"
#include "cli/child.h"
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static bool is_older(const char *table, const char *source)
{
	struct stat table_info, source_info;
	if (source == NULL || stat(source, &source_info) != 0)
		return false;
	return stat(table, &table_info) != 0 || table_info.st_mtime < source_info.st_mtime;
}

bool place_table_make(const struct instance *instance, enum place_table_due how,
		      struct error *error)
{
	const char *const sources[] = {instance->geo_country, instance->geo_city,
				       instance->geo_asn};
	static const char *const options[] = {"--country", "--city", "--asn"};
	char *table = mem_printf("%s/places.tbl", instance->geo_dir),
	     *compiler = program_beside("meridian-geoc");
	const char *args[CHILD_ARGS_MAX + 1] = {compiler, "--out", table};
	const bool always = how != PLACE_TABLE_WHEN_OLDER;
	size_t count = 3;
	bool due = always, good = true;
	for (size_t i = 0; i < 3; i++) {
		if (sources[i] == NULL)
			continue;
		args[count++] = options[i];
		args[count++] = sources[i];
		due = due || is_older(table, sources[i]);
	}
	if (count == 3) {
		error_set(error,
			  "no geo database is set; name one in %s under [geo] country or city",
			  instance->settings);
		good = false;
	} else if (due) {
		if (how == PLACE_TABLE_ALWAYS_SHRUNKEN)
			args[count++] = "--accept-shrunken";
		good = program_run(args, error);
	}
	free(compiler);
	free(table);
	return good;
}

int cmd_geo_compile(const struct command *command, int argc, char **argv)
{
	struct error error = {0};
	struct instance instance;
	bool accept_shrunken = false;
	const struct option_spec specs[] = {{.name = "accept-shrunken", .flag = &accept_shrunken},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, &instance);
	if (status >= 0)
		return status;
	enum place_table_due how =
		accept_shrunken ? PLACE_TABLE_ALWAYS_SHRUNKEN : PLACE_TABLE_ALWAYS;
	status = place_table_make(&instance, how, &error) ? EXIT_DONE
							  : command_failed(command, &error);
	instance_fini(&instance);
	return status;
}
