"""What goes along when a customer changes hands: floors above say it in rooms of this name."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from crmlib.customers.model import Customer
from crmlib.people.model import Person
from crmlib.store import rooms

ROOM = "handover"
# Moves what is open of the former owner with the customer; returns how many it were.
Mover = Callable[[Session, Customer, int, Person], int]
_movers: dict[str, Mover] = {}


def goes_along(what: str, mover: Mover) -> None:
    """Let a folder above move its rows with a customer; ``what`` names them, e.g. 个进行中商机."""
    _movers[what] = mover


def take_along(session: Session, customer: Customer, former_id: int, owner: Person) -> str:
    """Give the new owner what the former one had open with a customer; say what it was."""
    rooms.load(ROOM)
    moved = [
        (move(session, customer, former_id, owner), what) for what, move in sorted(_movers.items())
    ]
    return "、".join(f"{count} {what}" for count, what in moved if count)
