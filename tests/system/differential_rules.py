"""The differences that stay, each one a rule with the RFC section that allows or demands it; docs/conformance.md tells them in words.

A rule takes a Case and changes its `ours` or `theirs` to what they would be without the difference that it explains, or leaves
them alone. It says as narrowly as it can when it applies; what no rule explains is a failure, and so is a rule that never applied.
"""
from differential_wire import AA, OPT, SVCB_TYPES, TC, TSIG, TYPES, Malformed, read_name

A, NS, CNAME, SOA, MX, AAAA, SRV, DNAME, DS, ANY, RRSIG, NSEC, NSEC3 = (TYPES[name] for name in
                                                     ("A", "NS", "CNAME", "SOA", "MX", "AAAA", "SRV", "DNAME", "DS", "ANY", "RRSIG", "NSEC", "NSEC3"))
ADDRESSES = (A, AAAA)
NAME_AT = {NS: 0, MX: 2, SRV: 6, TYPES["SVCB"]: 2, TYPES["HTTPS"]: 2}
ECS, EXPIRE, COOKIE, KEEPALIVE, EDE = 8, 9, 10, 11, 15
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, YXDOMAIN, NOTAUTH = 0, 1, 2, 3, 4, 5, 6, 9
ERRORS = (FORMERR, SERVFAIL, NOTIMP, REFUSED, NOTAUTH)

CHAIN_MAX = 8  # what Meridian follows behind the first

RULES = []


class Case:
    """One query with both answers, what the same query over TCP gives, and a way to ask the peer more."""

    def __init__(self, query, ours, theirs, peer, zones, ask_ours, ask_theirs):
        self.query, self.ours, self.theirs, self.peer = query, ours, theirs, peer
        self.zones = zones
        self.ask_ours, self.ask_theirs = ask_ours, ask_theirs  # (query, tcp) -> Answer or None
        self.used = []
        try:
            self.qname, end = read_name(query, 12)
            self.qtype, self.qclass = int.from_bytes(query[end:end + 2], "big"), int.from_bytes(query[end + 2:end + 4], "big")
        except Malformed:  # a broken question has neither
            self.qname, self.qtype, self.qclass = None, None, None

    @property
    def opcode(self):
        return self.query[2] >> 3 & 15

    def equal(self):
        return self.ours == self.theirs

    def again(self, ask, name, tcp=False):
        """The answer to the same question about another NAME."""
        end = read_name(self.query, 12)[1]
        return ask(self.query[:12] + name + self.query[end:], tcp)


def rule(section, peers=("knotd", "nsd")):
    def add(function):
        RULES.append((function.__name__, section, peers, function))
        return function
    return add


def explain(case):
    """Applies rules until both answers are the same; False where they stay different."""
    for name, _, peers, function in RULES:
        if case.equal():
            break
        if case.peer not in peers:
            continue
        before = case.ours, case.theirs
        function(case)
        if (case.ours, case.theirs) != before:
            case.used.append(name)
    return case.equal()


def is_at_or_below(name, zone):
    while len(name) > len(zone):
        name = name[name[0] + 1:]
    return name == zone


def suffixes(name):
    """Where the labels of NAME begin, the root among them."""
    at = 0
    while name[at]:
        yield at
        at += name[at] + 1
    yield at


def without_serial(records):
    return frozenset(record._replace(data=record.data[:-20] + bytes(4) + record.data[-16:]) if record.type == SOA else record for record in records)


def mask_serials(answer):
    return answer._replace(answer=without_serial(answer.answer), authority=without_serial(answer.authority))


def without_option(answer, code):
    if answer.edns is None:
        return answer
    return answer._replace(edns=answer.edns._replace(options=tuple(option for option in answer.edns.options if option[0] != code)))


def option_of(answer, code):
    return next((data for number, data in answer.edns.options if number == code), None) if answer is not None and answer.edns else None


def names_in(records):
    """The names that NS, MX, SRV, SVCB and HTTPS records lead to."""
    return {read_name(record.data, NAME_AT[record.type])[0] for record in records if record.type in NAME_AT}


