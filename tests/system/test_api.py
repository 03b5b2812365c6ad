"""The HTTP API of the real meridian-web: log-in, roles, objects with their preconditions, the document, overrides."""
import http.client
import json
import re

import pytest

import harness

DOCUMENT = {
    "meridian": 1,
    "sites": [{"name": "fra", "lat": 50.11, "lon": 8.68}],
    "monitors": [{"name": "web", "type": "tcp", "port": 9}],
    "pools": [
        {"name": "eu", "monitor": "web", "fallback": "us", "endpoints": [{"name": "eu1", "address": "192.0.2.10"}]},
        {"name": "us", "endpoints": [{"name": "us1", "address": "192.0.2.20"}]},
    ],
    "zones": [{"name": "example.com", "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
               "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                           {"name": "ns1", "type": "A", "data": ["192.0.2.53"]}],
               "services": [{"name": "www", "steering": "failover", "pools": ["eu", "us"]}]}],
}


class Client:
    """One caller of the API: a session or a token."""

    def __init__(self, instance, token=None, cookie=None):
        self.port, self.token, self.cookie = instance.http_port, token, cookie

    def call(self, method, path, body=None, headers=None, origin=True):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=harness.patient(20))
        head = dict(headers or {})
        if self.token:
            head["Authorization"] = f"Bearer {self.token}"
        if self.cookie:
            head["Cookie"] = self.cookie
            if origin and method != "GET":
                head.setdefault("Origin", f"http://127.0.0.1:{self.port}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            head.setdefault("Content-Type", "application/merge-patch+json" if method == "PATCH" else "application/json")
        path = path if path.startswith("/") else f"/api/v1/{path}"
        connection.request(method, path, body=body, headers=head)
        response = connection.getresponse()
        data = response.read()
        response.etag = response.getheader("ETag")
        kind = response.getheader("Content-Type") or ""
        response.json = json.loads(data) if "json" in kind and data and not response.getheader("Content-Encoding") else None
        response.data = data
        connection.close()
        return response

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)


def first_password(instance):
    return re.search(r"first log-in: admin / (\S+)", instance.processes["web"].output()).group(1)


def log_in(instance, user="admin", password=None):
    answer = Client(instance).post("session", {"user": user, "password": password or first_password(instance)})
    assert answer.status == 200, answer.data
    return Client(instance, cookie=answer.getheader("Set-Cookie").split(";")[0])


@pytest.fixture(scope="module")
def instance():
    with harness.Instance(DOCUMENT, geo=False) as running:
        yield running.start("web")


@pytest.fixture(scope="module")
def admin(instance):
    return log_in(instance)


@pytest.fixture(scope="module")
def tokens(instance, admin):
    """A client for each role, and one for one zone alone."""
    clients = {}
    for role in ("viewer", "operator", "admin"):
        secret = admin.post("tokens", {"name": f"t-{role}", "role": role}).json["secret"]
        clients[role] = Client(instance, token=secret)
    secret = admin.post("tokens", {"name": "t-zone", "role": "operator", "zones": ["example.com"]}).json["secret"]
    clients["zone"] = Client(instance, token=secret)
    return clients


# Who may

def test_the_first_password_works_and_the_cookie_is_protected(instance):
    answer = Client(instance).post("session", {"user": "admin", "password": first_password(instance)})
    assert answer.json == {"user": "admin", "role": "admin"}
    cookie = answer.getheader("Set-Cookie")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie


def test_a_user_gets_another_role_and_must_log_in_again(instance, admin):
    password = admin.post("users", {"name": "rick", "role": "viewer"}).json["password"]
    rick = log_in(instance, "rick", password)
    assert rick.post("pools", {"name": "mine", "endpoints": []}).status == 403
    assert admin.call("PATCH", "users/rick", {"role": "captain"}).status == 422
    assert admin.call("PATCH", "users/nobody", {"role": "viewer"}).status == 404
    assert rick.call("PATCH", "users/rick", {"role": "admin"}).status == 403
    assert admin.call("PATCH", "users/rick", {"role": "operator"}).json == {"name": "rick", "role": "operator"}
    assert rick.get("session").status == 401
    assert log_in(instance, "rick", password).get("session").json["role"] == "operator"


