"""What an entry of 需求与异议 must have."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from crmlib.opportunities.labels import NEED, NEED_KINDS
from crmlib.words import required

CONTENT_LENGTH = 2000
NOT_LATER = f"{NEED['raised_on']} 不能晚于今天"
NOBODY = f"{NEED['owner']} 只能选择能推进此商机的在职人员"


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """What a form holds of a wish, a proposal or an objection; without an answer it is open."""

    kind: str = "need"
    content: str = ""
    raised_on: date | None = None  # none: today
    owner_id: int | None = None  # none: as it is; of a new one: whoever enters it
    answer: str = ""


def need_faults(draft: NeedDraft, owners: Collection[int], today: date) -> dict[str, str]:
    """Return every fault; ``owners`` are the people who may work on the deal."""
    found = {}
    if draft.kind not in NEED_KINDS:
        found["kind"] = f"{NEED['kind']} 请从列表中选择"
    if not draft.content:
        found["content"] = required(NEED["content"])
    for field in ("content", "answer"):
        if len(getattr(draft, field)) > CONTENT_LENGTH:
            found[field] = f"{NEED[field]} 不能超过 {CONTENT_LENGTH} 个字"
    if draft.raised_on is not None and draft.raised_on > today:
        found["raised_on"] = NOT_LATER
    if draft.owner_id not in owners:
        found["owner_id"] = NOBODY
    return found


def answer_faults(answer: str) -> dict[str, str]:
    """Return what is wrong with an answer given."""
    if not answer:
        return {"answer": required(NEED["answer"])}
    if len(answer) > CONTENT_LENGTH:
        return {"answer": f"{NEED['answer']} 不能超过 {CONTENT_LENGTH} 个字"}
    return {}
