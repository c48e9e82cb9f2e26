"""Who sits in front of the page."""

import marimo as mo


def person_id() -> int | None:
    """Return the signed-in person's id, or None outside a request (then nothing may be shown).

    Call it once, in the notebook's first cell: callbacks of widgets have no request.
    """
    request = mo.app_meta().request
    meta = getattr(request, "meta", None) if request is not None else None
    found = meta.get("person_id") if isinstance(meta, dict) else None
    return found if isinstance(found, int) else None
