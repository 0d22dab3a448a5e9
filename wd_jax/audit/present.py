"""What is installed here, measured again for the catalogue: the shown numbers, and everything where they differ."""

import datetime
from collections.abc import Iterable

from wd_jax.audit.black_box import BlackBox
from wd_jax.audit.catalogue import SEEN, Record
from wd_jax.audit.evidence import agree, tolerance

Numbers = dict[str, float | None]


def again(records: Iterable[Record]) -> tuple[Record, ...]:
    """Measure the optimisers of installed libraries again.

    Parameters
    ----------
    records : iterable of mapping
        Stored records.

    Returns
    -------
    tuple of mapping
        A record of today for each optimiser that could be made here. Where the shown numbers are those stored, within
        float32's rounding, the stored record's others stand; where they are not, all is measured.
    """
    found = (_one(record) for record in records)
    return tuple(record for record in found if record is not None)


def _one(record: Record) -> Record | None:
    from wd_jax.audit.adapters import registry
    from wd_jax.audit.measure import measure

    try:
        box = registry.find(f"{record['library']}:{record['optimiser']}")
    except ValueError:  # not installed, or not in this release
        return None
    seen = shown(box)
    stored = {name: record["numbers"].get(name) for name in SEEN}
    if not all(_same(name, seen[name], stored[name]) for name in SEEN):
        return measure(box).record()
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {**record, "version": box.version, "date": today, "numbers": {**record["numbers"], **seen}}


def shown(box: BlackBox) -> Numbers:
    """Drive an optimiser through the standard stimulus, for the numbers that the catalogue shows."""
    from wd_jax.audit import stimuli
    from wd_jax.audit.questions import Asking

    asking = Asking(box)
    path = asking.run()
    halved = asking.run(rates={5: asking.lr / 2})[-1] if stimuli.may_schedule(box) else {}

    def mean(params: dict, role: str) -> float | None:
        return float(params[role].mean(dtype=float)) if role in params else None

    numbers = (mean(path[1], "matrix"), mean(path[10], "matrix"), mean(halved, "matrix"), mean(path[10], "bias"))
    return dict(zip(SEEN, numbers, strict=True))


def _same(name: str, seen: float | None, stored: float | str | None) -> bool:
    if seen is None or stored is None:
        return seen is stored
    number = float(stored)
    return agree(seen, number, tolerance(name, number)) or (number != number and seen != seen)
