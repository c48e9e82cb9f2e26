"""客户申请: each sees his own and those he answers, and of a foreign customer no more than 撞单 shows."""

from dataclasses import asdict

import pytest

from crmlib.access.actor import Actor
from crmlib.errors import NotAllowed
from crmlib.inbox.related import related_record
from crmlib.requests.actions import grant_access, request_access
from crmlib.requests.model import AccessKind, AccessStatus
from crmlib.requests.queries import AccessQuery, access_detail, access_page, person_options
from crmlib.store.engine import reading
from tests import make

NAME, CODE = "上海嘉信达幕墙有限公司", "KH9001"


@pytest.fixture
def asked(cast: dict[str, Actor]) -> int:
    make.customer(NAME, owner="chengang", code=CODE, phone="021-55556666", address="秘密路9号")
    return request_access(cast["wangqiang"], AccessKind.SHARE, CODE, NAME, "展会").request_id


def test_lists_of_both_sides(cast: dict[str, Actor], asked: int) -> None:
    mine = access_page(cast["wangqiang"], AccessQuery(mine=True))
    his = access_page(cast["chengang"])
    for page in (mine, his):
        (row,) = page.rows.to_dicts()
        assert (row["id"], row["customer"], row["status"], row["kind"], row["person"]) == (
            asked,
            NAME,
            "待处理",
            "申请共享",
            "王强",
        )
    for other in ("limin", "zhangwei", "zhouting", "sunyue"):
        assert access_page(cast[other]).total == 0
        assert access_page(cast[other], AccessQuery(mine=True)).total == 0
        with pytest.raises(NotAllowed):
            access_detail(cast[other], asked)
    assert access_page(cast["zhaolei"]).total == 1


@pytest.mark.parametrize(("text", "status", "count"), [
    ("嘉信达", None, 1), ("KH9001", AccessStatus.OPEN, 1), ("%", None, 0),
    ("", AccessStatus.GRANTED, 0), ("恒晟", None, 0),
])  # fmt: skip
def test_filters(cast: dict[str, Actor], asked: int, text: str, status, count: int) -> None:
    assert access_page(cast["chengang"], AccessQuery(text=text, status=status)).total == count


def test_requester_learns_no_more_until_it_is_granted(cast: dict[str, Actor], asked: int) -> None:
    wang, chen = cast["wangqiang"], cast["chengang"]
    detail = access_detail(wang, asked)
    assert (detail.customer_id, detail.may_grant, detail.may_withdraw) == (None, False, True)
    shown = repr(asdict(detail)) + repr(access_page(wang, AccessQuery(mine=True)).rows.to_dicts())
    for secret in ("55556666", "秘密路", "何经理"):
        assert secret not in shown
    his = access_detail(chen, asked)
    assert his.customer_id is not None
    assert (his.may_grant, his.may_refuse, his.may_withdraw) == (True, True, False)
    grant_access(chen, asked)
    after = access_detail(wang, asked)
    assert after.customer_id == his.customer_id
    assert (after.status_label, after.decided_by) == ("同意", "陈刚")


def test_messages_lead_to_the_request(cast: dict[str, Actor], asked: int) -> None:
    with reading() as session:
        found = related_record(session, cast["chengang"], "access_request", asked)
        assert found is not None
        assert (found.page, found.id) == ("request", asked)
        assert related_record(session, cast["limin"], "access_request", asked) is None


def test_for_whom_each_may_ask(cast: dict[str, Actor]) -> None:
    names = {
        login: {p.name for p in person_options(cast[login])}
        for login in ("limin", "wangqiang", "zhangwei", "zhouting")
    }
    assert names == {
        "limin": {"张伟", "王强"},
        "wangqiang": {"王强"},
        "zhangwei": {"张伟", "王强"},
        "zhouting": set(),
    }
