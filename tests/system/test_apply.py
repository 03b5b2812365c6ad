"""meridian apply: a document is taken whole or refused whole, with pointer and reason, and the store is as it was."""
import contextlib
import copy
import json
import random
import sqlite3

import pytest

from harness import Instance

GOOD = {
    "meridian": 1,
    "pools": [{"name": "eu", "lat": 50.11, "lon": 8.68, "endpoints": [{"name": "eu1", "address": "192.0.2.10", "weight": 10}]},
              {"name": "us", "lat": 39.04, "lon": -77.49, "fallback": "eu"}],
    "zones": [{"name": "example.com", "ttl": 300, "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
               "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                           {"name": "ns1", "type": "A", "data": ["192.0.2.53"]},
                           {"name": "alias", "type": "CNAME", "data": ["ns1"]}],
               "services": [{"name": "www", "steering": "rules", "default": "us", "rules": [{"match": ["EU"], "pool": "eu"}]}]}],
}


@pytest.fixture(scope="module")
def instance():
    with Instance(GOOD, geo=False) as running:
        yield running


def unknown_key(document):
    document["pools"][0]["endpoints"][0]["wieght"] = 1
    return "/pools/0/endpoints/0/wieght", "is not a key of this endpoint"


def unknown_section(document):
    document["origins"] = []
    return "/origins", "is not a key of this document"


def bad_address(document):
    document["pools"][0]["endpoints"][0]["address"] = "192.0.2.300"
    return "/pools/0/endpoints/0/address", 'is not an IP address: "192.0.2.300"'


def bad_record(document):
    document["zones"][0]["records"][1]["data"] = ["192.0.2.300"]
    return "/zones/0/records/1/data/0", 'is not an IPv4 address: "192.0.2.300"'


def cname_beside_other_data(document):
    document["zones"][0]["records"].append({"name": "alias", "type": "TXT", "data": ["x"]})
    return "/zones/0/records/3", "a CNAME stands beside other records of its name"


def cname_at_the_apex(document):
    document["zones"][0]["records"].append({"name": "@", "type": "CNAME", "data": ["x"]})
    return "/zones/0/records/3", "a CNAME cannot stand at the apex"


def address_beside_a_service(document):
    document["zones"][0]["records"].append({"name": "www", "type": "A", "data": ["192.0.2.1"]})
    return "/zones/0/records/3", "stand beside service example.com/www"


def missing_pool(document):
    document["zones"][0]["services"][0]["rules"][0]["pool"] = "asia"
    return "/zones/0/services/0/rules/0/pool", 'there is no pool "asia"'


def negative_weight(document):
    document["pools"][0]["endpoints"][0]["weight"] = -1
    return "/pools/0/endpoints/0/weight", "must be an integer of 0 to 65535; it is -1"


def soa_record(document):
    document["zones"][0]["records"].append({"name": "@", "type": "SOA", "data": ["a b 1 2 3 4 5"]})
    return "/zones/0/records/3/type", "is made from the zone's"


def no_apex_ns(document):
    document["zones"].append({"name": "example.org", "records": []})
    return "/zones/1", "has no NS record at its apex"


def same_name_twice(document):
    document["pools"].append({"name": "eu"})
    return "/pools/2", "stands at /pools/0 already"


FAULTS = (unknown_key, unknown_section, bad_address, bad_record, cname_beside_other_data, cname_at_the_apex, address_beside_a_service,
          missing_pool, negative_weight, soa_record, no_apex_ns, same_name_twice)


def state(instance):
    return instance.revision(), instance.export()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_document_with_one_fault_is_refused_whole(instance, fault):
    before = state(instance)
    document = copy.deepcopy(GOOD)
    document["sites"] = [{"name": "would-be-new"}]
    pointer, reason = fault(document)
    done = instance.apply(document, check=False)
    assert done.returncode == 1
    line = next((line for line in done.stderr.splitlines() if pointer in line), "")
    assert reason in line, done.stderr
    assert state(instance) == before


def garbage():
    size = 10 << 20
    noise = random.Random(7)
    yield "zeros", b"\0" * size
    yield "noise", noise.randbytes(size)
    yield "brackets", b"[" * size
    yield "open text", b'{"meridian": 1, "pools": "' + b"a" * size
    yield "unknown keys", json.dumps({"meridian": 1, **{f"key{i}": i for i in range(600000)}}).encode()
    yield "bad records", json.dumps({"meridian": 1, "zones": [{"name": "example.com", "records": [
        {"name": f"h{i}", "type": "A", "data": ["x"]} for i in range(200000)]}]}).encode()


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in garbage()])
def test_ten_megabytes_of_garbage_are_refused(instance, text):
    before = state(instance)
    path = instance.path("garbage.json")
    with open(path, "wb") as file:
        file.write(text)
    done = instance.meridian("apply", path, check=False, timeout_s=30)
    assert done.returncode == 1
    assert 0 < len(done.stderr) < 100000
    assert state(instance) == before


def test_every_fault_is_told_at_once(instance):
    document = copy.deepcopy(GOOD)
    pointers = [fault(document)[0] for fault in (bad_address, bad_record, negative_weight, unknown_section)]
    done = instance.apply(document, check=False)
    assert done.returncode == 1
    for pointer in pointers:
        assert pointer in done.stderr


def test_what_is_refused_leaves_every_row_as_it_was(instance):
    def digest():
        # The file itself may move: a checkpoint brings home what the log held before.
        with contextlib.closing(sqlite3.connect(f"file:{instance.path('config.db')}?mode=ro", uri=True)) as database:
            return list(database.iterdump())

    before = digest()
    assert len(before) > 10
    document = copy.deepcopy(GOOD)
    missing_pool(document)
    assert instance.apply(document, check=False).returncode == 1
    assert digest() == before


def test_a_pool_in_use_is_not_pruned(instance):
    before = state(instance)
    document = {"meridian": 1, "pools": GOOD["pools"][1:], "zones": [{"name": "example.com"}]}
    done = instance.apply(document, "--prune", check=False)
    assert done.returncode == 1
    assert "service example.com/www" in done.stderr
    assert state(instance) == before


def test_export_then_apply_changes_nothing(instance):
    before = state(instance)
    done = instance.apply(instance.export(), "--prune")
    assert "nothing to change" in done.stdout
    assert state(instance) == before