def test_the_last_admin_stays_admin(admin, tokens):
    answer = admin.call("PATCH", "users/admin", {"role": "viewer"})
    assert answer.status == 409 and "last admin" in answer.json["detail"]
    assert tokens["admin"].call("DELETE", "users/admin").status == 409
    assert admin.get("session").json["role"] == "admin"


def test_nobody_reads_without_logging_in(instance):
    for path in ("pools", "config", "health", "overview", "events", "users", "events/stream"):
        answer = Client(instance).get(path)
        assert answer.status == 401 and answer.getheader("WWW-Authenticate"), path
        assert answer.getheader("Content-Type") == "application/problem+json"


def test_a_wrong_token_and_a_wrong_cookie_are_nobody(instance):
    assert Client(instance, token="x" * 43).get("pools").status == 401
    assert Client(instance, cookie="meridian=" + "x" * 43).get("pools").status == 401
    assert Client(instance, token="").get("pools", headers={"Authorization": "Bearer " + "y" * 5000}).status in (400, 401)


def test_a_session_ends_with_log_out(instance):
    client = log_in(instance)
    assert client.get("session").json["user"] == "admin"
    assert client.call("DELETE", "session").status == 204
    assert client.get("session").status == 401


def test_roles_bound_what_is_written(tokens):
    pool = {"name": "roles", "endpoints": []}
    assert tokens["viewer"].get("pools").status == 200
    assert tokens["viewer"].post("pools", pool).status == 403
    assert tokens["operator"].post("pools", pool).status == 201
    assert tokens["operator"].get("users").status == 403
    assert tokens["operator"].call("PUT", "safety", {"panic_fraction": 0.4}, headers={"If-Match": "*"}).status == 403
    assert tokens["admin"].get("users").status == 200
    assert tokens["operator"].call("DELETE", "pools/roles", headers={"If-Match": "*"}).status == 204


def test_a_token_for_a_zone_writes_that_zone_alone(tokens):
    record = {"name": "zone-token", "type": "A", "data": ["192.0.2.1"]}
    assert tokens["zone"].post("zones/example.com/records", record).status == 201
    assert tokens["zone"].post("zones/other.example/records", record).status == 403
    assert tokens["zone"].post("pools", {"name": "zoned", "endpoints": []}).status == 403
    assert tokens["zone"].call("PUT", "config", DOCUMENT).status == 403
    assert tokens["zone"].get("pools").status == 200


def test_a_cookie_writes_from_its_own_origin_alone(admin):
    pool = {"name": "csrf", "endpoints": []}
    assert admin.post("pools", pool, origin=False).status == 403
    assert admin.post("pools", pool, headers={"Origin": "http://evil.example"}).status == 403
    assert admin.post("pools", pool, headers={"Origin": "null"}).status == 403
    assert admin.get("pools/csrf").status == 404


def test_users_are_made_and_removed_by_admins(instance, admin):
    made = admin.post("users", {"name": "vera", "role": "viewer"})
    assert made.status == 201 and len(made.json["password"]) > 15
    vera = log_in(instance, "vera", made.json["password"])
    assert vera.get("session").json == {"user": "vera", "role": "viewer", "via": "session", "zones": None}
    assert vera.call("PUT", "users/vera/password", {"password": "a new password"}).status == 422
    assert vera.call("PUT", "users/admin/password", {"password": "a new password"}).status == 403
    assert vera.call("PUT", "users/vera/password", {"password": "a new password", "current": made.json["password"]}).status == 204
    log_in(instance, "vera", "a new password")
    assert admin.post("users", {"name": "vera", "role": "viewer"}).status == 409
    assert admin.post("users", {"name": "short", "role": "viewer", "password": "short"}).json["errors"][0]["pointer"] == "/password"
    assert admin.call("DELETE", "users/admin").status == 409
    assert admin.call("DELETE", "users/vera").status == 204
    assert admin.call("DELETE", "users/vera").status == 404


