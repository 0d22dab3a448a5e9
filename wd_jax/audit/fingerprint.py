"""From an optimiser's numbers to the kind of its decay: the first law that gives all of them, or what they show."""

from dataclasses import dataclass, field, replace
from typing import Any

from wd_jax.audit.beside import FAILS, beside_gradients
from wd_jax.audit.candidates import candidates
from wd_jax.audit.evidence import EXACT, Evidence
from wd_jax.audit.law import Law, Numbers
from wd_jax.audit.responses import Responses
from wd_jax.audit.shape import Finding, Seen, shape, special


@dataclass(frozen=True)
class Fingerprint:
    """What kind of decay an optimiser has, and what that rests on.

    Attributes
    ----------
    kind : str
        A word of `wd_jax.audit.kinds.KINDS`.
    qualifiers : tuple of str
        Words of `wd_jax.audit.kinds.QUALIFIERS`.
    formula : str
        What a step does to a weight without gradient; empty where it is not known.
    evidence : tuple of Evidence
        The numbers that it rests on.
    law : Law or None
        The law that gives the numbers; None where they fit none and the kind is read off them otherwise.
    """

    kind: str
    qualifiers: tuple[str, ...] = ()
    formula: str = ""
    evidence: tuple[Evidence, ...] = ()
    law: Law | None = field(default=None, compare=False)

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kind": self.kind,
            "qualifiers": list(self.qualifiers),
            "formula": self.formula,
            "derivation": f"{self.law.derivation}.{self.law.by}" if self.law and self.law.by else None,
            "constants": dict(self.law.constants) if self.law else {},
            "evidence": [each.record() for each in self.evidence],
        }


def fingerprint(answered: Responses | Numbers, *, lr: float = 0.1, weight_decay: float = 0.01) -> Fingerprint:
    """Name the kind of decay that gives these numbers.

    Parameters
    ----------
    answered : Responses or mapping
        Numbers by name. Of a mapping, those of the stored table are enough for most kinds: ``matrix_after_1``,
        ``matrix_after_10``, ``matrix_after_10_lr_halved_at_5`` and the two shares beside random gradients.
    lr, weight_decay : float
        At which they were measured; of `Responses`, their own.

    Returns
    -------
    Fingerprint

    Examples
    --------
    >>> adamw = {"matrix_after_1": 0.999, "matrix_after_10": 0.990045, "matrix_after_10_lr_halved_at_5": 0.992525}
    >>> fingerprint(adamw).kind
    'decoupled'
    """
    if isinstance(answered, Responses):
        lr, weight_decay, numbers = answered.lr, answered.weight_decay, answered.numbers
    else:
        numbers = answered
    less = _less_its_own(numbers)
    seen = Seen(less, lr, weight_decay)
    if (found := special(seen)) is not None:
        return _read_off(found)
    named = _by_law(seen) or _read_off(shape(seen))
    if isinstance(answered, Responses) and answered.facts.get("fixed") and named.kind == "absolute" and named.law:
        named = _if_the_rate_is_right(named, named.law, seen)
    if named.kind == "none" and (pull := _toward_the_start(seen)):
        return replace(named, qualifiers=(*named.qualifiers, "toward the start"), evidence=(*named.evidence, *pull))
    return named if less is numbers else replace(named, qualifiers=(*named.qualifiers, "moves without decay"))


def _toward_the_start(seen: Seen) -> tuple[Evidence, ...]:
    """Find what holds weights back that gradients drive away from where they began, either way; empty if nothing."""
    names = [f"decay_after_10_beside_{gradients}_gradients" for gradients in ("constant", "opposed")]
    down, up = (seen.get(name) or 0.0 for name in names)
    pulled = down < -1e-3 and up > 1e-3 and abs(down + up) < 0.1 * up
    return tuple(each for name in names for each in seen.evidence(name)) if pulled else ()


def _read_off(found: Finding) -> Fingerprint:
    return Fingerprint(found[0], found[1], "", found[2])


def _if_the_rate_is_right(found: Fingerprint, law: Law, seen: Seen) -> Fingerprint:
    """Claim nothing where the rate could not be changed and only a fitted factor explains the share that is taken."""
    if set(law.constants.values()) == {1}:
        return found
    evidence = (*seen.evidence("matrix_after_1"), *seen.evidence("matrix_after_10"))
    return Fingerprint("unknown", ("another rate or decay",), "", evidence)


def _less_its_own(numbers: Numbers) -> Numbers:
    """Take out what happens at a weight decay of zero, where that is little: ASGD's own decay."""
    moved = {k: numbers.get(f"matrix_after_{k}_without_decay") for k in (1, 10)}
    control = {k: each for k, each in moved.items() if each is not None and 1e-7 < abs(each - 1) < 1e-3}
    if len(control) < len(moved):
        return numbers
    corrected = {
        name: value / control[k]
        for k in control
        for name in (f"matrix_after_{k}", f"matrix_after_{k}_decay_doubled")
        if (value := numbers.get(name)) is not None
    }
    kept = {name: value for name, value in numbers.items() if name.startswith(("decay_", "matrix_after_1_without"))}
    return {**kept, **corrected}


def _by_law(seen: Seen) -> Fingerprint | None:
    """Find the laws that give every number without gradients, and of them the first that gives the others too."""
    fitting: list[tuple[Law, tuple[Evidence, ...]]] = []
    for law in candidates(seen.numbers, seen.lr, seen.weight_decay):
        predicted = law.quiet(seen.lr, seen.weight_decay)
        evidence = tuple(
            each
            for name in predicted
            if name in seen.numbers and name.startswith(("matrix", "factor"))
            for each in seen.evidence(name, predicted[name], EXACT if law.kind == "none" else None)
        )
        misses = [each.number for each in evidence if not each.fits]
        if not misses:
            fitting.append((law, evidence))
    judged = [(law, evidence, beside_gradients(law, seen)) for law, evidence in fitting]
    for law, evidence, (fits, _, more) in sorted(judged, key=lambda each: -each[2][0]):
        if fits != FAILS:
            return Fingerprint(law.kind, law.qualifiers, law.formula, (*evidence, *more), law)
    for law, evidence, (_, found, more) in judged:
        if law.kind not in ("decoupled", "none") and more:
            continue
        kind, qualifiers = found
        return Fingerprint(kind, (*law.qualifiers, *qualifiers), law.formula, (*evidence, *more), law)
    return None
