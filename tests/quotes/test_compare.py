from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crmlib.quotes.compare import Item, LineChange, line_pairs


def item(name: str, quantity: int = 1, spec: str | None = None) -> Item:
    price = Decimal(10)
    return Item(None, name, spec, "套", Decimal(quantity), price, Decimal(0), quantity * price)


def test_lines_are_matched_by_what_they_are() -> None:
    before = [item("执手", 1), item("铰链", 2), item("铰链", 3), item("滑撑", 4, "304")]
    after = [item("滑撑", 4, "316"), item("铰链", 2), item("执手", 5)]
    found = [
        (p.change, p.after.name if p.after else p.before.name) for p in line_pairs(before, after)
    ]  # type: ignore[union-attr]
    assert found == [
        (LineChange.ADDED, "滑撑"),
        (LineChange.SAME, "铰链"),
        (LineChange.CHANGED, "执手"),
        (LineChange.DROPPED, "铰链"),
        (LineChange.DROPPED, "滑撑"),
    ]
    assert [p.difference for p in line_pairs(before, after)] == [40, 0, 40, -30, -40]


ITEMS = st.lists(st.builds(item, st.sampled_from("甲乙丙"), st.integers(1, 3)), max_size=8)


@given(ITEMS, ITEMS)
def test_every_line_of_both_versions_is_shown_once(before: list[Item], after: list[Item]) -> None:
    pairs = line_pairs(before, after)
    assert [p.after for p in pairs if p.after] == after
    key = str
    assert sorted((p.before for p in pairs if p.before), key=key) == sorted(before, key=key)
    gained = sum(i.subtotal for i in after) - sum(i.subtotal for i in before)
    assert sum(p.difference for p in pairs) == gained