def chain_end(case, answer):
    """(the last name of the chain of CNAMEs in ANSWER, True where it came round)."""
    aliases = {record.name: record.data for record in answer.answer if record.type == CNAME}
    name, seen = case.qname, set()
    while name in aliases and name not in seen:
        seen.add(name)
        name = aliases[name]
    return name, name in seen


@rule("RFC 1982 section 7: a serial is the primary's own; here it is the revision of the store")
def serial(case):
    if case.ours and case.theirs:
        case.ours, case.theirs = mask_serials(case.ours), mask_serials(case.theirs)


@rule("RFC 7871 section 7.2.1: a server that knows the option answers with it; NSD does not know it", peers=("nsd",))
def client_subnet(case):
    sent = option_of(case.ours, ECS)
    if sent is not None and case.theirs is not None and option_of(case.theirs, ECS) is None and sent[3] == 0:
        case.ours = without_option(case.ours, ECS)


@rule("RFC 7873 section 5.2: a server that gives cookies answers a client's with its own; the peers give none unless they are told to")
def server_cookie(case):
    cookie, sent = option_of(case.ours, COOKIE), options_sent(case.query)
    if cookie is None or case.theirs is None or sent is None or option_of(case.theirs, COOKIE) is not None:
        return
    if cookie[:8] in [data[:8] for code, data in sent[0] if code == COOKIE] and 16 <= len(cookie) <= 40:
        case.ours = without_option(case.ours, COOKIE)


@rule("RFC 7314 section 3.2: EXPIRE is for secondaries that fetch a zone, of which there are none; Knot tells it to everybody", peers=("knotd",))
def expire(case):
    if case.ours and case.theirs and option_of(case.ours, EXPIRE) is None:
        case.theirs = without_option(case.theirs, EXPIRE)


@rule("RFC 8482 section 4.1: ANY may be answered with one RRset of those there are")
def any_is_one_rrset(case):
    ours, theirs = case.ours, case.theirs
    if case.qtype != ANY or not ours or not theirs or ours.rcode or theirs.rcode:
        return
    at_name = {record for record in ours.answer if record.type not in (CNAME, DNAME)}
    kinds = {(record.name, record.type) for record in at_name}
    if len(kinds) == 1 and at_name == set(case.ask_ours(typed(case, kinds), True).answer) - \
            {record for record in ours.answer if record.type in (CNAME, DNAME)}:
        case.theirs = theirs._replace(answer=ours.answer, authority=ours.authority, additional=ours.additional, flags=theirs.flags & ~TC)


def typed(case, kinds):
    """The query of CASE for the one type of KINDS."""
    (name, kind), = kinds
    end = read_name(case.query, 12)[1]
    return case.query[:12] + name + kind.to_bytes(2, "big") + case.query[end + 2:]


def zone_of(case, name):
    """The deepest served zone that answers for NAME, for DS at an apex the one above; None where there is none."""
    holding = sorted((zone for zone in case.zones if is_at_or_below(name, zone)), key=len)
    if case.qtype == DS and len(holding) > 1 and holding[-1] == name:
        holding.pop()
    return holding[-1] if holding else None


def go_on(case, stops):
    """While STOPS(answer, last owner, last target) says so, the peer is asked for the end of its chain and told as if it had gone on."""
    theirs, visited = case.theirs, set()
    while len(visited) <= CHAIN_MAX:
        end, round = chain_end(case, theirs)
        owners = [record.name for record in theirs.answer if record.type == CNAME and record.data == end]
        if round or end in visited or not owners or theirs.rcode == YXDOMAIN or not stops(theirs, owners[0], end):
            break
        visited.add(end)
        more = case.again(case.ask_theirs, end, tcp=True)
        if more is None:
            return
        theirs = theirs._replace(answer=theirs.answer | more.answer, authority=more.authority, additional=more.additional, rcode=more.rcode)
    if visited:
        case.theirs = mask_serials(theirs)


def aliases_in(answer):
    return sum(record.type == CNAME for record in answer.answer)


@rule("RFC 1034 section 4.3.2 step 3a: an alias sends the server back to step 1, into its other zones too; Knot stays in one zone", peers=("knotd",))
def chain_through_zones(case):
    if case.ours and case.theirs:
        go_on(case, lambda answer, owner, end: zone_of(case, end) not in (None, zone_of(case, owner)))


