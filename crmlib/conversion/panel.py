"""转交易检查 on the customer card: the list with its evidence, the dry run, the request."""

import marimo as mo

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.conversion import rules
from crmlib.conversion.effects import DryRun, dry_run
from crmlib.conversion.evidence import Evidence, Proof, evidence_of
from crmlib.conversion.queries import RequestInfo
from crmlib.customers.card import CustomerCard
from crmlib.customers.model import CustomerStatus
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.route import link

NOBODY = "没有人因此失去权限"


def checks_panel(actor: Actor, card: CustomerCard, request: RequestInfo | None) -> mo.Html:
    """Return the check list of the customer, each line with what it rests on."""
    found, proofs = dry_run(actor, card.id), evidence_of(actor, card.id)
    parts = [
        cards.small_table(
            ["检查项", "结果", "说明", "依据"],
            [
                (
                    check.label,
                    cards.tag("通过", "good") if check.ok else cards.tag("未通过", "bad"),
                    check.detail,
                    cards.h("span", *_proofs(actor, card, check, proofs), class_="sm-links"),
                )
                for check in found.checks
            ],
        )
    ]
    if card.status is CustomerStatus.POTENTIAL:
        parts += _after(found)
    if request:
        parts += _request(request)
    return mo.vstack(parts)


def _proofs(
    actor: Actor, card: CustomerCard, check: rules.Check, proofs: Evidence
) -> list[cards.Markup]:
    """Return the ways to what a line looks at."""
    edit = [cards.anchor("客户资料", link("customer_edit", card.id))] if card.editable else []
    files = link("customer", card.id, tab="files")
    sees_files = actor.may(Permission.ATTACHMENT_VIEW)
    match check.key:
        case rules.FIELDS:
            ways = edit
        case rules.CONTACTS:
            ways = [cards.anchor("联系人", link("customer", card.id, tab="contacts"))]
        case rules.DUPLICATES:
            workspace = "admin" if actor.role in (Role.GENERAL_OFFICE, Role.ADMIN) else "funnel"
            ways = [_way(p, link("pair", p.id, workspace=workspace)) for p in proofs.pairs]
        case rules.EVIDENCE:
            ways = [_way(p, link("opportunity", p.id)) for p in proofs.deals]
            ways += [_way(p, link("order", p.id)) for p in proofs.orders]
            ways += [_way(p, link("contract_review", p.id)) for p in proofs.reviews]
        case _:
            ways = [*edit, *([cards.anchor("附件", files)] if sees_files else [])]
    if not ways:
        return [cards.h("span", words.EMPTY)]
    return [part for way in ways for part in (cards.h("span", " "), way)][1:]


def _way(proof: Proof, href: str) -> cards.Markup:
    return cards.anchor(proof.label, href) if proof.opens else cards.h("span", proof.label)


def _after(found: DryRun) -> list[mo.Html]:
    table = cards.small_table(
        ["人员", "关系", "不能再修改", "不能再执行"],
        [(e.person, e.tie, "、".join(e.fields), "、".join(e.steps)) for e in found.effects],
    )
    return [
        cards.section("转为交易客户后", note=locked_text(found)),
        table if found.effects else cards.empty(NOBODY),
    ]


def locked_text(found: DryRun) -> str:
    """Return which fields a conversion locks."""
    return f"锁定 {'、'.join(found.locked)}，只有综合部可以修改"


def dry_run_text(found: DryRun) -> str:
    """Return the dry run as the dialogs show it before the click."""
    marks = [f"{'✓' if c.ok else '✗'} {c.label}：{c.detail}" for c in found.checks]
    lost = []
    for effect in found.effects:
        parts = [f"不能再修改 {'、'.join(effect.fields)}"] if effect.fields else []
        parts += [f"不能再{step}" for step in effect.steps]
        lost.append(f"· {effect.person}（{effect.tie}）{'；'.join(parts)}")
    return "\n".join([*marks, "", f"转为交易客户后{locked_text(found)}：", *(lost or [NOBODY])])


def _request(request: RequestInfo) -> list[mo.Html]:
    unit = "个工作日"
    waits = f"{request.age_days} {unit}" + ("，已逾期" if request.overdue else "")
    facts: list[tuple[str, object]] = [
        ("申请人", request.applicant),
        ("申请时间", shown.moment(request.requested_at)),
        ("状态", request.status_label),
        ("处理人", request.decided_by),
        ("处理时间", shown.moment(request.decided_at)),
        ("用时" if request.decided_at else "已等待", waits),
        ("处理意见", request.decision_note),
        ("例外原因", request.override_reason),
        (words.MESSAGE["body"], request.body),
    ]
    if request.undone_at:
        facts += [
            ("撤销时间", shown.moment(request.undone_at)),
            ("撤销转交易原因", request.undo_reason),
        ]
    return [cards.section("转交易申请"), cards.details(facts)]