# Objects

def test_an_object_lives_from_201_to_204(tokens):
    operator = tokens["operator"]
    made = operator.post("pools", {"name": "life", "endpoints": [{"name": "a", "address": "192.0.2.1"}]})
    assert made.status == 201 and made.getheader("Location") == "/api/v1/pools/life"
    assert made.etag == f'"{made.json["revision"]}"'
    read = operator.get("pools/life")
    assert read.status == 200 and read.etag == made.etag and read.json["used_by"] == []
    assert operator.get("pools/life", headers={"If-None-Match": read.etag}).status == 304
    # What was read can be sent back as it is.
    again = operator.call("PUT", "pools/life", read.json, headers={"If-Match": read.etag})
    assert again.status == 200 and again.etag == read.etag
    patched = operator.call("PATCH", "pools/life", {"max_answers": 2}, headers={"If-Match": read.etag})
    assert patched.status == 200, patched.data
    assert patched.json["max_answers"] == 2 and patched.etag != read.etag
    assert patched.json["endpoints"][0]["name"] == "a"
    assert operator.call("DELETE", "pools/life", headers={"If-Match": patched.etag}).status == 204
    assert operator.get("pools/life").status == 404


def test_a_change_without_or_with_an_old_etag_is_refused(tokens):
    operator = tokens["operator"]
    made = operator.post("regions", {"name": "old", "places": ["EU"]})
    body = {"name": "old", "places": ["AF"]}
    for method, data in (("PUT", body), ("PATCH", {"places": ["AF"]}), ("DELETE", None)):
        assert operator.call(method, "regions/old", data).status == 428
        assert operator.call(method, "regions/old", data, headers={"If-Match": '"999999"'}).status == 412
        assert operator.call(method, "regions/old", data, headers={"If-Match": f"W/{made.etag}"}).status == 412
    assert operator.get("regions/old").etag == made.etag
    assert operator.call("DELETE", "regions/old", headers={"If-Match": "*"}).status == 204


def test_put_creates_with_if_none_match_alone(tokens):
    operator = tokens["operator"]
    site = {"name": "muc", "lat": 48.1, "lon": 11.6}
    assert operator.call("PUT", "sites/muc", site).status == 404
    assert operator.call("PUT", "sites/muc", site, headers={"If-None-Match": "*"}).status == 201
    assert operator.post("sites", site).status == 409
    assert operator.call("PUT", "sites/muc", {"name": "ham"}, headers={"If-Match": "*"}).status == 422
    assert operator.call("DELETE", "sites/muc", headers={"If-Match": "*"}).status == 204


def test_what_is_wrong_is_told_by_pointer_and_nothing_is_stored(instance, tokens):
    operator, before = tokens["operator"], instance.revision()
    cases = [
        ({"name": "bad", "endpoints": [{"name": "a", "address": "192.0.2.300"}]}, "/endpoints/0/address"),
        ({"name": "bad", "endpoints": [{"name": "a", "address": "192.0.2.1", "weight": -1}]}, "/endpoints/0/weight"),
        ({"name": "bad", "colour": "red", "endpoints": []}, "/colour"),
        ({"name": "BAD", "endpoints": []}, "/name"),
    ]
    for body, pointer in cases:
        answer = operator.post("pools", body)
        assert answer.status == 422, answer.data
        assert pointer in [error["pointer"] for error in answer.json["errors"]], answer.json
    assert operator.post("pools", "{").status == 400
    assert operator.post("pools", '{"name": "a", "name": "b"}').status == 400
    assert operator.post("pools", "[]").status == 422
    assert operator.post("pools", "{}", headers={"Content-Type": "text/plain"}).status == 415
    assert operator.call("PATCH", "pools/eu", "{}", headers={"If-Match": "*", "Content-Type": "application/json"}).status == 415
    assert instance.revision() == before


