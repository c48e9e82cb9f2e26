"""Load the offices of the reference data: one per 办事处, each with its 编号 prefix."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.people.model import Office, OfficePrefix
from crmlib.reference.load import data
from crmlib.reference.model import Region

HEADQUARTERS = "总部"
CENTRAL = ("综合部", "信息部", "经营分析部")


def load_offices(session: Session) -> None:
    """Add missing offices: 总部 over the regions' offices, the central departments beside them."""
    known = {o.name: o for o in session.scalars(select(Office))}
    regions = {r.name: r.id for r in session.scalars(select(Region))}

    def add(name: str, parent: Office | None, region: str | None = None) -> Office:
        if name not in known:
            known[name] = Office(
                name=name,
                parent_id=parent.id if parent else None,
                region_id=regions[region] if region else None,
            )
            session.add(known[name])
            session.flush()  # those below need its number
        return known[name]

    top = add(HEADQUARTERS, None)
    for name in CENTRAL:
        add(name, top)
    prefixes = set(session.scalars(select(OfficePrefix.prefix)))
    for name, prefix, region in data()["office"]:
        office = add(name, add(f"{region}区", top, region), region)
        if prefix not in prefixes:
            session.add(OfficePrefix(prefix=prefix, office_id=office.id))
