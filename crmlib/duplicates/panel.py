"""The answer of 撞单分析 as the hit table of the screens shows it."""

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.duplicates.collision import Collision, CollisionHit, collide
from crmlib.duplicates.verdicts import Verdict
from crmlib.ui.route import link


def collision_panel(actor: Actor, name: str, phone: str | None = None) -> dict[str, object]:
    """Ask 撞单分析 and return what the hit table reads; customers he may see have a link.

    Raises:
        Invalid: no name.
    """
    found = collide(actor, name, phone or None)
    offers_new = found.verdict in {Verdict.NONE, Verdict.RELATED} and actor.may(
        Permission.CUSTOMER_CREATE
    )
    return {
        "verdict": found.verdict.value,
        "text": _told(found),
        "hits": [_row(hit) for hit in found.hits],
        "actions": [{"label": "新增", "href": link("customer_new", name=name)}]
        if offers_new
        else [],
    }


def _told(found: Collision) -> str:
    """Return the verdict line; a search asks for no reason, a save does."""
    count = sum(hit.verdict is found.verdict for hit in found.hits)
    if found.verdict is Verdict.SIMILAR:
        return f"相似 {count}：发现相似客户，请先核对"
    if found.verdict is Verdict.RELATED:
        return f"关联 {count}：可能是关联公司，可以新增"
    return found.text


def _row(hit: CollisionHit) -> dict[str, object]:
    return {
        "code": hit.code,
        "name": hit.name,
        "region": hit.region,
        "owner": hit.owner,
        "office": hit.office,
        "trading": hit.trading,
        "similarity": f"{hit.similarity}%",
        "tags": list(hit.tags),
        "reasons": list(hit.reasons),
        "href": link("customer", hit.id) if hit.may_open else "",
        # Nothing is to be shared of what was merged or recycled.
        "actions": [] if hit.may_open or hit.tags else [_ask_for(hit)],
    }


def _ask_for(hit: CollisionHit) -> dict[str, str]:
    """Offer a prefilled message to the owner: 申请共享."""
    body = f"客户名称：{hit.name}\n客户代码：{hit.code}\n申请共享原因："
    return {
        "label": "申请共享",
        "href": link(
            "message_new", title=f"申请共享客户：{hit.name}（{hit.code}）", body=body, to=hit.owner
        ),
    }