def test_what_is_in_use_cannot_be_deleted(tokens):
    answer = tokens["operator"].call("DELETE", "pools/us", headers={"If-Match": "*"})
    assert answer.status == 409
    assert {"pool/eu", "service/example.com/www"} <= set(answer.json["blocking"])


def test_a_dry_run_changes_nothing(instance, tokens):
    before = instance.revision()
    answer = tokens["operator"].post("pools?dry_run=true", {"name": "dry", "endpoints": []})
    assert answer.status == 200 and answer.json["dry_run"] is True
    assert [(c["action"], c["kind"], c["id"]) for c in answer.json["changes"]] == [("create", "pool", "dry")]
    assert tokens["operator"].get("pools/dry").status == 404 and instance.revision() == before


def test_records_have_the_same_life(tokens):
    operator = tokens["operator"]
    made = operator.post("zones/example.com/records", {"name": "mail", "type": "mx" .upper(), "ttl": 60, "data": ["10 mx.example.net."]})
    assert made.status == 201 and made.getheader("Location") == "/api/v1/zones/example.com/records/mail/MX"
    assert operator.get("zones/EXAMPLE.com/records/MAIL/mx").json["data"] == ["10 mx.example.net."]
    patched = operator.call("PATCH", "zones/example.com/records/mail/MX", {"ttl": 90}, headers={"If-Match": made.etag})
    assert patched.json["ttl"] == 90
    assert operator.post("zones/example.com/records", {"name": "mail", "type": "CNAME", "data": ["x."]}).status == 422
    assert operator.post("zones/example.com/records", {"name": "x", "type": "A", "data": ["nonsense"]}).json["errors"][0]["pointer"] == "/data/0"
    assert operator.get("zones/example.com/records/mail/A").status == 404
    assert operator.get("zones/example.com/records/mail/NONSENSE").status == 404
    assert operator.get("zones/absent.example/records").status == 404
    assert operator.call("DELETE", "zones/example.com/records/mail/MX", headers={"If-Match": patched.etag}).status == 204


def test_a_zone_comes_and_goes_with_what_is_in_it(tokens):
    operator = tokens["operator"]
    zone = {"name": "new.example", "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
            "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]}, {"name": "a", "type": "A", "data": ["192.0.2.1"]}],
            "services": [{"name": "www", "steering": "failover", "pools": ["eu"]}]}
    made = operator.post("zones", zone)
    assert made.status == 201, made.data
    assert len(operator.get("zones/new.example/records").json["items"]) == 2
    assert operator.get("zones/new.example/services/www").json["steering"] == "failover"
    bad = dict(zone, name="bad.example", records=[{"name": "a", "type": "A", "data": ["x"]}])
    assert operator.post("zones", bad).json["errors"][0]["pointer"] == "/records/0/data/0"
    assert operator.call("DELETE", "zones/new.example", headers={"If-Match": made.etag}).status == 204
    assert operator.get("zones/new.example").status == 404
    assert operator.get("zones/new.example/services/www").status == 404


