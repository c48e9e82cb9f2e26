"""Rules of webhooks: where they may go, what they are told, when they are tried again."""

import ipaddress
from datetime import timedelta

import pytest

from crmlib.api import rules
from crmlib.api.rules import AllowList

NOBODY = AllowList.of("")


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 never bound
        "10.1.2.3",
        "172.16.0.9",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "ff02::1",
    ],
)
def test_nothing_inside_is_reached_by_default(number: str) -> None:
    assert not NOBODY.admits(ipaddress.ip_address(number), "erp.example")


@pytest.mark.parametrize("number", ["93.184.216.34", "2606:2800:220:1::1"])
def test_the_internet_is_reached(number: str) -> None:
    assert NOBODY.admits(ipaddress.ip_address(number), "erp.example")


def test_a_listed_name_opens_the_intranet_but_not_this_machine() -> None:
    allowed = AllowList.of("oa.firm.lan, 10.20.0.0/16")
    assert allowed.admits(ipaddress.ip_address("192.168.1.9"), "OA.firm.lan")
    assert allowed.admits(ipaddress.ip_address("10.20.3.4"), "whatever")
    assert not allowed.admits(ipaddress.ip_address("10.21.3.4"), "whatever")
    for number in ("127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"):
        assert not allowed.admits(ipaddress.ip_address(number), "oa.firm.lan")
    assert AllowList.of("127.0.0.1").admits(ipaddress.ip_address("127.0.0.1"), "127.0.0.1")


@pytest.mark.parametrize(
    ("url", "well"),
    [
        ("https://erp.example/hook?x=1", True),
        ("https://erp.example:8443/", True),
        ("https://93.184.216.34/", True),
        ("http://oa.firm.lan/hook", True),
        ("http://erp.example/hook", False),
        ("https://127.0.0.1/", False),
        ("https://[::1]/", False),
        ("https://user:pass@erp.example/", False),
        ("https://erp.example/#x", False),
        ("https://erp example/", False),
        ("https://erp.example:99999/", False),
        ("ftp://erp.example/", False),
        ("//erp.example/", False),
        ("https:///x", False),
        ("https://公司.example/", False),
        ("https://erp.example/\r\nX: 1", False),
        ("", False),
    ],
)
def test_addresses(url: str, well: bool) -> None:
    fault = rules.url_fault(url, AllowList.of("oa.firm.lan"))
    assert (fault is None) is well


@pytest.mark.parametrize(
    ("entity", "kind", "after", "events"),
    [
        ("customer", "insert", {"name": "x"}, ["customer.created"]),
        ("customer", "update", {"phone": "1"}, ["customer.changed"]),
        ("customer", "update", {"status": "merged"}, ["customer.merged"]),
        ("customer", "update", {"status": "trading"}, ["customer.converted"]),
        ("customer", "update", {"status": "potential"}, ["customer.changed"]),
        ("customer", "delete", None, ["customer.deleted"]),
        ("customer", "event", {"viewed": 1}, []),
        ("opportunity", "update", {"stage_id": 2}, ["opportunity.stage"]),
        ("opportunity", "update", {"outcome": "won"}, ["opportunity.won"]),
        (
            "opportunity",
            "update",
            {"outcome": "lost", "stage_id": 2},
            ["opportunity.lost", "opportunity.stage"],
        ),
        ("opportunity", "update", {"outcome": "open"}, ["opportunity.changed"]),
        ("opportunity", "update", {"closed": True}, ["opportunity.closed"]),
        ("opportunity", "update", {"closed": False}, ["opportunity.changed"]),
        ("opportunity", "event", {"products": []}, ["opportunity.changed"]),
        ("login_session", "event", {}, []),
        ("person", "update", {"name": "x"}, []),
    ],
)
def test_what_a_change_is_called(
    entity: str, kind: str, after: dict[str, object] | None, events: list[str]
) -> None:
    assert rules.events_of(entity, kind, after) == events
    assert set(events) <= rules.EVENT_NAMES.keys()


def test_pauses_grow_and_end_after_a_day() -> None:
    pauses = [rules.pause(n) for n in range(1, len(rules.PAUSES) + 1)]
    assert pauses == sorted(p for p in pauses if p)
    assert timedelta(hours=23) < sum((p for p in pauses if p), timedelta()) <= timedelta(hours=24)
    assert rules.pause(len(rules.PAUSES) + 1) is None


def test_the_signature_binds_body_and_moment() -> None:
    one = rules.signature("key", 1, b"body")
    assert one == rules.signature("key", 1, b"body")
    assert len({one, *(rules.signature(*each) for each in (("kez", 1, b"body"), ("key", 2, b"body"), ("key", 1, b"bodz")))}) == 4  # fmt: skip
