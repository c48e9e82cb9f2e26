"""What is done before people come."""

import sys

import pytest

from crmlib.insight import live
from crmlib.web import startup
from crmlib.web.startup import has_parse_fault, warm


@pytest.mark.parametrize(
    ("version", "fault"),
    [
        ((3, 11, 0), True),
        ((3, 11, 7), True),
        ((3, 11, 8), False),
        ((3, 12, 1), True),
        ((3, 12, 2), False),
        ((3, 13, 0), False),
    ],
)
def test_versions_with_the_parse_fault_are_known(
    version: tuple[int, int, int], *, fault: bool
) -> None:
    assert has_parse_fault(version) is fault


def test_warming_minds_no_missing_module(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(startup, "WARM", ("crmlib.no_such_room", "json"))
    monkeypatch.setattr(startup, "PAGES", "wsgiref")  # some eighty pages take ten seconds
    monkeypatch.setattr(live, "warm", lambda: read.append("the snapshots"))
    warm()
    assert "wsgiref.headers" in sys.modules
    assert read == ["the snapshots"]
