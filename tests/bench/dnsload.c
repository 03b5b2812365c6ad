/*
 * dnsload: a closed loop of DNS queries over UDP, and what each answer cost the server.
 *
 *   dnsload [-a ADDRESS] [-p PORT] [-t SECONDS | -n COUNT] [-w WINDOW] [-f FLOWS] [-e
 * none|edns|ecs4|ecs6|mix] [-x OPTION[,OPTION]...] [-r SEED]
 *           [-P PID] [-c OCTETS] [-s] NAMES
 *
 * WINDOW queries are under way over FLOWS sockets, each sent when another is answered. NAMES holds
 * lines of a name and a type. -e adds EDNS and a random client subnet: an IPv4 /24, an IPv6 /56, or
 * three of the first to one of the second. Prints one line of JSON; with the server's PID also the
 * CPU time of all its threads for each answer, which moves far less than a rate on a machine that
 * does other things. -c leaves off the last OCTETS, at most 4, of each query: malformed. -x adds
 * EDNS options: cookie (a client's alone, RFC 7873), known (with the server's part, which is asked
 * for before), nsid (RFC 5001). -s asks over TCP: FLOWS connections, up to 32 queries a segment.
 */
#include "base/mem.h"
#include "base/mono.h"
#include "base/rng.h"
#include "geodns/wire/edns.h"
#include "geodns/wire/message.h"
#include "geodns/wire/name_text.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BATCH = 32,
	QUERIES = 1 << 16,
	NAMES_MAX = 1 << 16,
	QUERY_MAX = 300,
	FLOWS_MAX = 64,
	LOSS_AFTER_MS = 100,
	COOKIE_CLIENT = 8, /* octets of a client's cookie */
	COOKIE_BOTH_MAX = 40,
	STREAM_MAX = 1 << 16
};

struct load {
	struct addr address;
	uint16_t port;
	double seconds;
	uint64_t count; /* 0: by time */
	unsigned window, flows;
	const char *edns;
	uint64_t seed;
	int pid;
	unsigned cut; /* octets that each query lacks at its end */
	bool stream, nsid, cookie, known;
	uint8_t cookie_octets[COOKIE_BOTH_MAX];
	size_t cookie_len; /* 0: none */
};

struct question {
	uint8_t name[NAME_WIRE_MAX];
	uint16_t type;
};

struct stored_query {
	uint16_t len;
	uint8_t wire[QUERY_MAX];
};

struct flow {
	int fd;
	unsigned under_way;
	uint8_t *part; /* of a stream: STREAM_MAX octets, of which HELD are no whole answer yet */
	size_t held;
};

struct tally {
	uint64_t sent, answers, octets, lost, with_data, rcodes[16];
};

static struct stored_query queries[QUERIES];
static struct question questions[NAMES_MAX];
static uint8_t answers[BATCH][4096];
static struct iovec in_parts[BATCH], out_parts[BATCH];
static struct mmsghdr in[BATCH], out[BATCH];

static void fail(const char *what)
{
	fprintf(stderr, "dnsload: %s\n", what);
	exit(1);
}

static uint16_t type_of(const char *text)
{
	static const struct {
		const char *text;
		uint16_t type;
	} TYPES[] = {{"A", DNS_TYPE_A},		{"AAAA", DNS_TYPE_AAAA},  {"NS", DNS_TYPE_NS},
		     {"SOA", DNS_TYPE_SOA},	{"MX", DNS_TYPE_MX},	  {"TXT", DNS_TYPE_TXT},
		     {"CNAME", DNS_TYPE_CNAME}, {"HTTPS", DNS_TYPE_HTTPS}};
	for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
		if (strcasecmp(text, TYPES[i].text) == 0)
			return TYPES[i].type;
	}
	fail("a type that is not known");
	return 0;
}

static unsigned read_names(const char *path)
{
	FILE *file = fopen(path, "r");
	char name[256], type[16];
	unsigned count = 0;
	if (file == NULL)
		fail("the list of names cannot be read");
	while (count < NAMES_MAX && fscanf(file, "%255s %15s", name, type) == 2) {
		if (name_text_parse(name, questions[count].name) == 0)
			fail("a name that is none");
		questions[count++].type = type_of(type);
	}
	fclose(file);
	if (count == 0)
		fail("no names");
	return count;
}

