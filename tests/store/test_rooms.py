"""All rooms of one name are imported, folders without one are no fault."""

import sys

from crmlib.store import rooms


def test_every_folder_with_tables_is_loaded() -> None:
    rooms.load(rooms.MODELS)
    assert {"crmlib.customers.model", "crmlib.conversion.model"} <= sys.modules.keys()


def test_a_room_no_folder_has_loads_nothing() -> None:
    rooms.load("cellar")
    assert not any(name.endswith(".cellar") for name in sys.modules)
