import polars as pl

from crmlib.insight import cut


def test_people_of_one_name_carry_their_office() -> None:
    rows = pl.DataFrame(
        [
            (1, "王强", 7, "广州"),
            (1, "王强", 7, "广州"),
            (2, "王强", 8, "北京"),
            (3, "陈刚", 8, "北京"),
            (None, None, 8, "北京"),
        ],
        schema=["owner_id", "owner", "office_id", "office"],
        orient="row",
    )
    assert cut.people_of(rows) == [(2, "王强（北京）"), (1, "王强（广州）"), (3, "陈刚")]
    assert cut.offices_of(rows) == [(8, "北京"), (7, "广州")]
