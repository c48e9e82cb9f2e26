"""What speaks for two records being one beside the name: contacts, domain, address, place."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from crmlib.duplicates.contacts import PUBLIC_MAIL, domain_key, phone_keys
from crmlib.duplicates.gazetteer import NOWHERE, Fit, Place, compare, match
from crmlib.duplicates.names import name_key
from crmlib.duplicates.reasons import Reason

_NUMBERS = re.compile(r"\d+")
_PLACE_NOISE = re.compile(r"[\s省市区县镇乡街道路号]+")
_CEILING = 4.5  # contacts alone make no duplicate
_RARE, _COMMON = 3, 6  # customers that share a number


class Profile(NamedTuple):
    """What a record says beside its name, ready for comparison."""

    phones: frozenset[str]
    mobiles: frozenset[str]
    mails: frozenset[str]
    domains: frozenset[str]
    people: frozenset[str]
    address: str
    place: Place
    uscc: str
    industry: str

    def shared_keys(self) -> Iterator[str]:
        """Keys that two records of one customer may share."""
        for kind, values in (
            ("t", self.phones | self.mobiles),
            ("m", self.mails),
            ("d", self.domains),
        ):
            for value in values:
                yield kind + value
        if len(self.address) > 7:
            yield "a" + self.address
        if self.uscc:
            yield "u" + self.uscc


def profile_of(row: Mapping[str, Any]) -> Profile:
    """Profile of a record; absent columns are empty."""
    phones = frozenset(key for field in ("phone", "fax") for key in phone_keys(row.get(field)))
    mobiles = frozenset(
        key for field in ("mobile", "mobile1", "mobile2") for key in phone_keys(row.get(field))
    )
    mail = (row.get("email") or "").strip().lower()
    domains = frozenset(
        key for field in ("website", "email") if (key := domain_key(row.get(field)))
    )
    people = frozenset(
        person for field in ("contact", "contact1", "contact2")
        if (person := (row.get(field) or "").strip())
    )  # fmt: skip
    return Profile(
        phones=phones,
        mobiles=mobiles,
        mails=frozenset([mail]) if "@" in mail else frozenset(),
        domains=domains,
        people=people,
        address=_PLACE_NOISE.sub("", name_key(row.get("address") or "")),
        place=_place(row),
        uscc=str(row.get("uscc") or "").strip().upper(),
        industry=row.get("industry") or "",
    )


_places: dict[str, Place] = {}


def _place(row: Mapping[str, Any]) -> Place:
    text = row.get("region") or f"{row.get('province') or ''} {row.get('city') or ''}"
    known = _places.get(text)
    if known is None:
        known = NOWHERE
        for part in text.split():
            spot = match(part, 0, known)
            known = spot.place if spot else known
        _places[text] = known
    return known


def count_keys(profiles: Iterable[Profile]) -> Counter[str]:
    """How many records carry each key: a shared phone counts by its rarity."""
    counts: Counter[str] = Counter()
    for profile in profiles:
        counts.update(profile.shared_keys())
    return counts


def weigh(a: Profile, b: Profile, counts: Mapping[str, int]) -> tuple[float, float, list[Reason]]:
    """Log-odds beside the name, probability of a relation, reasons."""
    reasons: list[Reason] = []
    related = 0.0
    if a.uscc and b.uscc:
        if a.uscc == b.uscc:
            return 9.0, 0.0, [Reason("统一社会信用代码相同", 9.0)]
        reasons.append(Reason("统一社会信用代码不同", -6.0))
    for reason, relation in (
        _numbers(a, b, counts),
        _web(a, b, counts),
        _people(a, b),
        _address(a, b, counts),
        _region(a.place, b.place),
    ):
        if reason.weight:
            reasons.append(reason)
        related = max(related, relation)
    return min(_CEILING, sum(r.weight for r in reasons)), related, reasons


def _numbers(a: Profile, b: Profile, counts: Mapping[str, int]) -> tuple[Reason, float]:
    all_a, all_b = a.phones | a.mobiles, b.phones | b.mobiles
    shared = all_a & all_b
    if shared:
        fewest = min(counts.get("t" + number, 2) for number in shared)
        text = "手机相同" if shared <= (a.mobiles | b.mobiles) else "电话相同"
        if fewest <= _RARE:
            return Reason(text, 2.8), 0.55
        if fewest <= _COMMON:
            return Reason(f"{text}（{fewest} 家共用）", 1.2), 0.4
        return Reason(f"{text}（{fewest} 家共用）", 0.2), 0.2
    if a.phones and b.phones:
        near = any(x[:-2] == y[:-2] and len(x) == len(y) for x in a.phones for y in b.phones)
        return (Reason("电话号段相同", 1.2), 0.3) if near else (Reason("电话不同", -0.6), 0.0)
    if a.mobiles and b.mobiles:
        return Reason("手机不同", -0.4), 0.0
    return Reason("", 0.0), 0.0


def _web(a: Profile, b: Profile, counts: Mapping[str, int]) -> tuple[Reason, float]:
    shared = a.mails & b.mails
    if shared:
        fewest = min(counts.get("m" + mail, 2) for mail in shared)
        return Reason("邮箱相同", 2.5 if fewest <= _RARE else 0.5), 0.5
    if a.domains & b.domains:
        fewest = min(counts.get("d" + domain, 2) for domain in a.domains & b.domains)
        return Reason("网站或邮箱域名相同", 2.0 if fewest <= _RARE else 0.3), 0.6
    if a.domains and b.domains:
        return Reason("域名不同", -0.5), 0.0
    if a.mails and b.mails and all(m.rsplit("@")[-1] in PUBLIC_MAIL for m in a.mails | b.mails):
        return Reason("邮箱不同", -0.4), 0.0
    return Reason("", 0.0), 0.0


def _people(a: Profile, b: Profile) -> tuple[Reason, float]:
    if a.people & b.people:
        return Reason("联系人相同", 0.8), 0.1
    if any(x[0] == y[0] and ("总" in x + y or "经理" in x + y) for x in a.people for y in b.people):
        return Reason("联系人同姓", 0.4), 0.0
    if a.people and b.people:
        return Reason("联系人不同", -0.3), 0.0
    return Reason("", 0.0), 0.0


def _address(a: Profile, b: Profile, counts: Mapping[str, int]) -> tuple[Reason, float]:
    x, y = a.address, b.address
    if len(x) < 5 or len(y) < 5:
        return Reason("", 0.0), 0.0
    if x == y:
        weight = 1.8 if counts.get("a" + x, 2) <= _COMMON else 0.3
        return Reason("地址相同", weight), 0.3
    if x in y or y in x:
        return Reason("地址包含", 1.5), 0.25
    near = fuzz.ratio(x, y) / 100
    inner = fuzz.partial_ratio(x, y) / 100
    numbers_a, numbers_b = _NUMBERS.findall(x), _NUMBERS.findall(y)
    if max(near, inner) > 0.85 and (numbers_a[:1] == numbers_b[:1]):
        return Reason("地址相近", 1.2), 0.2
    if near > 0.6:
        return Reason("", 0.0), 0.0
    return Reason("地址不同", -0.8), 0.0


def _region(a: Place, b: Place) -> tuple[Reason, float]:
    fit = compare(a, b)
    if fit is Fit.CONFLICT:
        return Reason("所在地区不同", -2.0), 0.0
    return Reason("", 0.2 if fit is Fit.EQUAL else 0.0), 0.0
