"""The page of a quotation for the printer: right, escaped, and only for those who may see it."""

from collections.abc import Callable

import pytest

from crmlib.access.actor import actor_of
from crmlib.quotes.model import Quotation
from crmlib.quotes.rules import LineDraft
from crmlib.quotes.states import QuoteStatus
from tests import make
from tests.quotes.build import quote
from tests.web.conftest import Visitor

Visit = Callable[..., Visitor]
SPITE = '<script>alert("x")</script>$title'


def made(status: QuoteStatus, **values: object) -> int:
    cast = {login: actor_of(number) for login, number in make.people_ids().items()}
    return quote(cast, status, **values)


def test_a_sent_quotation_is_a_sheet_of_paper(site: str, wangqiang: Visitor) -> None:
    deal = make.opportunity(make.customer(f"广州{SPITE}公司"), project_name=SPITE)
    line = LineDraft(name=SPITE, spec=SPITE, quantity="2", unit_price="1005.20")
    key = made(QuoteStatus.SENT, deal=deal, lines=(line,), terms=f"{SPITE}\n第二行")
    answer = wangqiang.http.get(f"/quotes/{key}/print")
    assert answer.status_code == 200
    page = answer.text
    assert make.fetch(Quotation, key).number in page
    for text in (
        "签约后 30 天",
        "款到发货",
        "¥2,010.40",
        "贰仟零壹拾元零肆角整",
        "第 1 版",
    ):
        assert text in page
    assert page.count("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;$title") == 5
    assert "<script" not in page
    assert "仅供内部使用" not in page
    assert answer.headers["cache-control"] == "private, no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert wangqiang.http.get("/static/quote.css").status_code == 200


@pytest.mark.parametrize(
    ("status", "warning"),
    [(QuoteStatus.DRAFT, "草稿，未经批准"), (QuoteStatus.WAITING, "待审批")],
)
def test_what_nobody_approved_says_so(
    site: str, wangqiang: Visitor, status: QuoteStatus, warning: str
) -> None:
    assert warning in wangqiang.http.get(f"/quotes/{made(status)}/print").text


def test_only_those_who_see_the_deal_get_it(site: str, visit: Visit, stranger: Visitor) -> None:
    key = made(QuoteStatus.APPROVED)
    path = f"/quotes/{key}/print"
    for login, status in {
        "zhangwei": 200,
        "zhouting": 200,
        "sunyue": 200,
        "limin": 404,
        "chengang": 404,
        "zhaolei": 404,
    }.items():
        assert visit(login).http.get(path).status_code == status, login
        if status == 200:
            workspace = "funnel" if login == "sunyue" else "entry"
            way = f'href="/{workspace}/?page=quote&amp;id={key}"'
            assert way in visit(login).http.get(path).text
    answer = stranger.http.get(path)
    assert (answer.status_code, answer.headers["location"][:12]) == (303, "/login?next=")
    zhang = visit("zhangwei")
    for wrong in ("/quotes/0/print", f"/quotes/{2**63}/print", "/quotes/x/print", f"/quotes/{key}"):
        assert zhang.http.get(wrong).status_code == 404, wrong
    assert zhang.post(path).status_code == 405
