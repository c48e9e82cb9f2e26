"""What 竞争分析, 处理过程, 项目总结 and 参与方 must have."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from crmlib.words import COMPETITOR, PARTY, PARTY_ROLES, PROCESS, THREATS, required

LENGTHS = {
    "product": 120,
    "price": 120,
    "strengths": 500,
    "weaknesses": 500,
    "countermeasure": 500,
}
CONTENT_LENGTH, COMPANY_LENGTH, NOTE_LENGTH = 2000, 120, 255


@dataclass(frozen=True, slots=True)
class CompetitorDraft:
    """What a form holds of one competitor in a deal."""

    competitor: str = ""  # code
    product: str = ""
    price: str = ""
    strengths: str = ""
    weaknesses: str = ""
    countermeasure: str = ""
    threat: str = "medium"


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """What a form holds of a company in the project."""

    company: str = ""
    role: str = ""
    note: str = ""


def competitor_faults(
    draft: CompetitorDraft, known: Mapping[str, str], taken: Collection[str]
) -> dict[str, str]:
    """Return every fault of a competitor; ``taken`` are those the deal has already."""
    found = {
        field: f"{COMPETITOR[field]} 不能超过 {most} 个字"
        for field, most in LENGTHS.items()
        if len(asdict(draft)[field]) > most
    }
    if not draft.competitor:
        found["competitor"] = required(COMPETITOR["competitor"])
    elif draft.competitor not in known:
        found["competitor"] = f"{COMPETITOR['competitor']} 请从列表中选择"
    elif draft.competitor in taken:
        found["competitor"] = f"{known[draft.competitor]} 已在竞争分析中，请修改原有记录"
    if draft.threat not in THREATS:
        found["threat"] = f"{COMPETITOR['threat']} 请从列表中选择"
    return found


def content_faults(content: str) -> dict[str, str]:
    """Return what is wrong with an entry of the diary."""
    if not content:
        return {"content": required(PROCESS["content"])}
    if len(content) > CONTENT_LENGTH:
        return {"content": f"{PROCESS['content']} 不能超过 {CONTENT_LENGTH} 个字"}
    return {}


def party_faults(draft: PartyDraft, held: Collection[tuple[str, str]]) -> dict[str, str]:
    """Return every fault of a 参与方; ``held`` are companies and roles the deal has already."""
    found = {}
    if not draft.company:
        found["company"] = required(PARTY["company"])
    elif len(draft.company) > COMPANY_LENGTH:
        found["company"] = f"{PARTY['company']} 不能超过 {COMPANY_LENGTH} 个字"
    elif (draft.company, draft.role) in held:
        found["company"] = f"{draft.company} 已登记为{PARTY_ROLES[draft.role]}"
    if not draft.role:
        found["role"] = required(PARTY["role"])
    elif draft.role not in PARTY_ROLES:
        found["role"] = f"{PARTY['role']} 请从列表中选择"
    if len(draft.note) > NOTE_LENGTH:
        found["note"] = f"{PARTY['note']} 不能超过 {NOTE_LENGTH} 个字"
    return found