def test_an_endpoint_is_a_resource_of_its_pool(tokens):
    operator = tokens["operator"]
    operator.post("pools", {"name": "ends", "endpoints": []})
    made = operator.post("pools/ends/endpoints", {"name": "e1", "address": "192.0.2.1"})
    assert made.status == 201 and made.getheader("Location") == "/api/v1/pools/ends/endpoints/e1"
    assert operator.post("pools/ends/endpoints", {"name": "e1", "address": "192.0.2.2"}).status == 409
    assert operator.post("pools/ends/endpoints", {"name": "e2", "address": "x"}).json["errors"][0]["pointer"] == "/address"
    assert operator.call("PATCH", "pools/ends/endpoints/e1", {"enabled": False}).status == 428
    patched = operator.call("PATCH", "pools/ends/endpoints/e1", {"enabled": False}, headers={"If-Match": made.etag})
    assert patched.status == 200 and patched.json["enabled"] is False
    assert operator.get("pools/ends").json["endpoints"][0]["enabled"] is False
    assert operator.call("DELETE", "pools/ends/endpoints/e1", headers={"If-Match": patched.etag}).status == 204
    assert operator.get("pools/ends/endpoints").json["items"] == []
    assert operator.call("DELETE", "pools/ends", headers={"If-Match": "*"}).status == 204


def test_lists_are_paged_by_links(tokens):
    operator = tokens["operator"]
    for i in range(5):
        assert operator.post("alerts", {"name": f"page-{i}", "type": "webhook", "url": "https://hooks.example.com/", "events": []}).status in (201, 422)
        assert operator.post("zones/example.com/records", {"name": f"page-{i}", "type": "A", "data": ["192.0.2.1"]}).status == 201
        assert operator.post("zones/example.com/records", {"name": f"page-{i}", "type": "TXT", "data": ["\"x\""]}).status == 201
        assert operator.post("regions", {"name": f"page-{i}", "places": ["EU"]}).status == 201
    for path, wanted in (("regions?limit=2&q=page-", [f"page-{i}" for i in range(5)]),
                         ("zones/example.com/records?limit=3&q=page-", [f"page-{i}" for i in range(5) for _ in range(2)])):
        seen, pages = [], 0
        while path:
            answer = operator.get(path)
            seen += [item["name"] for item in answer.json["items"]]
            link, pages = answer.getheader("Link"), pages + 1
            path = re.match(r'<(\S+)>; rel="next"', link).group(1) if link else None
        assert seen == wanted and pages > 2
    assert operator.get("regions?limit=0").status == 400
    assert operator.get("regions?limit=1001").status == 400


def test_an_idempotency_key_creates_once(instance, tokens):
    operator, key = tokens["operator"], {"Idempotency-Key": "once"}
    first = operator.post("regions", {"name": "once", "places": ["EU"]}, headers=key)
    revision = instance.revision()
    again = operator.post("regions", {"name": "once", "places": ["EU"]}, headers=key)
    assert (first.status, again.status) == (201, 201) and first.json == again.json
    assert again.getheader("Location") == first.getheader("Location")
    assert instance.revision() == revision
    assert operator.post("regions", {"name": "twice", "places": ["EU"]}, headers=key).status == 422
    assert tokens["admin"].post("regions", {"name": "once", "places": ["EU"]}, headers=key).status == 409
    assert operator.post("regions", {"name": "x", "places": ["EU"]}, headers={"Idempotency-Key": "k" * 129}).status == 400


# The document and its revisions

def test_export_then_apply_changes_nothing(instance, tokens):
    document = tokens["operator"].get("config")
    answer = tokens["operator"].call("PUT", "config?prune=true", document.data)
    assert answer.status == 200 and answer.json["changes"] == []
    assert answer.json["revision"] == instance.revision() and document.etag == answer.etag


def test_a_document_is_applied_whole_with_its_comment(tokens):
    operator = tokens["operator"]
    answer = operator.call("PUT", "config", {"meridian": 1, "regions": [{"name": "doc", "places": ["EU-DE"]}]},
                           headers={"X-Change-Comment": "for the test"})
    assert [c["id"] for c in answer.json["changes"]] == ["doc"]
    newest = operator.get("revisions?limit=1").json["items"][0]
    assert newest["comment"] == "for the test" and newest["author"] == "token:t-operator" and newest["changes"] == 1
    assert operator.get(f"revisions/{newest['revision']}").json["changes"][0]["after"]["places"] == ["EU-DE"]
    assert operator.call("PUT", "config", {"meridian": 1}, headers={"If-Match": '"1"'}).status == 412


