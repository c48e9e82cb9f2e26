"""A quotation as it goes to the customer: a plain page for the printer."""

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from crmlib import clock
from crmlib.access.actor import actor_of
from crmlib.access.grants import WORKSPACES
from crmlib.errors import NotAllowed
from crmlib.people.sessions import Session
from crmlib.quotes.capitals import in_capitals
from crmlib.quotes.card import QuoteCard, quote_card
from crmlib.quotes.compare import Item
from crmlib.quotes.states import QuoteStatus
from crmlib.settings import settings
from crmlib.ui import format as shown
from crmlib.ui.route import link
from crmlib.web.files import HIGHEST_ID
from crmlib.web.render import Safe, fragment

# What a customer must not take for an offer.
WARNINGS = {
    QuoteStatus.DRAFT: "草稿，未经批准，仅供内部使用",
    QuoteStatus.WAITING: "待审批，仅供内部使用",
    QuoteStatus.VOID: "本报价单已作废",
}


async def printed(request: Request) -> Response:
    """Show a version of a quotation to those who may see it, ready for the printer."""
    session: Session = request.scope["session"]
    key: int = request.path_params["key"]
    if key >= HIGHEST_ID:
        raise HTTPException(404)
    try:
        card = await to_thread.run_sync(lambda: quote_card(actor_of(session.person_id), key))
    except NotAllowed as refusal:
        raise HTTPException(404) from refusal
    # Analysts have no 录入 to go back to.
    workspace = "entry" if session.role in WORKSPACES["entry"] else "funnel"
    return HTMLResponse(sheet(card, link("quote", card.id, workspace=workspace)))


def sheet(card: QuoteCard, back: str) -> Safe:
    """Return the page of a quotation with its way back; every value is escaped."""
    rows = [fragment("quote_line", **_cells(at, item)) for at, item in enumerate(card.lines, 1)]
    warning = WARNINGS.get(card.status, "")
    return fragment(
        "quote",
        title=f"报价单 {card.number}",
        company=settings().company or settings().tenant,
        number=card.number,
        revision=f"第 {card.revision} 版",
        day=shown.day(card.sent_at or clock.local(clock.now())),
        valid=shown.day(card.valid_until),
        customer=card.customer,
        contact=card.contact or "—",
        project=card.project,
        seller=f"{card.owner}（{card.office}）",
        phone=shown.phone(card.owner_mobile),
        delivery=card.delivery,
        payment=card.payment_term_label,
        total=f"¥{card.total:,.2f}",
        capitals=in_capitals(card.total),
        lines=Safe("".join(rows)),
        terms=fragment("quote_terms", terms=card.terms) if card.terms else Safe(),
        warning=fragment("quote_warning", text=warning) if warning else Safe(),
        back=back,
    )


def _cells(at: int, item: Item) -> dict[str, str]:
    return {
        "at": str(at),
        "item": item.name,
        "spec": item.spec or "",
        "unit": item.unit,
        "quantity": shown.number(item.quantity),
        "price": f"{item.unit_price:,.2f}",
        "discount": f"{shown.number(item.discount)}%" if item.discount else "",
        "subtotal": f"{item.subtotal:,.2f}",
    }