@rule("RFC 1034 section 3.6.2: chains should be followed; Knot ends at 5 aliases, we at 9, and a DNAME that feeds itself is left by NSD at once")
def chain_length(case):
    ours, theirs = case.ours, case.theirs
    if not ours or not theirs or not aliases_in(ours) > aliases_in(theirs) > 0:
        return
    if case.peer == "nsd" and not any(record.type == DNAME and is_at_or_below(record.data, record.name) for record in theirs.answer):
        return
    if case.peer == "knotd" and aliases_in(theirs) < 5:
        return
    go_on(case, lambda answer, owner, end: aliases_in(answer) < aliases_in(ours) and end in {record.name for record in ours.answer})
    if aliases_in(ours) == CHAIN_MAX + 1 and ours.answer <= case.theirs.answer:
        case.theirs = case.theirs._replace(answer=ours.answer)


@rule("RFC 1034 section 3.6.2: a type that is not at an alias is looked for where it leads; Knot excepts RRSIG and NSEC, NSD NSEC3")
def alias_and_signing_types(case):
    kinds = {"knotd": (RRSIG, NSEC), "nsd": (NSEC3,)}[case.peer]
    ours, theirs = case.ours, case.theirs
    if ours and theirs and case.qtype in kinds and aliases_in(ours) > aliases_in(theirs) and theirs.answer < ours.answer and not theirs.rcode:
        case.theirs = theirs._replace(answer=ours.answer, authority=ours.authority, rcode=ours.rcode)


@rule("RFC 6672 section 2.2: a name that gets too long is YXDOMAIN, and the DNAME the end of the answer; Knot says NXDOMAIN of some and goes on "
      "from others with what the DNAME itself leads to; NSD adds an extended error, and does not try below the DNAME's own name")
def name_too_long(case):
    ours, theirs = case.ours, case.theirs
    if ours and theirs and ours.rcode == YXDOMAIN and theirs.rcode in (YXDOMAIN, NXDOMAIN, NOERROR) and ours.answer <= theirs.answer:
        case.theirs = without_option(theirs, EDE)._replace(rcode=YXDOMAIN, answer=ours.answer, authority=frozenset())


@rule("RFC 2181 section 5: a record stands once in an RRset, an alias of itself too; the peers repeat it where DS is asked for")
def alias_of_itself(case):
    aliases = [record for record in case.ours.answer if record.type == CNAME] if case.ours else []
    if case.theirs is None and case.qtype == DS and len(aliases) == 1 and aliases[0].data.lower() == aliases[0].name:
        case.theirs = case.ours


@rule("RFC 1034 section 4.2: a cut parts two zones; NSD keeps the parent's hidden names where the child's wildcards look", peers=("nsd",))
def hidden_name_in_child(case):
    if case.ours and case.theirs and case.theirs.authority and is_at_or_below(case.qname, b"\6hidden\5child\4hand\4test\0"):
        case.theirs = case.ours._replace(flags=case.theirs.flags, edns=case.theirs.edns)


@rule("RFC 1034 section 4.3.2 step 6: what may be useful is added where it is at hand; we add what a referral cannot do without")
def additional_addresses(case):
    ours, theirs = case.ours, case.theirs
    if not ours or not theirs or not ours.flags & AA or ours.additional:
        return
    kinds = ADDRESSES + (SVCB_TYPES if case.qtype in SVCB_TYPES else ())
    wanted = names_in(theirs.answer | theirs.authority)
    # A wildcard's addresses stand under the asterisk with Knot, not under the name that they are for.
    wanted |= {b"\1*" + name[at:] for name in wanted for at in suffixes(name)}
    if all(record.type in kinds and record.name in wanted for record in theirs.additional):
        case.theirs = theirs._replace(additional=frozenset())


@rule("RFC 2181 section 9, RFC 1035 section 4.1.4: whole RRsets or TC, and pointers are free to be used or not: it fits here and not there")
def what_fits(case):
    """Where either has cut its answer, or left out glue that a referral can do without, both are taken as they are over TCP, where
    nothing is; the cut one is a part of that."""
    ours, theirs = case.ours, case.theirs
    if not ours or not theirs or not ((ours.flags | theirs.flags) & TC or ours.additional < theirs.additional):
        return
    whole = case.ask_ours(case.query, True)
    if whole is None or not is_part(ours, whole):
        return
    case.ours, case.theirs = (without_option(mask_serials(answer), KEEPALIVE) for answer in (whole, case.ask_theirs(case.query, True)))
    for _, _, peers, function in RULES:
        if case.peer in peers and function is not what_fits:
            function(case)


