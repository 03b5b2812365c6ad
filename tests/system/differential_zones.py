"""Zones made to be hard to answer from: by hand what the RFCs name, and at random, from a fixed seed, what nobody thought of.

Every zone is an RFC 1035 file that Knot, NSD and `meridian zone import` all take. The SOA numbers that Meridian does not
store (refresh, retry, expire) are those that it serves.
"""
import random

SOA = "{ttl} IN SOA {primary} hostmaster.hand.test. 1 3600 600 1209600 {minimum}"


def long_name(zone, room=255):
    """The longest name below ZONE: labels of 63 octets and one that fills what is left."""
    wire = 1 + sum(len(label) + 1 for label in zone.split("."))
    labels = []
    while room - wire > 1:
        labels.append("x" * min(63, room - wire - 1))
        wire += len(labels[-1]) + 1
    return ".".join(labels)


def addresses(owner, count, ttl=60):
    return "".join(f"{owner} {ttl} A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i in range(count))


# A parent that is served beside its children: DS comes from here, all else at and below the cuts from them.
PARENT = f"""$ORIGIN test.
$TTL 3600
@ {SOA.format(ttl=3600, primary="ns1.hand.test.", minimum=900)}
@ NS ns1.hand.test.
@ NS ns.other.example.
hand NS ns1.hand
hand NS ns2.hand
hand DS 12345 13 2 0000000000000000000000000000000000000000000000000000000000000001
hand TXT "below the cut, so never seen"
ns1.hand A 192.0.2.53
ns2.hand A 192.0.2.54
ns2.hand AAAA 2001:db8::54
away NS ns.away
away NS ns.other.example.
ns.away A 192.0.2.99
away DS 1 8 1 0000000000000000000000000000000000000001
www.away A 192.0.2.98
away.unsigned NS ns1.hand
deep.er NS ns1.hand
gen0 NS ns1.hand
gen1 NS ns1.hand
gen2 NS ns1.hand
gen3 NS ns1.hand
gen4 NS ns1.hand
gen5 NS ns1.hand
* TXT "wildcard of the parent"
to-child CNAME www.hand
to-child-cut CNAME www.sub.hand
to-nothing CNAME nothing.hand
into-child DNAME ent.hand
"""

HAND = f"""$ORIGIN hand.test.
$TTL 300
@ {SOA.format(ttl=600, primary="ns1", minimum=120)}
@ NS ns1
@ NS ns2
@ MX 10 mail
@ MX 20 mail.other.example.
@ TXT "v=spf1 -all"
@ CAA 0 issue "ca.example"
@ HTTPS 1 . alpn=h2,h3
ns1 A 192.0.2.53
ns2 A 192.0.2.54
ns2 AAAA 2001:db8::54
www A 192.0.2.10
www AAAA 2001:db8::10
www TXT ( "one"
	"two" ) ; over two lines
mail A 192.0.2.25
WwW2 60 A 192.0.2.11
; wildcards at several depths, beside names that exist (RFC 4592)
*.w A 192.0.2.20
*.w TXT "wild"
*.w MX 5 mail
here.w A 192.0.2.21
below.here.w A 192.0.2.22
*.deep.w TXT "deeper"
*.*.star A 192.0.2.23
x.*.star TXT "below an asterisk"
*.cw CNAME www
*.cx CNAME nothing
*.cl CNAME a.cl
*.cm CNAME x.w
exact.cw AAAA 2001:db8::1
*.ent.wild A 192.0.2.24
; empty non-terminals
a.b.c.ent A 192.0.2.30
z.ent TXT "z"
; delegations (RFC 1034 section 4.3.2, RFC 9471)
sub NS ns.sub
sub NS ns1
sub DS 4711 13 2 00000000000000000000000000000000000000000000000000000000000000ff
ns.sub A 192.0.2.60
ns.sub AAAA 2001:db8::60
www.sub A 192.0.2.61
glueless NS ns.elsewhere.example.
sibling NS ns.sub
sibling NS ns.of.sibling2
sibling2 NS ns.of.sibling2
ns.of.sibling2 A 192.0.2.62
unglued NS ns.unglued
x.y.cut NS ns1
*.undercut.sub A 192.0.2.63
many NS a.many
many NS b.many
many NS c.many
many NS d.many
""" + "".join(f"{n}.many A 192.0.2.{70 + i}\n{n}.many AAAA 2001:db8::{70 + i}\n" for i, n in enumerate("abcd")) + f"""
child NS ns1.child
child NS ns2
child DS 815 8 2 00000000000000000000000000000000000000000000000000000000000000aa
ns1.child A 192.0.2.90
hidden.child TXT "of the parent, below the cut"
; chains (RFC 1034 section 3.6.2), loops, ends outside
c1 CNAME c2
c2 60 CNAME c3
c3 CNAME www
cnone CNAME nothing
cwild CNAME any.w
cent CNAME b.c.ent
cself CNAME cself
cloop1 CNAME cloop2
cloop2 CNAME cloop1
cout CNAME www.elsewhere.example.
cother CNAME www.other.example.
cother2 CNAME back.other.example.
cchild CNAME www.child
cparent CNAME to-child.test.
csub CNAME www.sub
cdname CNAME www.d
capex CNAME hand.test.
""" + "".join(f"l{i} CNAME l{i + 1}\n" for i in range(1, 7)) + f"""l7 A 192.0.2.77
; DNAME (RFC 6672)
d DNAME other.example.
d TXT "beside a DNAME"
din DNAME w
dent DNAME ent
dsub DNAME sub
dself DNAME x.dself
dchain DNAME din
dnone DNAME nothing
dlong DNAME {long_name("hand.test", 200)}
dchild DNAME child
; every type of data
t TXT "a" "b c" "\\"quoted\\"" unquoted "semi;colon" "\\000\\255"
t TXT "{'x' * 255}" "{'y' * 255}"
t SPF "v=spf1 -all"
t SRV 1 2 443 www
t SRV 0 0 0 .
t NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
t TLSA 3 1 1 {'ab' * 32}
t SSHFP 4 2 {'cd' * 32}
t LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
t URI 10 1 "https://www.example.com/path"
t SVCB 0 www
t SVCB 1 svc alpn="h2,h3" port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1
t HTTPS 1 . alpn=h3 no-default-alpn
t HTTPS 16 www.other.example. port=443
t CAA 128 issuewild ";"
t CAA 0 iodef "mailto:security@example.com"
t HINFO "PC" "Linux"
t RP hostmaster text
t AFSDB 1 afs
t KX 10 kx
t CERT PKIX 1 8 AQIDBA==
t SMIMEA 3 1 1 {'ef' * 32}
t OPENPGPKEY AQIDBA==
t DNSKEY 256 3 13 {'A' * 86}==
t CDS 0 0 0 00
t CSYNC 66 3 A NS AAAA
t EUI48 00-00-5e-00-53-2a
t EUI64 00-00-5e-ef-10-00-00-2a
t ZONEMD 1 1 1 {'01' * 48}
t PTR www
t DHCID AQIDBA==
t TYPE65280 \\# 4 0a000001
t TYPE65281 \\# 0
t TYPE1 \\# 4 c0000281
; odd labels
a\\.b A 192.0.2.101
\\000 A 192.0.2.102
\\255\\254 A 192.0.2.103
sp\\032ace A 192.0.2.104
q\\"uote A 192.0.2.105
back\\\\slash A 192.0.2.106
semi\\;colon A 192.0.2.107
at\\@ A 192.0.2.108
dollar\\$ A 192.0.2.109
paren\\(s\\) A 192.0.2.110
0/25 NS ns1
_sip._tcp SRV 1 1 5060 www
\\*.literal A 192.0.2.111
{'m' * 63} A 192.0.2.112
{long_name("hand.test")} A 192.0.2.113
x.{long_name("hand.test", 253)} CNAME www
; sizes around 512, 1232, 4096 and 65,535 octets
{addresses("big27", 27)}{addresses("big28", 28)}{addresses("big29", 29)}{addresses("big30", 30)}{addresses("big31", 31)}
{addresses("big72", 72)}{addresses("big73", 73)}{addresses("big74", 74)}{addresses("big75", 75)}{addresses("big76", 76)}
{addresses("big300", 300)}{addresses("*.bigwild", 80)}
cbig CNAME big300
bigns NS ns1.bigns
""" + "".join(f"bigns NS ns{i}.bigns\nns{i}.bigns A 10.9.0.{i}\nns{i}.bigns AAAA 2001:db8:9::{i}\n" for i in range(2, 30)) + """
ns1.bigns A 10.9.0.1
""" + "".join(f"bigmx MX {i} mx{i}.with-a-rather-long-name\nmx{i}.with-a-rather-long-name A 10.8.0.{i}\n" for i in range(1, 40)) \
    + "".join(f"bigtxt TXT \"{i:03}{'t' * 200}\"\n" for i in range(12))

CHILD = f"""$ORIGIN child.hand.test.
$TTL 1h
@ {SOA.format(ttl=60, primary="ns1", minimum=3600)}
@ NS ns1
@ NS ns3
ns1 A 192.0.2.91
ns3 A 192.0.2.93
www A 192.0.2.92
* AAAA 2001:db8::92
up CNAME www.hand.test.
grand NS ns1
grand DS 2 8 1 00000000000000000000000000000000000000cc
"""

OTHER = f"""$ORIGIN other.example.
$TTL 5m
@ {SOA.format(ttl=300, primary="ns", minimum=60)}
@ 1d NS ns
ns A 198.51.100.53
www A 198.51.100.10
mail A 198.51.100.25
back CNAME cother.hand.test.
loop CNAME loop.hand.test.
*.hand CNAME www.hand.test.
away CNAME www.away.test.
"""

# A DNAME at the apex redirects all that is below, and nothing at it.
APEX_DNAME = f"""$ORIGIN moved.example.
$TTL 300
@ {SOA.format(ttl=300, primary="ns.other.example.", minimum=60)}
@ NS ns.other.example.
@ DNAME other.example.
@ TXT "moved"
"""

REVERSE = f"""$ORIGIN 2.0.192.in-addr.arpa.
$TTL 1d
@ {SOA.format(ttl=300, primary="ns1.hand.test.", minimum=60)}
@ NS ns1.hand.test.
10 PTR www.hand.test.
0/25 NS ns1.hand.test.
128/25 NS ns.other.example.
""" + "".join(f"{i} CNAME {i}.0/25\n" for i in range(60, 70)) + "".join(f"{i} CNAME {i}.128/25\n" for i in range(160, 165))

LABELS = ("a", "b", "c", "*", "Ab")
RANDOM_ZONES = 6


def random_owner(rng):
    return ".".join(rng.choice(LABELS) for _ in range(rng.choice((1, 1, 2, 2, 2, 3, 3, 4, 6))))


def random_target(rng, zone):
    kind = rng.random()
    if kind < 0.7:
        return f"{random_owner(rng)}.{zone}."
    if kind < 0.9:
        return f"{random_owner(rng)}.gen{rng.randrange(RANDOM_ZONES)}.test."
    return rng.choice(("www.hand.test.", "x.w.hand.test.", "www.elsewhere.example.", f"{zone}.", "d.hand.test."))


def random_data(rng, zone):
    """One name's records as (type, data)."""
    kind = rng.random()
    if kind < 0.22:
        return [("CNAME", random_target(rng, zone))]
    if kind < 0.32:
        return [("NS", random_target(rng, zone)) for _ in range(rng.randrange(1, 4))] + \
            ([("DS", "1 8 1 00000000000000000000000000000000000000dd")] if rng.random() < 0.4 else [])
    if kind < 0.40:
        return [("DNAME", random_target(rng, zone))]
    choices = (("A", "192.0.2.1"), ("A", "192.0.2.2"), ("AAAA", "2001:db8::1"), ("TXT", '"t"'), ("MX", f"1 {random_target(rng, zone)}"),
               ("SRV", f"1 1 1 {random_target(rng, zone)}"), ("HTTPS", f"0 {random_target(rng, zone)}"),
               ("SVCB", f"1 {random_target(rng, zone)} alpn=h2"))
    return rng.sample(choices, rng.randrange(1, 4))


def random_zone(seed, zone):
    """
    A zone of few labels, so that its names meet each other. Left out is what a peer does not load: data below a DNAME, a DNAME
    beside NS; and what RFC 4592 sections 4.2 and 4.4 leave open: NS and DNAME at a wildcard.
    """
    rng = random.Random(seed)
    names = {}
    for _ in range(70):
        owner = random_owner(rng).lower()
        names.setdefault(owner, random_data(rng, zone))
    for owner in list(names):
        kinds = {kind for kind, _ in names[owner]}
        if owner.startswith("*.") or owner == "*":
            if kinds & {"NS", "DNAME"}:
                del names[owner]
    redirected = [owner for owner, data in names.items() if data[0][0] == "DNAME"]
    for owner in list(names):
        if any(owner.endswith("." + above) for above in redirected):
            del names[owner]
    text = f"$ORIGIN {zone}.\n$TTL {60 + seed}\n@ {SOA.format(ttl=500, primary='ns1.hand.test.', minimum=77)}\n@ NS ns1.hand.test.\n"
    for owner, data in names.items():
        for kind, value in sorted(set(data)):
            text += f"{owner} {kind} {value}\n"
    return text


def zones():
    """name -> RFC 1035 text, in an order in which parents come first."""
    made = {"test": PARENT, "hand.test": HAND, "child.hand.test": CHILD, "other.example": OTHER, "moved.example": APEX_DNAME,
            "2.0.192.in-addr.arpa": REVERSE}
    for i in range(RANDOM_ZONES):
        made[f"gen{i}.test"] = random_zone(i + 1, f"gen{i}.test")
    return made