/* A random unicast subnet: an IPv4 /24 below 224/8, an IPv6 /56 of 2000::/3. */
static struct prefix random_subnet(struct rng *rng, bool is_ipv6)
{
	uint64_t bits = rng_next(rng);
	struct prefix subnet = {.addr.family = is_ipv6 ? ADDR_IPV6 : ADDR_IPV4,
				.len = is_ipv6 ? 56 : 24};
	memcpy(subnet.addr.bytes, &bits, 8);
	if (is_ipv6)
		subnet.addr.bytes[0] = (uint8_t)(0x20 | (bits & 0x1f));
	else
		subnet.addr.bytes[0] = (uint8_t)(1 + rng_below(rng, 223));
	addr_mask(&subnet.addr, subnet.len);
	return subnet;
}

/* Adds an option to the OPT record at the end of the query. */
static void add_option(struct stored_query *query, size_t opt, enum dns_option code,
		       const uint8_t *data, size_t len)
{
	uint8_t *at = query->wire + query->len;
	wire_put_u16(at, (uint16_t)code);
	wire_put_u16(at + 2, (uint16_t)len);
	memcpy(at + EDNS_OPTION_HEAD, data, len);
	query->len = (uint16_t)(query->len + EDNS_OPTION_HEAD + len);
	wire_put_u16(query->wire + opt + EDNS_OPT_LEN - 2,
		     (uint16_t)(query->len - opt - EDNS_OPT_LEN));
}

static void store_query(const struct load *load, struct stored_query *query,
			const struct question *question, struct rng *rng)
{
	const char *edns = load->edns;
	bool mixed = strcmp(edns, "mix") == 0;
	bool is_ipv6 = strcmp(edns, "ecs6") == 0 || (mixed && rng_below(rng, 4) == 0);
	bool ecs = mixed || strncmp(edns, "ecs", 3) == 0;
	struct prefix subnet = random_subnet(rng, is_ipv6);
	struct message_question ask = {.name = question->name,
				       .type = question->type,
				       .class_ = DNS_CLASS_IN,
				       .udp_size = strcmp(edns, "none") == 0 ? 0 : DNS_UDP_DEFAULT,
				       .ecs = ecs ? &subnet : NULL};
	query->len = (uint16_t)message_query(&ask, query->wire, sizeof query->wire);
	size_t opt = DNS_HEADER_LEN + name_len(question->name) + 4;
	if (load->cookie_len > 0)
		add_option(query, opt, DNS_OPTION_COOKIE, load->cookie_octets, load->cookie_len);
	if (load->nsid)
		add_option(query, opt, DNS_OPTION_NSID, NULL, 0);
}

static void store_queries(const struct load *load, unsigned names)
{
	struct rng rng;
	rng_init(&rng, load->seed);
	for (unsigned i = 0; i < QUERIES; i++)
		store_query(load, &queries[i], &questions[rng_below(&rng, names)], &rng);
	for (unsigned i = 0; i < QUERIES; i++)
		queries[i].len = (uint16_t)(queries[i].len - load->cut);
}