def is_part(cut, whole):
    """True where CUT says what WHOLE says but for whole RRsets that are left out."""
    for section in ("answer", "authority", "additional"):
        some, all_ = without_serial(getattr(cut, section)), without_serial(getattr(whole, section))
        kinds = {(record.name, record.type) for record in some}
        if some != {record for record in all_ if (record.name, record.type) in kinds}:
            return False
    return cut.rcode in (whole.rcode, NOERROR) and cut.flags & ~TC == whole.flags


# What follows is about messages that are no plain query.


def options_sent(query):
    """(options of the first OPT as (code, data), True where something stands beside the OPT); None where it cannot be read."""
    try:
        at = read_name(query, 12)[1] + 4 if int.from_bytes(query[4:6], "big") == 1 else 12
        options, beside = [], int.from_bytes(query[6:10], "big") != 0
        for _ in range(sum(int.from_bytes(query[field:field + 2], "big") for field in (6, 8, 10))):
            at = read_name(query, at)[1]
            kind, length = int.from_bytes(query[at:at + 2], "big"), int.from_bytes(query[at + 8:at + 10], "big")
            data, at = query[at + 10:at + 10 + length], at + 10 + length
            beside |= kind != OPT
            while kind == OPT and data:
                size = int.from_bytes(data[2:4], "big")
                options.append((int.from_bytes(data[:2], "big"), data[4:4 + size] if len(data) >= 4 + size else None))
                data = data[4 + size:]
        return options, beside or at < len(query)
    except Malformed:
        return None


def is_wrong(code, data):
    """True where an option of a query must be answered with FORMERR."""
    if data is None:
        return True
    if code == COOKIE:  # RFC 7873 section 5.2.2
        return len(data) != 8 and not 16 <= len(data) <= 40
    if code != ECS:
        return False
    if len(data) < 4:
        return True
    family, source, scope, address = int.from_bytes(data[:2], "big"), data[2], data[3], data[4:]
    most = {0: 0, 1: 32, 2: 128}.get(family, -1)
    return scope != 0 or source > most or len(address) != (source + 7) // 8 or \
        bool(source % 8 and address[-1] & 0xff >> source % 8)  # RFC 7871 section 6


@rule("RFC 1035 section 4.1.1: RCODE 1 tells that a query cannot be read; the peers say nothing to some")
def silence_to_malformed(case):
    if case.theirs is None and case.ours is not None and case.ours.rcode == FORMERR and not case.ours.answer:
        case.ours = None


@rule("RFC 1035 section 4.1.1: RCODE and TC are a response's; what stands there in a query is no error. NSD refuses some", peers=("nsd",))
def response_bits_of_queries(case):
    if case.ours and case.theirs and case.opcode == 0 and case.query[2] << 8 & TC | case.query[3] & 15 and case.theirs.rcode == FORMERR:
        case.theirs = case.ours


@rule("RFC 6891 section 6.2.3: a size below 512 counts as 512; Knot refuses 1", peers=("knotd",))
def smallest_size(case):
    if case.ours and case.theirs and case.theirs.rcode == FORMERR and b"\0\0\x29\0\1" in case.query:
        case.theirs = case.ours


@rule("RFC 8945 section 5.3.2: an unsigned error repeats the original id as the client wrote it; Knot takes the header's, and "
      "looks at no signature where it has no zone", peers=("knotd",))
def signature_of_errors(case):
    ours, theirs = signature_in(case.ours), signature_in(case.theirs)
    if ours is not None and theirs is None and case.theirs is not None and case.theirs.rcode == REFUSED:
        case.theirs = case.ours
    elif ours is not None and theirs is not None and case.ours.rcode == case.theirs.rcode == NOTAUTH and \
            (ours.name, ours.klass, ours.ttl, ours.data[-4:]) == (theirs.name, theirs.klass, theirs.ttl, theirs.data[-4:]):
        case.theirs = case.theirs._replace(additional=case.ours.additional)


