/* Knows which subcommands there are. */
#include "cli/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
	{"run", "[--dir DIR] [--dns-port N] [--http-port N] [--apply FILE]...",
	 "Run all four daemons under this terminal; an empty store gets a demo.", cmd_run},
	{"demo", "stop|start NAME... | status",
	 "Stop or start backends of the demo that `meridian run` serves.", cmd_demo},
	{"init", "[--dir DIR]", "Create an instance's folders and its empty store.", cmd_init},
	{"check", "FILE", "Say whether a configuration document is valid; change nothing.",
	 cmd_check},
	{"apply", "FILE [--dry-run] [--prune] [--confirm prefix/P,...] [--comment TEXT]",
	 "Make the store say what a document says, in one revision.", cmd_apply},
	{"export", "[--revision N]", "Print the whole configuration as a document.", cmd_export},
	{"history", "[--limit N] [--json]", "List revisions: when, who, why.", cmd_history},
	{"diff", "N [M] [--json]", "Show what changed in revision N, or between N and M.",
	 cmd_diff},
	{"rollback", "N [--dry-run] [--confirm prefix/P,...] [--comment TEXT]",
	 "Make everything as it was at revision N, as a new revision.", cmd_rollback},
	{"zone import", "NAME FILE [--dry-run] [--comment TEXT]",
	 "Take a zone's records from an RFC 1035 file, all or none.", cmd_zone_import},
	{"zone export", "NAME", "Print a zone's records as an RFC 1035 file.", cmd_zone_export},
	{"status", "[--json] [--wait-ready SECONDS]",
	 "Say how the daemons are; fail where one is not well.", cmd_status},
	{"explain",
	 "NAME [TYPE] --client ADDR[/LEN] [--resolver ADDR] [--assume-down OBJECT]... [--json]",
	 "Say which answer a client gets, and why.", cmd_explain},
	{"health", "[--json]", "List targets with state, since and reason.", cmd_health},
	{"anycast plan", "[--apply FILE [--prune]] [--json]",
	 "Say what would be announced, and to whom; change nothing.", cmd_anycast_plan},
	{"anycast confirm", "[ID]",
	 "Accept a change of BIRD's configuration; without ID, say what there is.",
	 cmd_anycast_confirm},
	{"anycast freeze", "[PREFIX] --reason TEXT [--for DURATION]",
	 "Leave announcements as they are, whatever checks say, until unfreeze.", cmd_freeze},
	{"anycast unfreeze", "[PREFIX]", "End what freeze began.", cmd_unfreeze},
	{"anycast", "[--json]", "List prefixes and BGP sessions.", cmd_anycast},
	{"bird setup",
	 "--as N --router-id ADDR --local ADDR... --peer NAME,ADDR,AS[,PASSWORD-FILE]... [--bfd "
	 "INTERFACE] [--port N] [--out FILE]",
	 "Write a bird.conf for this site; never over a file of somebody else.", cmd_bird_setup},
	{"events",
	 "[--follow] [--kind KIND] [--object OBJECT] [--since TIME|2h] [--until TIME|1h] [--limit "
	 "N] "
	 "[--json]",
	 "Show what happened.", cmd_events},
	{"override end", "OBJECT", "End an override.", cmd_override_end},
	{"override", "OBJECT up|down|drain --reason TEXT --for DURATION [--from TIME]",
	 "Force endpoint/POOL/NAME, pool/NAME or prefix/P for a time.", cmd_override},
	{"geo lookup", "ADDR [--json]", "Say which place an address is at, and how that is known.",
	 cmd_geo_lookup},
	{"geo compile", "[--accept-shrunken]",
	 "Compile the MMDB files of the settings into the place table.", cmd_geo_compile},
	{"user add", "NAME --role viewer|operator|admin",
	 "Add a user of the page; the password is generated and shown once.", cmd_user_add},
	{"token add", "NAME --role viewer|operator|admin [--zones A,B] [--expires DURATION]",
	 "Add a token for scripts; it is shown once.", cmd_token_add},
};

static void print_help(FILE *to)
{
	fputs("usage: meridian COMMAND ...\n\n", to);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(to, "  %-16s %s\n", commands[i].name, commands[i].about);
	fputs("\n`meridian COMMAND --help` tells more. --dir DIR names the instance everywhere.\n",
	      to);
}

/* The command that ARGV names, and in *WORDS how many words its name has. */
static const struct command *find_command(int argc, char **argv, int *words)
{
	char two[64];
	snprintf(two, sizeof two, "%s %s", argv[1], argc > 2 ? argv[2] : "");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		*words = strchr(commands[i].name, ' ') != NULL ? 2 : 1;
		if (strcmp(commands[i].name, *words == 2 ? two : argv[1]) == 0)
			return &commands[i];
	}
	return NULL;
}

static int no_command(const char *word)
{
	size_t len = strlen(word);
	if (strncmp(word, "--", 2) == 0)
		fprintf(stderr,
			"meridian: the command comes first, options like %s after it; `meridian "
			"--help` lists the commands\n",
			word);
	else
		fprintf(stderr,
			"meridian: there is no command \"%s\"; `meridian --help` lists them\n",
			word);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strncmp(commands[i].name, word, len) == 0 && commands[i].name[len] == ' ')
			fprintf(stderr, "usage: meridian %s %s\n", commands[i].name,
				commands[i].usage);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	int words;
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("meridian %s\n", MERIDIAN_VERSION);
		return EXIT_DONE;
	}
	const struct command *command = find_command(argc, argv, &words);
	if (command == NULL)
		return no_command(argv[1]);
	return command->run(command, argc - words, argv + words);
}
