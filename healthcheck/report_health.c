/* Knows the shape of a target in the reply of `health`, and of a result in that of `test`. */
#include "healthcheck/report.h"

#include "base/mem.h"
#include "base/wall.h"

static json_t *time_json(int64_t ms)
{
	if (ms == 0)
		return json_null();
	char text[WALL_TEXT_MAX];
	wall_format(ms, text);
	return json_string(text);
}

static json_t *cert_json(const struct certificate *cert)
{
	if (cert == NULL)
		return json_null();
	return json_pack("{s:s, s:O, s:s, s:o, s:o, s:I}", "subject", cert->subject, "names",
			 cert->names, "issuer", cert->issuer, "not_before",
			 time_json(cert->not_before_ms), "not_after", time_json(cert->not_after_ms),
			 "days_left", (json_int_t)certificate_days_left(cert, wall_now_ms()));
}

/* A phase that was not reached, or not needed, is null. */
static json_t *phase_json(uint32_t us)
{
	return us > 0 ? history_ms(us) : json_null();
}

static json_t *phases_json(const struct probe_phases *phases)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "name", phase_json(phases->name_us),
			 "connect", phase_json(phases->connect_us), "tls",
			 phase_json(phases->tls_us), "first_byte",
			 phase_json(phases->first_byte_us), "total", phase_json(phases->total_us));
}

static const char *text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

json_t *report_result(const struct probe_result *result)
{
	return json_pack("{s:o, s:s?, s:o, s:o}", "ok", history_ok(result->outcome), "reason",
			 text_or_null(result->text), "phases_ms", phases_json(&result->phases),
			 "cert", cert_json(result->cert));
}

static json_t *last_json(const struct target *target)
{
	const struct history_entry *last = history_last(&target->history);
	if (last == NULL)
		return json_null();
	return json_pack("{s:o, s:o, s:s?, s:o}", "time", time_json(last->time_ms), "ok",
			 history_ok((enum probe_outcome)last->outcome), "reason",
			 history_reason(last), "phases_ms", phases_json(&last->phases));
}

static const char *type_name(enum monitor_type type)
{
	static const char *const names[] = {
		[MONITOR_HTTPS] = "https", [MONITOR_HTTP] = "http", [MONITOR_TCP] = "tcp",
		[MONITOR_TLS] = "tls",	   [MONITOR_DNS] = "dns",   [MONITOR_ICMP] = "icmp",
	};
	return names[type];
}

/* Null while nothing stands against it. */
static json_t *flap_json(const struct target *target)
{
	uint32_t half_life_s = target->monitor->monitor.flap_half_life_s;
	struct mono now = mono_now();
	uint32_t held_ms = flap_held_ms(&target->flap, half_life_s, now);
	double penalty = flap_penalty(&target->flap, half_life_s, now);
	if (penalty < 1)
		return json_null();
	return json_pack("{s:I, s:b, s:o}", "penalty", (json_int_t)penalty, "held_down",
			 held_ms > 0, "until",
			 held_ms > 0 ? time_json(wall_now_ms() + held_ms) : json_null());
}

static json_t *member_json(const struct member *member, bool history)
{
	const struct target *target = member->target;
	const struct monitor *monitor = &target->monitor->monitor;
	json_t *json = json_pack(
		"{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:b, s:i, s:o, s:s?, s:o, s:o}", "id",
		member->id, "pool", member->pool->name, "endpoint", member->endpoint, "address",
		target->address, "port", (int)monitor->port, "monitor", monitor->name, "type",
		type_name(monitor->type), "state", verdict_name(target->memory.verdict), "pending",
		target->memory.pending, "flip_after_s", (int)target->flip_after_s, "since",
		time_json(target->since_ms), "reason", target->reason, "last", last_json(target),
		"cert", cert_json(target->cert));
	if (target->cert != NULL)
		json_object_set_new(
			json_object_get(json, "cert"), "state",
			json_string(certificate_state_name(certificate_judge(
				target->cert, monitor->cert_warn_days, wall_now_ms()))));
	json_object_set_new(json, "down_after_ms",
			    target->down_after_ms > 0 ? json_integer(target->down_after_ms)
						      : json_null());
	json_object_set_new(json, "flapping", flap_json(target));
	if (history)
		json_object_set_new(json, "history", history_json(&target->history));
	return json;
}

static void say(FILE *out, const char *comma, const struct member *member, bool history)
{
	json_t *json = member_json(member, history);
	fputs(comma, out);
	json_dumpf(json, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(json);
}

static bool say_state(FILE *out, const char *comma, const struct member *member)
{
	say(out, comma, member, false);
	return true;
}

static bool say_history(FILE *out, const char *comma, const struct member *member)
{
	say(out, comma, member, true);
	return true;
}

static bool with_history(const struct fleet *fleet, const json_t *args)
{
	const json_t *asked = json_object_get(args, "history");
	if (asked != NULL)
		return json_is_true(asked);
	return json_object_get(args, "id") != NULL || fleet->members.count <= REPORT_HISTORY_MAX;
}

void report_health(struct recitals *recitals, const struct fleet *fleet, const json_t *args)
{
	char now[WALL_TEXT_MAX];
	wall_format(wall_now_ms(), now);
	recitals_answer(
		recitals,
		&(struct recital_text){
			.parts = {{.before = mem_printf("{\"time\":\"%s\",\"targets\":[", now),
				   .say = with_history(fleet, args) ? say_history : say_state}},
			.part_count = 1,
			.after = mem_strdup("]}"),
			.pool = json_string_value(json_object_get(args, "pool")),
			.id = json_string_value(json_object_get(args, "id"))});
}