def signature_in(answer):
    return next((record for record in answer.additional if record.type == TSIG), None) if answer is not None else None


@rule("RFC 6891 section 6.1.1: OPT may stand among other additional records; what can be read is no error")
def records_beside_opt(case):
    sent = options_sent(case.query)
    refused = case.theirs is None or (case.theirs.rcode == FORMERR and not case.theirs.answer)
    if case.ours is not None and case.ours.rcode != FORMERR and refused and sent is not None and sent[1]:
        case.theirs = case.ours


@rule("RFC 7871 section 7.1.2, RFC 7873 section 5.2.2, RFC 6891 section 6.1.2: FORMERR without options to a malformed one; the peers overlook some, "
      "Knot goes on to answer others")
def malformed_option(case):
    sent = options_sent(case.query)
    if case.ours and case.theirs and case.ours.rcode == FORMERR and sent is not None and any(is_wrong(*option) for option in sent[0]) and \
            (case.theirs.rcode != FORMERR or case.theirs.edns):
        case.theirs = case.ours


@rule("RFC 1035 section 4.1.1: what is not done is NOTIMP, NOTIFY (RFC 1996) and UPDATE (RFC 2136) among it; the peers do them")
def notify_and_update(case):
    if case.ours and case.theirs and case.opcode in (4, 5) and case.ours.rcode == NOTIMP:
        case.theirs = case.ours


@rule("RFC 1035 section 3.2.5: of the classes IN alone is served; the peers answer * as IN, Knot tells CHAOS names (RFC 4892)")
def other_classes(case):
    if case.ours and case.theirs and case.qclass in (3, 255) and case.ours.rcode == REFUSED and case.opcode == 0:
        case.theirs = case.ours


@rule("RFC 5936 section 2.2.1: transfers are refused to all; the peers say NOTIMP over UDP and NOTAUTH to names that are no zone")
def transfers(case):
    if case.ours and case.theirs and case.qtype in (251, 252) and case.ours.rcode == REFUSED and case.theirs.rcode in (NOTIMP, NOTAUTH, NOERROR):
        case.theirs = case.ours


@rule("RFC 6895 section 3.1: numbers that are no data type are asked for like one that is not there", peers=("knotd",))
def types_of_no_data(case):
    if case.ours and case.theirs and case.theirs.rcode in (NOTIMP, FORMERR, REFUSED) and (case.qtype == 0 or case.qtype == OPT or 128 <= case.qtype < 255):
        case.theirs = case.ours


@rule("RFC 6891 section 6.1.3, RFC 3225 section 3: BADVERS carries DO as it was sent and no option, for those of another version are unknown")
def version_of_edns(case):
    if case.ours and case.theirs and case.ours.rcode == case.theirs.rcode == 16 and not case.ours.edns.options:
        case.theirs = case.theirs._replace(edns=case.ours.edns, question=case.ours.question)


@rule("RFC 1035 section 4.1.2, RFC 5452 section 9.1: an error repeats the question, by which a resolver knows it; NSD leaves it out", peers=("nsd",))
def question_of_errors(case):
    if case.ours and case.theirs and case.ours.rcode == case.theirs.rcode and case.ours.rcode in ERRORS and not case.theirs.question:
        case.theirs = case.theirs._replace(question=case.ours.question)


@rule("RFC 6891 section 6.1.1: a query with OPT gets an answer with OPT, an error too; the peers leave it out of some")
def opt_of_errors(case):
    if case.ours and case.theirs and case.ours.rcode == case.theirs.rcode and case.ours.rcode in ERRORS and case.ours.edns and not case.theirs.edns:
        case.theirs = case.theirs._replace(edns=case.ours.edns)


@rule("RFC 8914 section 2: an extended error is an explanation that may be given; REFUSED for a class is told as 21, by Knot as nothing", peers=("knotd",))
def extended_error(case):
    if case.ours and case.theirs and case.ours.rcode == case.theirs.rcode == REFUSED and option_of(case.ours, EDE) == b"\0\25":
        case.ours, case.theirs = without_option(case.ours, EDE), without_option(case.theirs, EDE)
