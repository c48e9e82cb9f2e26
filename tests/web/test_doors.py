"""The allow-list of addresses."""

import pytest

from crmlib.web.doors import Kind, door


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/login", Kind.PUBLIC),
        ("GET", "/static/theme.css", Kind.PUBLIC),
        ("GET", "/", Kind.SIGNED_IN),
        ("POST", "/logout", Kind.SIGNED_IN),
        ("POST", "/files", Kind.SIGNED_IN),
        ("GET", "/files/12", Kind.SIGNED_IN),
        ("GET", "/files/../12", Kind.NOWHERE),
        ("GET", "/filesystem", Kind.NOWHERE),
        ("GET", "/quotes/12/print", Kind.SIGNED_IN),
        ("GET", "/quotes/../12/print", Kind.NOWHERE),
        ("GET", "/quotes", Kind.NOWHERE),
        ("GET", "/entry", Kind.NOTEBOOK),
        ("GET", "/funnel/", Kind.NOTEBOOK),
        ("GET", "/admin/@file/1-x.csv", Kind.NOTEBOOK),
        ("WS", "/entry/ws", Kind.NOTEBOOK),
        ("POST", "/entry/api/kernel/set_model_value", Kind.NOTEBOOK),
        ("GET", "/entry/api/kernel/set_model_value", Kind.NOWHERE),
        ("DELETE", "/entry/", Kind.NOWHERE),
        ("PUT", "/entry/@file/1-x.csv", Kind.NOWHERE),
        ("POST", "/entry/", Kind.NOWHERE),
        ("GET", "/entry/ws", Kind.NOWHERE),
        ("WS", "/", Kind.NOWHERE),
        ("WS", "/login", Kind.NOWHERE),
        ("GET", "/static/../settings.py", Kind.NOWHERE),
        ("GET", "/entry/public/..\\x", Kind.NOWHERE),
        ("GET", "/entryx/", Kind.NOWHERE),
        ("GET", "//entry/", Kind.NOWHERE),
        ("GET", "/static/a\0b", Kind.NOWHERE),
        ("GET", "", Kind.NOWHERE),
    ],
)
def test_only_listed_addresses_lead_somewhere(method: str, path: str, kind: Kind) -> None:
    assert door(path, method).kind is kind
