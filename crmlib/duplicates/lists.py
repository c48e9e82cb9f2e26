"""批量撞单: a verdict for each name of a pasted list, to look at and to take along."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.duplicates.asking import HIDDEN_SHORT, ask_all
from crmlib.duplicates.collision import Collision, Question, name_keys
from crmlib.duplicates.panel import next_steps
from crmlib.duplicates.pasted import MOST_NAMES, NONE_FOUND, TOO_MANY, PastedName, read_pasted
from crmlib.duplicates.verdicts import Verdict
from crmlib.errors import Invalid, Refused
from crmlib.ui.route import link

CONCLUSIONS = {
    Verdict.SAME: "相同",
    Verdict.SIMILAR: "相似",
    Verdict.RELATED: "关联",
    Verdict.NONE: "可新增",
}
VAGUE = "不完整"
NOT_READY = "撞单数据正在加载，请稍候再试"
_FREE = {Verdict.RELATED, Verdict.NONE}


@dataclass(frozen=True, slots=True)
class ListLine:
    """One name of the list with its best hit, all in words; the first ones are columns."""

    line: int
    asked: str
    phone: str
    conclusion: str
    code: str
    name: str
    region: str
    owner: str
    office: str
    trading: str
    similarity: str
    reasons: str
    verdict: str
    href: str
    actions: tuple[Mapping[str, str], ...]


# The columns of the table and of the file, in their order.
COLUMNS = {
    "line": "行",
    "asked": "名称",
    "phone": words.CUSTOMER["phone"],
    "conclusion": "结论",
    "code": words.CUSTOMER["code"],
    "name": words.CUSTOMER["name"],
    "region": words.CUSTOMER["region"],
    "owner": words.CUSTOMER["owner"],
    "office": words.CUSTOMER["office"],
    "trading": words.CUSTOMER["trading"],
    "similarity": "相似度",
    "reasons": "原因",
}


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """The table in the order of the list, and what to say above it."""

    lines: tuple[ListLine, ...]
    text: str
    note: str


def check_list(actor: Actor, text: str) -> ListAnswer:
    """Ask 撞单 for every name of a pasted list.

    Raises:
        Invalid: ``names``: none, or more than ``MOST_NAMES``.
        Refused: the index is not there yet, or too many answers within a minute.
    """
    pasted = read_pasted(text)
    if not pasted.names:
        raise Invalid({"names": NONE_FOUND})
    if len(pasted.names) > MOST_NAMES:
        raise Invalid({"names": TOO_MANY.format(most=MOST_NAMES, count=len(pasted.names))})
    first = _first_lines(pasted.names)
    distinct = [given for given in pasted.names if first[given.line] == given.line]
    answers = ask_all(actor, [Question(given.name, given.phone or None) for given in distinct])
    if any(answer.verdict is Verdict.LOADING for answer in answers):
        raise Refused(NOT_READY)
    by_line = {given.line: answer for given, answer in zip(distinct, answers, strict=True)}
    lines = tuple(_line(actor, g, first[g.line], by_line[first[g.line]]) for g in pasted.names)
    repeated = len(pasted.names) - len(distinct)
    left_out = [
        f"{count} {what}"
        for count, what in (
            (repeated, "行重复"),
            (pasted.empty, "个空行"),
            (pasted.skipped, "行没有名称"),
        )
        if count
    ]
    told = f"共 {len(pasted.names)} 个名称" + (f"（{'，'.join(left_out)}）" if left_out else "")
    return ListAnswer(lines, told, next((a.note for a in answers if a.note), ""))


def _first_lines(names: Sequence[PastedName]) -> dict[int, int]:
    """Return for each line the first one with the same name."""
    seen: dict[str, int] = {}
    return {n.line: seen.setdefault(name_keys(n.name).name_key or n.name, n.line) for n in names}


def _line(actor: Actor, given: PastedName, first: int, answer: Collision) -> ListLine:
    hit = next((h for h in answer.hits if h.verdict is answer.verdict), None)
    is_repeat = first != given.line
    told = [f"与第 {first} 行相同"] if is_repeat else []
    told += [*hit.tags, *hit.reasons] if hit else [answer.text]
    told += [HIDDEN_SHORT] if answer.note and not hit else []
    count = sum(h.verdict is answer.verdict for h in answer.hits)
    if count > 1:
        told.append(f"另有 {count - 1} 个{CONCLUSIONS[answer.verdict]}的客户")
    steps = [] if is_repeat else _steps(actor, given, answer)
    return ListLine(
        line=given.line,
        asked=given.name,
        phone=given.phone,
        conclusion=VAGUE if answer.is_vague else CONCLUSIONS[answer.verdict],
        code=hit.code if hit else "",
        name=hit.name if hit else "",
        region=(hit.region or "") if hit else "",
        owner=hit.owner if hit else "",
        office=(hit.office or "") if hit else "",
        trading=hit.trading if hit else "",
        similarity=f"{hit.similarity}%" if hit else "",
        reasons="；".join(told),
        verdict="vague" if answer.is_vague else answer.verdict.value,
        href=link("customer", hit.id) if hit and hit.may_open else "",
        actions=tuple(steps),
    )


def _steps(actor: Actor, given: PastedName, answer: Collision) -> list[Mapping[str, str]]:
    if answer.is_vague:
        return []
    if answer.verdict in _FREE:
        may = actor.may(Permission.CUSTOMER_CREATE)
        values = {"name": given.name} | ({"phone": given.phone} if given.phone else {})
        return [{"label": "新增", "href": link("customer_new", **values)}] if may else []
    hit = next((h for h in answer.hits if h.verdict is answer.verdict), None)
    return next_steps(actor, hit) if hit else []


def told(answer: ListAnswer) -> dict[str, object]:
    """Return the table as the screen reads it."""
    return {
        "text": answer.text,
        "note": answer.note,
        "lines": [asdict(line) for line in answer.lines],
    }
