"""Putting entries in order by hand."""

from hypothesis import given
from hypothesis import strategies as st

from crmlib.reference.ordering import moved


@given(
    st.lists(st.sampled_from("ABCDEFGH"), unique=True),
    st.sets(st.sampled_from("ABCDEFGH")),
    st.sampled_from((-1, 1)),
)
def test_moving_changes_the_order_and_nothing_else(
    codes: list[str], chosen: set[str], by: int
) -> None:
    order = moved(codes, chosen, by)
    assert sorted(order) == sorted(codes)
    assert [c for c in order if c in chosen] == [c for c in codes if c in chosen]
    assert [c for c in order if c not in chosen] == [c for c in codes if c not in chosen]


def test_one_place_up_and_down() -> None:
    assert moved(list("ABCD"), {"C"}, -1) == list("ACBD")
    assert moved(list("ABCD"), {"A", "C"}, 1) == list("BADC")
    assert moved(list("ABCD"), {"A", "B"}, -1) == list("ABCD")
