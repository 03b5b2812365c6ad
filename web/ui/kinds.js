// Knows the members of each kind of object as fields of a form.

const POSITION = [
  { key: "lat", label: "Latitude", type: "decimal", placeholder: "50.11" },
  { key: "lon", label: "Longitude", type: "decimal", placeholder: "8.68" },
];

export const ZONE = [
  { key: "name", label: "Zone", type: "text", placeholder: "example.com" },
  { key: "primary", label: "Primary name server", type: "text", placeholder: "ns1.example.com." },
  { key: "contact", label: "Contact", type: "text", placeholder: "hostmaster.example.com.", help: "A mail address with the @ as a dot." },
  { key: "ttl", label: "TTL (s)", type: "number", default: 3600 },
  { key: "negative_ttl", label: "Negative TTL (s)", type: "number", default: 300, help: "How long “no such name” may be kept." },
  { key: "ecs", label: "Use EDNS Client Subnet", type: "flag", default: true },
];

export const RECORD = [
  { key: "name", label: "Name", type: "text", placeholder: "@ for the apex" },
  { key: "type", label: "Type", type: "text", placeholder: "A" },
  { key: "ttl", label: "TTL (s)", type: "number", placeholder: "zone's" },
  { key: "data", label: "Data", type: "lines", wide: true, help: "One a line, in presentation form." },
];

export const ENDPOINT = [
  { key: "name", label: "Name", type: "text", placeholder: "eu1" },
  { key: "address", label: "Address", type: "text", placeholder: "192.0.2.10" },
  { key: "weight", label: "Weight", type: "number", default: 1, help: "0: only when nobody else can." },
  { key: "priority", label: "Priority", type: "number", default: 1, help: "For answers by failover; the lowest first." },
  { key: "enabled", label: "Enabled", type: "flag", default: true },
];

export const POOL = [
  { key: "name", label: "Name", type: "text", placeholder: "eu" },
  { key: "kind", label: "Endpoints are", type: "select", options: ["address", "cname"], none: "addresses" },
  ...POSITION,
  { key: "monitor", label: "Monitor", type: "pick", from: "monitors", none: "none", help: "Without one its endpoints count as well." },
  { key: "answers", label: "Answers", type: "select", options: ["all", "weighted", "hash", "failover"], none: "all that are healthy" },
  { key: "max_answers", label: "At most so many answers", type: "number", default: 0, help: "0: all." },
  { key: "min_healthy", label: "Healthy endpoints needed", type: "number", default: 1, help: "With fewer the pool cannot serve." },
  { key: "fallback", label: "Fallback pool", type: "pick", from: "pools", none: "none" },
];

const http = (monitor) => monitor.type === "http" || monitor.type === "https";
const tls = (monitor) => monitor.type === "https" || monitor.type === "tls";
const is = (type) => (object) => object.type === type;

