/* Knows the commands that let people and scripts in: user add, token add. */
#include "base/wall.h"
#include "cli/options.h"
#include "db/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads --role; false after the sentence. */
static bool read_role(const struct command *command, const char *text, enum role *role)
{
	if (text != NULL && role_parse(text, role) && *role != ROLE_NONE)
		return true;
	fprintf(stderr,
		"meridian %s: say what it may do: --role viewer, --role operator or --role admin\n",
		command->name);
	return false;
}

int cmd_user_add(const struct command *command, int argc, char **argv)
{
	const char *role_text = NULL;
	enum role role;
	char password[AUTH_SECRET_MAX];
	struct error error = {0};
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {{.name = "role", .value = &role_text}, {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 1, 1, &operands, &instance);
	if (status >= 0)
		return status;
	status = EXIT_USAGE;
	if (read_role(command, role_text, &role)) {
		struct auth *auth = auth_open(instance.auth_db, &error);
		auth_generate_password(password);
		if (auth != NULL && auth_user_add(auth, operands.at[0], password, role, &error)) {
			printf("user      %s\nrole      %s\npassword  %s   (shown this once)\n",
			       operands.at[0], role_name(role), password);
			status = EXIT_DONE;
		} else {
			status = command_failed(command, &error);
		}
		auth_close(auth);
	}
	instance_fini(&instance);
	return status;
}

static json_t *split_zones(const char *text)
{
	if (text == NULL)
		return NULL;
	json_t *zones = json_array();
	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		if (len > 0)
			json_array_append_new(zones, json_stringn(text, len));
		text += len + (text[len] == ',');
	}
	return zones;
}

int cmd_token_add(const struct command *command, int argc, char **argv)
{
	const char *role_text = NULL, *zones_text = NULL, *expires_text = NULL;
	enum role role;
	int64_t life_ms = 0;
	char secret[AUTH_SECRET_MAX];
	struct error error = {0};
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {
		{.name = "role", .value = &role_text},
		{.name = "zones", .value = &zones_text},
		{.name = "expires", .value = &expires_text},
		{.name = NULL},
	};
	int status = options_read(command, argc, argv, specs, 1, 1, &operands, &instance);
	if (status >= 0)
		return status;
	status = EXIT_USAGE;
	if (expires_text != NULL && (!duration_parse_ms(expires_text, &life_ms) || life_ms == 0)) {
		fprintf(stderr,
			"meridian token add: --expires %s is not a duration like 12h or 90d\n",
			expires_text);
	} else if (read_role(command, role_text, &role)) {
		struct auth *auth = auth_open(instance.auth_db, &error);
		json_t *zones = split_zones(zones_text);
		int64_t expires_ms = life_ms > 0 ? wall_now_ms() + life_ms : 0;
		if (auth != NULL &&
		    auth_token_add(auth, operands.at[0], role, zones, expires_ms, secret, &error)) {
			printf("token  %s   (shown this once; send it as \"Authorization: Bearer "
			       "TOKEN\")\n",
			       secret);
			status = EXIT_DONE;
		} else {
			status = command_failed(command, &error);
		}
		json_decref(zones);
		auth_close(auth);
	}
	instance_fini(&instance);
	return status;
}
