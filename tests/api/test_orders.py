"""Orders by program: what the ERP writes, once or often, and what OA reads."""

from collections.abc import Callable
from datetime import timedelta

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.api.feeding import take_in
from crmlib.api.model import WebhookDelivery
from crmlib.api.rules import WebhookDraft, events_of
from crmlib.api.webhooks import add_webhook
from crmlib.customers.model import Customer
from crmlib.orders.model import OrderSource, SalesOrder
from tests import make
from tests.api.conftest import Program

DAY = (clock.today() - timedelta(days=5)).isoformat()
LINES = [{"product": "执手", "quantity": "10", "price": "120.50"}]


def test_the_erp_writes_an_order_and_may_repeat_itself(
    cast: dict[str, Actor], program: Callable[..., Program]
) -> None:
    erp, customer = program("zhaolei"), make.customer()
    code = make.fetch(Customer, customer).code
    add_webhook(
        cast["zhaolei"],
        WebhookDraft(
            "OA", "https://example.com/x", cast["zhaolei"].person_id,
            ("order.created", "order.changed"),
        ),
    )  # fmt: skip
    sent = {"number": "so-9", "customer_code": code, "ordered_on": DAY, "lines": LINES}
    made = erp.post("/orders", sent)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["number"], told["amount"], told["status"]) == ("SO-9", "1205.00", "entered")
    assert [line["quantity"] for line in told["lines"]] == ["10"]
    assert make.fetch(SalesOrder, told["id"]).source is OrderSource.API
    assert take_in() == 1
    again = erp.post("/orders", sent).json()
    assert (again["id"], again["version"]) == (told["id"], told["version"])
    assert take_in() == 0
    where = f"/orders/{told['id']}/events"
    event = {"kind": "shipped", "happened_on": DAY, "quantity": "10"}
    assert erp.post(where, event).json()["status"] == "shipped"
    assert len(erp.post(where, event).json()["events"]) == 1
    assert take_in() == 1
    assert [d.event for d in make.rows(WebhookDelivery)] == ["order.created", "order.changed"]


def test_faults_are_keyed_by_row_and_field(program: Callable[..., Program]) -> None:
    erp, customer = program("zhaolei"), make.customer()
    bad = [LINES[0], {"product": "铰链", "quantity": "0", "price": "1"}]
    sent = {"number": "", "customer_id": customer, "ordered_on": DAY, "lines": bad}
    told = erp.post("/orders", sent)
    assert told.status_code == 422
    assert set(told.json()["faults"]) == {"number", "lines.1.quantity"}
    strange = erp.post("/orders", sent | {"lines": [{"product": "执手", "count": 3}, 7]})
    assert set(strange.json()["faults"]) == {
        "lines.0.count", "lines.0.quantity", "lines.0.price", "lines.1",
    }  # fmt: skip
    unknown = erp.post("/orders", {"number": "S", "customer_code": "KH没有", "ordered_on": DAY})
    assert set(unknown.json()["faults"]) == {"customer_code"}


def test_others_read_what_they_see_and_write_nothing(program: Callable[..., Program]) -> None:
    erp, customer = program("zhaolei"), make.customer()
    sent = {"number": "SO-1", "customer_id": customer, "ordered_on": DAY, "lines": LINES}
    order = erp.post("/orders", sent).json()["id"]
    seller, other = program("wangqiang"), program("chengang")
    assert [r["number"] for r in seller.get("/orders").json()["rows"]] == ["SO-1"]
    assert seller.get(f"/orders/{order}").json()["may_manage"] is False
    assert other.get("/orders").json()["total"] == 0
    assert other.get(f"/orders/{order}").status_code == 404
    assert seller.post("/orders", sent).status_code == 403
    event = {"kind": "done", "happened_on": DAY}
    assert seller.post(f"/orders/{order}/events", event).status_code == 403
    assert other.post(f"/orders/{order}/events", event).status_code == 404


def test_the_table_of_orders_has_its_own_events() -> None:
    assert events_of("sales_order", "insert", {}) == ["order.created"]
    assert events_of("sales_order", "update", {"status": "done"}) == ["order.changed"]
    assert events_of("order_event", "insert", {}) == []