export const MONITOR = [
  { key: "name", label: "Name", type: "text", placeholder: "web" },
  { key: "type", label: "Type", type: "select", options: ["https", "http", "tcp", "tls", "dns", "icmp"], required: true },
  { key: "port", label: "Port", type: "number" },
  { key: "path", label: "Path", type: "text", default: "/", when: http },
  { key: "method", label: "Method", type: "select", options: ["GET", "HEAD", "POST", "OPTIONS"], none: "GET", when: http },
  { key: "host", label: "Host header", type: "text", when: http },
  { key: "headers", label: "Header fields", type: "json", placeholder: '{"X-Check": "yes"}', when: http, wide: true },
  { key: "body", label: "Body to send", type: "json", help: "With line ends as a JSON string.", when: (monitor) => http(monitor) && monitor.method === "POST", wide: true },
  { key: "http", label: "HTTP version", type: "select", options: ["1.1", "2"], none: "1.1", when: http },
  { key: "redirects", label: "Redirects followed", type: "number", default: 0, when: http, help: "They never leave the target." },
  { key: "sni", label: "TLS server name", type: "text", when: tls, help: "The certificate must be for it." },
  { key: "expect_status", label: "Expected status", type: "text", placeholder: "200-299", when: http },
  { key: "expect_headers", label: "Expected header fields", type: "json", placeholder: '{"X-Served-By": "edge"}', when: http, wide: true },
  { key: "expect_body", label: "Expected in the body", type: "text", when: http },
  { key: "expect_body_regex", label: "Pattern expected in the body", type: "text", placeholder: "^ok", when: http },
  { key: "send", label: "Text to send", type: "json", placeholder: '"EHLO probe\\r\\n"', when: is("tcp"), help: "With line ends as a JSON string." },
  { key: "expect", label: "Text expected", type: "json", placeholder: '"250 "', when: is("tcp") },
  { key: "host", label: "Name asked for", type: "text", placeholder: "www.example.com", when: is("dns") },
  { key: "query_type", label: "Type asked for", type: "text", placeholder: "A", when: is("dns") },
  { key: "transport", label: "Transport", type: "select", options: ["udp", "tcp"], none: "udp", when: is("dns") },
  { key: "expect_rcode", label: "Expected RCODE", type: "select", options: ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"], none: "NOERROR", when: is("dns") },
  { key: "expect_body", label: "Expected in the data", type: "text", when: is("dns") },
  { key: "verify", label: "Verify the certificate", type: "flag", default: true, when: tls },
  { key: "ca_file", label: "CA file", type: "text", when: tls, placeholder: "the system's" },
  { key: "min_tls", label: "Oldest TLS version", type: "select", options: ["1.0", "1.1", "1.2", "1.3"], none: "1.2", when: tls },
  { key: "client_cert", label: "Client certificate", type: "text", when: tls, placeholder: "/etc/meridian/client.pem" },
  { key: "client_key", label: "Its key", type: "text", when: tls, placeholder: "/etc/meridian/client.key" },
  { key: "connection", label: "Connections", type: "select", options: ["session", "fresh", "reuse"], none: "session", when: (monitor) => http(monitor) || tls(monitor), help: "session resumes TLS, fresh shakes hands in full each time, reuse keeps the connection." },
  { key: "interval_ms", label: "Interval (ms)", type: "number", default: 5000 },
  { key: "timeout_ms", label: "Time-out (ms)", type: "number", default: 2000 },
  { key: "recheck_ms", label: "Interval while changing (ms)", type: "number", default: 1000 },
  { key: "fall", label: "Fall", type: "number", default: 3, help: "Failures in a row that make it down." },
  { key: "rise", label: "Rise", type: "number", default: 2, help: "Passes in a row that make it up." },
  { key: "degraded_above_ms", label: "Degraded above (ms)", type: "number", default: 0, help: "0: never." },
  { key: "flap_half_life_s", label: "Half-life of flaps (s)", type: "number", default: 60, help: "Who flaps is held down until it is quiet. 0: never." },
  { key: "allow_link_local", label: "Allow link-local addresses", type: "flag", default: false },
  { key: "cert_warn_days", label: "Warn before certificates end (days)", type: "number", default: 21, when: tls },
];

export const REGION = [
  { key: "name", label: "Name", type: "text", placeholder: "dach" },
  { key: "places", label: "Places", type: "words", placeholder: "EU-DE, EU-AT, EU-CH", wide: true },
  { key: "cidrs", label: "Prefixes", type: "words", placeholder: "198.51.100.0/24", wide: true },
  { key: "asns", label: "AS numbers", type: "json", placeholder: "[64500]" },
];

export const GEO = [
  { key: "cidr", label: "Prefix", type: "text", placeholder: "203.0.113.0/24" },
  { key: "place", label: "Place", type: "text", placeholder: "EU-DE" },
  ...POSITION,
  { key: "asn", label: "AS number", type: "number" },
  { key: "note", label: "Note", type: "text" },
];

export const SITE = [{ key: "name", label: "Name", type: "text", placeholder: "fra" }, ...POSITION];

export const PREFIX = [
  { key: "prefix", label: "Prefix", type: "text", placeholder: "192.0.2.0/24" },
  { key: "address", label: "Service address", type: "text", placeholder: "192.0.2.53", help: "On which the responder must answer before it is announced." },
  { key: "sites", label: "Sites", type: "words" },
  { key: "interface", label: "Interface", type: "text", default: "lo" },
  { key: "needs.dns", label: "Needs this answer", type: "text", placeholder: "example.com. SOA" },
  { key: "needs.pools", label: "Needs one of these pools", type: "words" },
  { key: "on_backends_down", label: "When none of them can serve", type: "select", options: ["degrade", "withdraw"], none: "degrade" },
  { key: "drain_s", label: "Drain (s)", type: "number", default: 30 },
  { key: "min_sites", label: "Other sites that must announce", type: "number", default: 1 },
];

export const SAFETY = [
  { key: "max_withdraw_per_10min", label: "Withdrawals in ten minutes, at most", type: "number", default: 3 },
  { key: "panic_fraction", label: "Panic fraction", type: "decimal", default: 0.5, help: "With more than this part of all targets down at once, the controller withdraws nothing by itself." },
  { key: "database_old_days", label: "Days until a geo database is old", type: "number", default: 45, help: "An older one is an event of the kind database, which alerts can name. 0: never." },
];

export const ALERT = [
  { key: "name", label: "Name", type: "text", placeholder: "ops" },
  { key: "type", label: "Type", type: "select", options: ["webhook", "email"], required: true },
  { key: "url", label: "URL", type: "text", placeholder: "https://hooks.example.com/x", when: is("webhook") },
  { key: "secret_file", label: "File of the secret", type: "text", placeholder: "/etc/meridian/hook.secret", when: is("webhook"), help: "Its first line signs what is sent." },
  { key: "to", label: "To", type: "text", placeholder: "ops@example.com", when: is("email") },
  { key: "from", label: "From", type: "text", placeholder: "meridian@localhost", when: is("email") },
  { key: "smtp", label: "Mail server", type: "text", placeholder: "smtp://127.0.0.1:25", when: is("email") },
  { key: "events", label: "Events", type: "words", placeholder: "endpoint, prefix", help: "endpoint, pool, prefix, session, config, daemon, certificate, database; none: all." },
];

const DEFAULTS = { interval_ms: 5000, timeout_ms: 2000, recheck_ms: 1000, fall: 3, rise: 2 };

// The longest a dead endpoint is still handed out, in ms: it dies just after a passed check; FALL checks then fail, each no later
// than the interval after the one before and told at the latest by its time-out; and a resolver may have taken the answer a moment before.
export function worstFailover(monitor, ttlS) {
  if (!monitor) return null;
  const m = { ...DEFAULTS, ...Object.fromEntries(Object.entries(monitor).filter(([, value]) => value !== null)) };
  const detect = m.interval_ms * m.fall + m.timeout_ms;
  return { detect, total: detect + ttlS * 1000, monitor: m };
}
