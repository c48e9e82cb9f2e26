"""The answer of 撞单分析 as the hit table of the screens shows it."""

from collections.abc import Mapping

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.duplicates.asking import ask
from crmlib.duplicates.collision import Collision, CollisionHit
from crmlib.duplicates.verdicts import Verdict
from crmlib.requests.model import AccessKind
from crmlib.ui.route import link


def collision_panel(actor: Actor, name: str, phone: str | None = None) -> dict[str, object]:
    """Ask 撞单分析 and return what the hit table reads; customers he may see have a link.

    Raises:
        Invalid: no name.
        Refused: asked too often.
    """
    found = ask(actor, name, phone or None)
    return {
        "verdict": found.verdict.value,
        "text": _told(found),
        "note": found.note,
        "loading": found.loading,
        "hits": [_row(actor, hit) for hit in found.hits],
        "actions": _ways_on(actor, found, name, phone or ""),
    }


def _ways_on(actor: Actor, found: Collision, name: str, phone: str) -> list[Mapping[str, str]]:
    """Offer 新增 where nothing bars it, and 仍要新建 where a reason is asked for."""
    barred = found.is_vague or found.verdict in {Verdict.SAME, Verdict.LOADING}
    if barred or not actor.may(Permission.CUSTOMER_CREATE):
        return []
    values = {"name": name} | ({"phone": phone} if phone else {})
    label = "仍要新建" if found.verdict is Verdict.SIMILAR else "新增"
    return [{"label": label, "href": link("customer_new", **values)}]


def _told(found: Collision) -> str:
    """Return the verdict line; a search asks for no reason, a save does."""
    count = sum(hit.verdict is found.verdict for hit in found.hits)
    if found.verdict is Verdict.SIMILAR:
        return f"相似 {count}：发现相似客户，请先核对" if count else "发现相似客户"
    if found.verdict is Verdict.RELATED:
        return f"关联 {count}：可能是关联公司，可以新增"
    return found.text


def _row(actor: Actor, hit: CollisionHit) -> dict[str, object]:
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
        "actions": next_steps(actor, hit),
    }


def next_steps(actor: Actor, hit: CollisionHit) -> list[Mapping[str, str]]:
    """Offer 申请共享 and 申请转移 of a customer that is somebody else's and in use."""
    if hit.may_open or hit.tags or not actor.may(Permission.ACCESS_REQUEST):
        return []
    kinds = list(AccessKind)
    if hit.owner == words.UNASSIGNED:  # nobody there who could share it
        kinds.remove(AccessKind.SHARE)
    return [
        {
            "label": words.ACCESS_KINDS[kind.value],
            "href": link("request_new", kind=kind.value, code=hit.code, name=hit.name),
        }
        for kind in kinds
    ]
