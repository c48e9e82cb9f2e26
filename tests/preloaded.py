"""What a server reads before it serves; imported by the process it is forked off."""

import crmlib.web.serve  # noqa: F401
from crmlib.store import rooms

for room in (rooms.MODELS, rooms.QUERIES, *rooms.APART):
    rooms.load(room)