/* Seconds of CPU that all threads of the process have used; proc(5), fields 14 and 15 of stat. */
static double cpu_seconds(int pid)
{
	char path[64], line[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *file = fopen(path, "r");
	if (file == NULL || fgets(line, sizeof line, file) == NULL)
		fail("the server's CPU time cannot be read");
	fclose(file);
	/* The second field is a name in parentheses, which may hold anything. */
	char *field = strrchr(line, ')');
	double ticks = 0;
	unsigned number = 2;
	for (char *save = NULL, *text = strtok_r(field, " ", &save); text != NULL;
	     text = strtok_r(NULL, " ", &save), number++) {
		if (number == 14 || number == 15)
			ticks += strtod(text, NULL);
	}
	return ticks / (double)sysconf(_SC_CLK_TCK);
}

static void open_flows(const struct load *load, struct flow *flows)
{
	struct sockaddr_storage to;
	socklen_t len = addr_to_sockaddr(&load->address, load->port, &to);
	int queue = 4 << 20;
	for (unsigned i = 0; i < load->flows; i++) {
		flows[i] = (struct flow){
			.fd = socket(to.ss_family,
				     (load->stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0),
			.part = load->stream ? mem_array(STREAM_MAX, 1) : NULL};
		(void)setsockopt(flows[i].fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof queue);
		if (connect(flows[i].fd, (struct sockaddr *)&to, len) != 0)
			fail("no way to the server");
	}
}

/* The COOKIE option among the LEN octets of options at AT becomes the one of all queries. */
static void learn_cookie(struct load *load, const uint8_t *at, size_t len)
{
	while (len >= EDNS_OPTION_HEAD) {
		size_t data = EDNS_OPTION_HEAD + (size_t)wire_get_u16(at + 2);
		if (data > len)
			return;
		if (wire_get_u16(at) == DNS_OPTION_COOKIE &&
		    data - EDNS_OPTION_HEAD <= COOKIE_BOTH_MAX) {
			load->cookie_len = data - EDNS_OPTION_HEAD;
			memcpy(load->cookie_octets, at + EDNS_OPTION_HEAD, load->cookie_len);
		}
		at += data;
		len -= data;
	}
}

/* Asks the server for its cookie, as a client that comes for the first time does. */
static void ask_cookie(struct load *load, const struct question *question)
{
	struct stored_query query;
	struct message message;
	struct message_record record;
	struct rng rng = {{1}};
	struct sockaddr_storage to;
	socklen_t to_len = addr_to_sockaddr(&load->address, load->port, &to);
	struct timeval patience = {.tv_sec = 2};
	int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	store_query(load, &query, question, &rng);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (sendto(fd, query.wire, query.len, 0, (struct sockaddr *)&to, to_len) < 0)
		fail("no way to the server");
	ssize_t got = recv(fd, answers[0], sizeof answers[0], 0);
	close(fd);
	if (got < 0 || !message_open(&message, answers[0], (size_t)got))
		fail("the server gives no cookie");
	while (message_next(&message, &record)) {
		if (record.type == DNS_TYPE_OPT)
			learn_cookie(load, answers[0] + record.rdata_at, record.rdata_len);
	}
	if (load->cookie_len <= COOKIE_CLIENT)
		fail("the server gives no cookie");
}

static void prepare_batches(void)
{
	for (unsigned i = 0; i < BATCH; i++) {
		in_parts[i] = (struct iovec){answers[i], sizeof answers[i]};
		in[i].msg_hdr = (struct msghdr){.msg_iov = &in_parts[i], .msg_iovlen = 1};
		out[i].msg_hdr = (struct msghdr){.msg_iov = &out_parts[i], .msg_iovlen = 1};
	}
}

static void count_answer(struct tally *tally, const uint8_t *answer, size_t len)
{
	tally->octets += len;
	tally->rcodes[answer[3] & DNS_FLAG_RCODE]++;
	tally->with_data += wire_get_u16(answer + 6) != 0;
}

/* The whole answers of a stream; returns how many. */
static int take_stream(struct flow *flow, struct tally *tally)
{
	ssize_t got =
		recv(flow->fd, flow->part + flow->held, STREAM_MAX - flow->held, MSG_DONTWAIT);
	if (got == 0)
		fail("the server closed a connection");
	flow->held += got > 0 ? (size_t)got : 0;
	struct reader reader;
	reader_init(&reader, flow->part, flow->held);
	size_t whole = 0;
	int count = 0;
	for (;; count++) {
		size_t len = reader_u16(&reader);
		const uint8_t *answer = reader_take(&reader, len);
		if (answer == NULL || len < DNS_HEADER_LEN)
			break;
		count_answer(tally, answer, len);
		whole = reader.at;
	}
	memmove(flow->part, flow->part + whole, flow->held - whole);
	flow->held -= whole;
	return count;
}

static int take_datagrams(struct flow *flow, struct tally *tally)
{
	int got = recvmmsg(flow->fd, in, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < got; i++)
		count_answer(tally, answers[i], in[i].msg_len);
	return got;
}

static bool take_answers(struct flow *flow, struct tally *tally)
{
	int got = flow->part != NULL ? take_stream(flow, tally) : take_datagrams(flow, tally);
	if (got <= 0)
		return false;
	tally->answers += (uint64_t)got;
	flow->under_way -= flow->under_way < (unsigned)got ? flow->under_way : (unsigned)got;
	return true;
}

/* COUNT queries in one segment; a window is far less than what the kernel holds for a connection.
 */
static int send_stream(const struct flow *flow, unsigned count)
{
	static uint8_t frames[BATCH * (QUERY_MAX + 2)];
	size_t len = 0;
	for (unsigned i = 0; i < count; i++) {
		wire_put_u16(frames + len, (uint16_t)out_parts[i].iov_len);
		memcpy(frames + len + 2, out_parts[i].iov_base, out_parts[i].iov_len);
		len += 2 + out_parts[i].iov_len;
	}
	if (send(flow->fd, frames, len, MSG_NOSIGNAL) != (ssize_t)len)
		fail("a connection took no more queries");
	return (int)count;
}

static bool send_queries(struct flow *flow, unsigned room, struct tally *tally)
{
	unsigned count = room < BATCH ? room : BATCH;
	for (unsigned i = 0; i < count; i++) {
		uint64_t number = tally->sent + i;
		struct stored_query *query = &queries[number % QUERIES];
		wire_put_u16(query->wire, (uint16_t)number);
		out_parts[i] = (struct iovec){query->wire, query->len};
	}
	int sent = 0;
	if (count > 0)
		sent = flow->part != NULL ? send_stream(flow, count)
					  : sendmmsg(flow->fd, out, count, MSG_DONTWAIT);
	if (sent <= 0)
		return false;
	tally->sent += (uint64_t)sent;
	flow->under_way += (unsigned)sent;
	return true;
}

/* How many queries FLOW may send now. Half a batch is waited for: single ones would measure system
 * calls. */
static unsigned room_of(const struct load *load, const struct flow *flow, const struct tally *tally)
{
	unsigned share = load->window / load->flows;
	unsigned room = flow->under_way < share ? share - flow->under_way : 0;
	if (room < BATCH / 2 && flow->under_way > 0)
		room = 0;
	if (load->count != 0 && tally->sent + room > load->count)
		room = (unsigned)(load->count - tally->sent);
	return room;
}

static void wait_for_answers(const struct load *load, const struct flow *flows)
{
	struct pollfd waits[FLOWS_MAX];
	for (unsigned i = 0; i < load->flows; i++)
		waits[i] = (struct pollfd){.fd = flows[i].fd, .events = POLLIN};
	(void)poll(waits, load->flows, LOSS_AFTER_MS / 2);
}

/* What did not come in LOSS_AFTER_MS will not come. */
static void give_up(const struct load *load, struct flow *flows, struct tally *tally)
{
	for (unsigned i = 0; i < load->flows; i++) {
		tally->lost += flows[i].under_way;
		flows[i].under_way = 0;
	}
}

static bool is_over(const struct load *load, const struct tally *tally, struct mono begin)
{
	if (load->count != 0)
		return tally->answers + tally->lost >= load->count;
	return (double)mono_us_between(begin, mono_now()) >= load->seconds * 1e6;
}

static void run(const struct load *load, struct flow *flows, struct tally *tally)
{
	struct mono begin = mono_now(), last_answer = begin;
	while (!is_over(load, tally, begin)) {
		bool moved = false;
		for (unsigned i = 0; i < load->flows; i++) {
			bool answered = take_answers(&flows[i], tally);
			if (answered)
				last_answer = mono_now();
			moved |= answered;
			moved |= send_queries(&flows[i], room_of(load, &flows[i], tally), tally);
		}
		if (moved)
			continue;
		wait_for_answers(load, flows);
		int patience = load->count != 0 ? 50 * LOSS_AFTER_MS : LOSS_AFTER_MS;
		if (mono_ms_between(last_answer, mono_now()) > patience) {
			give_up(load, flows, tally);
			last_answer = mono_now();
		}
	}
}

static int usage(void)
{
	fprintf(stderr, "usage: dnsload [-a ADDRESS] [-p PORT] [-t SECONDS | -n COUNT] [-w WINDOW] "
			"[-f FLOWS]\n"
			"               [-e none|edns|ecs4|ecs6|mix] [-x OPTION[,OPTION]...] "
			"[-r SEED] [-P PID]\n"
			"               [-c OCTETS] [-s] NAMES\n");
	return 2;
}

static bool read_extra(struct load *load, char *text)
{
	for (char *save = NULL, *one = strtok_r(text, ",", &save); one != NULL;
	     one = strtok_r(NULL, ",", &save)) {
		load->cookie |= strcmp(one, "cookie") == 0 || strcmp(one, "known") == 0;
		load->known |= strcmp(one, "known") == 0;
		load->nsid |= strcmp(one, "nsid") == 0;
		if (strcmp(one, "cookie") != 0 && strcmp(one, "known") != 0 &&
		    strcmp(one, "nsid") != 0)
			return false;
	}
	load->cookie_len = load->cookie ? COOKIE_CLIENT : 0;
	memcpy(load->cookie_octets, "dnsload", COOKIE_CLIENT);
	return true;
}

static bool read_options(int argc, char **argv, struct load *load)
{
	bool good = addr_parse("127.0.0.1", &load->address);
	for (int option; (option = getopt(argc, argv, "a:p:t:n:w:f:e:x:r:P:c:s")) != -1;) {
		switch (option) {
		case 'a':
			good &= addr_parse(optarg, &load->address);
			break;
		case 'p':
			load->port = (uint16_t)strtoul(optarg, NULL, 10);
			break;
		case 't':
			load->seconds = strtod(optarg, NULL);
			break;
		case 'n':
			load->count = strtoull(optarg, NULL, 10);
			break;
		case 'w':
			load->window = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'f':
			load->flows = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'e':
			load->edns = optarg;
			break;
		case 'x':
			good &= read_extra(load, optarg);
			break;
		case 's':
			load->stream = true;
			break;
		case 'r':
			load->seed = strtoull(optarg, NULL, 10);
			break;
		case 'P':
			load->pid = (int)strtol(optarg, NULL, 10);
			break;
		case 'c':
			load->cut = (unsigned)strtoul(optarg, NULL, 10);
			break;
		default:
			return false;
		}
	}
	bool bare = strcmp(load->edns, "none") == 0;
	return good && !(bare && (load->cookie || load->nsid)) && optind + 1 == argc &&
	       load->cut <= 4 && load->flows >= 1 && load->flows <= FLOWS_MAX &&
	       load->window >= load->flows;
}

static void print(const struct tally *tally, double elapsed_s, double cpu_s, bool has_cpu)
{
	double each = tally->answers > 0 ? (double)tally->answers : 1;
	printf("{\"answers\": %" PRIu64 ", \"per_second\": %.0f, \"lost\": %" PRIu64
	       ", \"octets\": %.1f, \"with_data\": %.4f, "
	       "\"noerror\": %" PRIu64 ", \"nxdomain\": %" PRIu64 ", \"refused\": %" PRIu64
	       ", \"servfail\": %" PRIu64 ", \"formerr\": %" PRIu64,
	       tally->answers, (double)tally->answers / elapsed_s, tally->lost,
	       (double)tally->octets / each, (double)tally->with_data / each,
	       tally->rcodes[DNS_RCODE_NOERROR], tally->rcodes[DNS_RCODE_NXDOMAIN],
	       tally->rcodes[DNS_RCODE_REFUSED], tally->rcodes[DNS_RCODE_SERVFAIL],
	       tally->rcodes[DNS_RCODE_FORMERR]);
	if (has_cpu)
		printf(", \"cpu_us\": %.3f", cpu_s * 1e6 / each);
	printf("}\n");
}

int main(int argc, char **argv)
{
	struct load load = {
		.port = 53, .seconds = 4, .window = 512, .flows = 4, .edns = "none", .seed = 1};
	struct flow flows[FLOWS_MAX];
	struct tally tally = {0};
	if (!read_options(argc, argv, &load))
		return usage();
	unsigned names = read_names(argv[optind]);
	if (load.known)
		ask_cookie(&load, &questions[0]);
	store_queries(&load, names);
	open_flows(&load, flows);
	prepare_batches();
	double cpu_before = load.pid != 0 ? cpu_seconds(load.pid) : 0;
	struct mono begin = mono_now();
	run(&load, flows, &tally);
	double elapsed_s = (double)mono_us_between(begin, mono_now()) / 1e6;
	double cpu_s = load.pid != 0 ? cpu_seconds(load.pid) - cpu_before : 0;
	print(&tally, elapsed_s, cpu_s, load.pid != 0);
	return 0;
}