def test_a_bad_document_is_refused_whole(instance, tokens):
    before = instance.revision()
    answer = tokens["operator"].call("PUT", "config", {"meridian": 1, "regions": [{"name": "fine", "places": ["EU"]}],
                                                       "pools": [{"name": "p", "endpoints": [], "colour": 1}]})
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "/pools/0/colour"
    garbage = b"\x00\xff{" * (10 * 1024 * 1024 // 3)
    answer = tokens["operator"].call("PUT", "config", garbage)
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "" and "line 1" in answer.json["errors"][0]["message"]
    assert instance.revision() == before


def test_a_rollback_is_a_new_revision(tokens):
    operator = tokens["operator"]
    start = int(operator.get("config").etag.strip('"'))
    operator.post("regions", {"name": "gone-again", "places": ["EU"]})
    dry = operator.post(f"revisions/{start}/rollback?dry_run=true")
    assert dry.status == 200 and dry.json["changes"][0]["action"] == "delete"
    done = operator.post(f"revisions/{start}/rollback")
    assert done.status == 200 and done.json["revision"] == start + 2
    assert operator.get("regions/gone-again").status == 404
    assert operator.get(f"revisions/{start}/diff?to={start + 2}").json["changes"] == []
    assert operator.post("revisions/99999/rollback").status == 404
    assert operator.get("revisions/x/diff").status == 404


def test_a_dry_rollback_shows_what_the_real_one_does_and_leaves_overrides(tokens):
    operator = tokens["operator"]
    start = int(operator.get("config").etag.strip('"'))
    operator.post("regions", {"name": "short-lived", "places": ["EU"]})
    assert operator.post("overrides", {"object": "pool/us", "action": "drain", "reason": "work", "duration_s": 600}).status == 201
    dry = operator.post(f"revisions/{start}/rollback?dry_run=true").json
    done = operator.post(f"revisions/{start}/rollback").json
    assert dry["changes"] == done["changes"] and [change["kind"] for change in done["changes"]] == ["region"]
    assert operator.get("overrides/pool/us").status == 200
    assert operator.call("DELETE", "overrides/pool/us", headers={"If-Match": "*"}).status == 204
    stale = operator.post(f"revisions/{start}/rollback", headers={"If-Match": f'"{start}"'})
    assert stale.status == 412


# Zones as files

ZONE_FILE = """$TTL 600
@ IN SOA ns1.file.example. hostmaster.file.example. 1 3600 600 1209600 60
@ IN NS ns1
ns1 IN A 192.0.2.53
www 30 IN A 192.0.2.1
www 30 IN A 192.0.2.2
"""


def zone_file(client, text, query="", **headers):
    return client.call("PUT", f"zones/file.example/file{query}", text,
                       headers={"Content-Type": "text/dns", **{name.replace("_", "-"): value for name, value in headers.items()}})


def test_a_zone_goes_in_and_out_as_a_master_file(tokens):
    operator = tokens["operator"]
    assert tokens["viewer"].get("zones/file.example/file").status == 404
    assert zone_file(tokens["viewer"], ZONE_FILE).status == 403
    assert zone_file(tokens["zone"], ZONE_FILE).status == 403
    dry = zone_file(operator, ZONE_FILE, "?dry_run=true")
    assert dry.status == 200 and dry.json["dry_run"] and dry.json["change_count"] == 4, dry.data
    done = zone_file(operator, ZONE_FILE)
    assert done.status == 200 and done.json["change_count"] == 4
    assert operator.get("zones/file.example/records/www/A").json["data"] == ["192.0.2.1", "192.0.2.2"]
    out = tokens["viewer"].get("zones/file.example/file")
    assert out.status == 200 and out.getheader("Content-Type").startswith("text/dns")
    again = zone_file(operator, out.data, If_Match=out.etag)
    assert again.status == 200 and again.json["change_count"] == 0, again.data
    shorter = ZONE_FILE.replace("www 30 IN A 192.0.2.1\n", "").replace("www 30 IN A 192.0.2.2\n", "")
    assert zone_file(operator, shorter).json["changes"][0]["action"] == "delete"
    assert zone_file(operator, ZONE_FILE, If_Match='"1"').status == 412


@pytest.mark.parametrize("text, says", [
    ("www IN A 192.0.2.1\n", "SOA"),
    (ZONE_FILE + "www IN A 192.0.2\n", "line 7"),
    (ZONE_FILE + "$INCLUDE /etc/passwd\n", "line 7"),
    (ZONE_FILE + "www.other.example. IN A 192.0.2.9\n", "outside"),
    (ZONE_FILE + "www IN CNAME ns1\n", "CNAME"),
    ("\x00\xff(" * 1000, "line 1"),
])
def test_a_zone_file_with_a_fault_is_refused_whole(tokens, text, says):
    operator = tokens["operator"]
    before = int(operator.get("config").etag.strip('"'))
    text = text.replace("file.example", "fresh.example")
    answer = operator.call("PUT", "zones/fresh.example/file", text.encode("latin-1"), headers={"Content-Type": "text/dns"})
    assert answer.status == 422 and says in answer.data.decode(), answer.data
    assert int(operator.get("config").etag.strip('"')) == before
    assert operator.call("PUT", "zones/fresh.example/file", ZONE_FILE).status == 415


def test_lists_come_as_csv_where_asked(tokens):
    viewer = tokens["viewer"]
    records = viewer.get("zones/example.com/records?format=csv&limit=1")
    assert records.getheader("Content-Type").startswith("text/csv")
    assert records.data.decode().split("\r\n")[0] == "name,type,ttl,data" and "cursor=" in records.getheader("Link")
    health = viewer.get("health", headers={"Accept": "text/csv"}).data.decode()
    assert "\r\neu,eu1,192.0.2.10,9,web,tcp,true,1,unknown" in health
    assert viewer.get("events?format=csv").data.decode().startswith("id,time,daemon,kind,object,from,to,reason,actor\r\n")


# Overrides

def test_an_override_has_an_end_a_reason_and_an_author(tokens):
    operator = tokens["operator"]
    body = {"object": "endpoint/eu/eu1", "action": "drain", "reason": "maintenance", "duration_s": 600}
    made = operator.post("overrides", body)
    assert made.status == 201 and made.json["author"] == "token:t-operator", made.data
    assert operator.post("overrides", body).status == 409
    listed = operator.get("overrides").json["items"]
    assert [item["object"] for item in listed] == ["endpoint/eu/eu1"]
    endpoint = operator.get("health?pool=eu").json["pools"][0]["endpoints"][0]
    assert endpoint["override"]["reason"] == "maintenance"
    assert endpoint["effective"] == {"serving": False, "why": "drained"}
    longer = operator.call("PUT", "overrides/endpoint/eu/eu1", {"action": "down", "reason": "longer", "duration_s": 900},
                           headers={"If-Match": made.etag})
    assert longer.status == 200 and longer.json["action"] == "down"
    assert operator.call("DELETE", "overrides/endpoint/eu/eu1", headers={"If-Match": longer.etag}).status == 204
    assert operator.get("overrides").json["items"] == []


def test_an_override_without_end_reason_or_object_is_refused(tokens):
    body = {"object": "endpoint/eu/eu1", "action": "drain", "reason": "x", "duration_s": 600}
    for change, pointer in (({"duration_s": None}, "/duration_s"), ({"reason": None}, ""), ({"object": "endpoint/eu/nobody"}, "/object"),
                            ({"action": "sideways"}, "/action"), ({"duration_s": 10}, "/duration_s"), ({"colour": 1}, "/colour")):
        bad = {key: value for key, value in {**body, **change}.items() if value is not None}
        answer = tokens["operator"].post("overrides", bad)
        assert answer.status == 422 and answer.json["errors"][0]["pointer"] == pointer, answer.data


# What is going on, with nobody else there

def test_health_answers_without_the_checker(tokens):
    answer = tokens["viewer"].get("health")
    assert answer.status == 200 and answer.json["fresh"] is False and "not running" in answer.json["problems"][0]
    states = {pool["name"]: pool["state"] for pool in answer.json["pools"]}
    assert states["eu"] == "unknown" and states["us"] == "healthy"
    assert all(pool["serving"] for pool in answer.json["pools"] if pool["name"] in ("eu", "us"))


def test_the_overview_answers_with_nobody_else_there(tokens):
    overview = tokens["viewer"].get("overview").json
    assert overview["counts"]["pools"] == 2 and overview["counts"]["services"] == 1
    assert {item["object"] for item in overview["attention"]} >= {"pool/eu", "daemon/geodns", "daemon/healthcheck"}
    status = tokens["viewer"].get("status").json
    assert {daemon["name"]: daemon["reachable"] for daemon in status["daemons"]} == {
        "geodns": False, "healthcheck": False, "bgpctl": False, "web": True}


def test_questions_are_judged_before_they_are_passed_on(tokens):
    viewer = tokens["viewer"]
    assert viewer.post("explain", {"name": "www.example.com"}).status == 503
    assert "name" in viewer.post("explain", {"type": "A"}).json["errors"][0]["message"]
    assert viewer.post("explain", {"name": "a", "client": "1.2.3.4/33"}).json["errors"][0]["pointer"] == "/client"
    assert viewer.post("explain", {"name": "a", "resolver": "x"}).json["errors"][0]["pointer"] == "/resolver"
    assert viewer.post("monitors/test", {"monitor": "web", "address": "192.0.2.1"}).status == 403
    assert tokens["operator"].post("monitors/test", {"monitor": "absent", "address": "192.0.2.1"}).json["errors"][0]["pointer"] == "/monitor"
    assert tokens["operator"].post("monitors/test", {"monitor": {"name": "x", "type": "tcp", "port": 0}, "address": "192.0.2.1"}).status == 422
    assert viewer.get("geo_lookup?address=x").status == 400


def test_metrics_and_probes_are_open_to_this_machine(instance):
    client = Client(instance)
    assert client.get("/healthz").status == 200 and client.get("/readyz").status == 200
    text = client.get("/metrics").data.decode()
    assert 'meridian_http_requests_total{code="200",route="/healthz"}' in text
    assert 'meridian_daemon_up{daemon="geodns"} 0' in text
    assert client.get("/metrics", headers={"X-Forwarded-For": "198.51.100.1"}).status == 401


def test_openapi_names_every_documented_collection(instance):
    paths = Client(instance).get("openapi.json").json["paths"]
    for name in ("zones", "regions", "monitors", "pools", "geo", "sites", "prefixes", "safety", "alerts", "overrides", "config", "revisions",
                 "health", "anycast", "explain", "events", "events/stream", "stats", "users", "tokens", "session", "status", "overview"):
        assert f"/api/v1/{name}" in paths


# Last: it locks the address out for a while.

def test_guessing_passwords_is_slowed_down(instance):
    client, statuses = Client(instance), []
    for _ in range(12):
        answer = client.post("session", {"user": "nobody", "password": "wrong password"})
        statuses.append(answer.status)
    assert statuses[0] == 401 and statuses[-1] == 429
    assert int(answer.getheader("Retry-After")) > 0
    # The right password waits, too: whoever guesses learns nothing.
    assert client.post("session", {"user": "admin", "password": first_password(instance)}).status == 429
