"""Load the dictionaries and regions of ``data.yaml``; loading again adds only what is missing."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem, Region


@cache
def data() -> dict[str, Any]:
    """Return the reference data as written in the file."""
    text = (Path(__file__).parent / "data.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def load(session: Session) -> None:
    """Add missing dictionary rows and regions."""
    known = set(session.execute(select(DictItem.kind, DictItem.code)))
    session.add_all(item for item in _items() if (item.kind, item.code) not in known)
    _load_regions(session)


@cache
def shipped_codes() -> frozenset[tuple[DictKind, str]]:
    """Return kind and code of every entry the file brings."""
    return frozenset((DictKind(item.kind), item.code) for item in _items())


def _items() -> Iterator[DictItem]:
    for kind in DictKind:
        if kind is DictKind.PRODUCT:
            yield from _products(data()[kind])
        else:
            yield from _entries(kind, data()[kind])


def _entries(kind: DictKind, raw: Any) -> Iterator[DictItem]:
    builtin, extra = _split(raw)
    for sort, entry in enumerate(builtin + extra, start=1):
        row = entry if isinstance(entry, dict) else {"code": f"{sort:02d}", "name": entry}
        yield DictItem(
            kind=kind, code=row["code"], name=row["name"], sort=sort, builtin=sort <= len(builtin)
        )


def _split(raw: Any) -> tuple[list[Any], list[Any]]:
    if isinstance(raw, list):
        return [], raw
    return raw.get("builtin") or raw.get("builtin_found") or [], raw.get("extra", [])


def _products(families: dict[str, list[str]]) -> Iterator[DictItem]:
    for number, (family, products) in enumerate(families.items(), start=1):
        code = f"P{number}"
        yield DictItem(kind=DictKind.PRODUCT, code=code, name=family, sort=number * 100)
        for place, product in enumerate(products, start=1):
            yield DictItem(
                kind=DictKind.PRODUCT,
                code=f"{code}-{place:02d}",
                name=product,
                parent=code,
                sort=number * 100 + place,
            )


def _load_regions(session: Session) -> None:
    known = {r.name for r in session.scalars(select(Region))}
    sort = 0
    for group in ("builtin", "extra"):
        for name, provinces in data()["region"][group].items():
            if name in known:
                continue
            sort += 100
            top = Region(name=name, sort=sort, builtin=group == "builtin")
            session.add(top)
            session.flush()  # the provinces need its number
            names = [p if p != "其他" else f"{name}其他" for p in provinces]
            session.add_all(
                Region(name=p, parent_id=top.id, sort=sort + i)
                for i, p in enumerate(names, start=1)
            )
