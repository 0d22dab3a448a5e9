"""Whether a law that explains weights without gradients also explains the share of decay seen beside gradients."""

from wd_jax.audit.evidence import Evidence
from wd_jax.audit.law import Law
from wd_jax.audit.shape import Seen

WITHIN = 0.01
"""Relative deviation allowed between the share that a law predicts and the one that is seen."""
ROUNDED = 2e-3
"""What float32 may add to a share where lr*wd is `USUAL`, as in the standard stimulus; a smaller one allows more."""
USUAL = 1e-3
WITHIN_TRUST = 0.05
"""The same of a trust ratio, whose norms differ a little with what else is in the step."""
SHARES = (
    ("at_step_1", "random"),
    ("after_10", "random"),
    ("after_100", "random"),
    ("at_step_1", "constant"),
    ("at_step_1", "opposed"),
)
"""Which shares are held against the law: the last two are of gradients that help the decay and oppose it."""
Judged = tuple[int, tuple[str, tuple[str, ...]], tuple[Evidence, ...]]
"""How well the law holds there too; the kind and the qualifiers if it does not; the numbers."""
FAILS, HOLDS_AGAINST_DECOUPLED, HOLDS = 0, 1, 2


def beside_gradients(law: Law, seen: Seen) -> Judged:
    """Hold a law's shares beside random gradients against those seen.

    The share after a hundred steps is reckoned in two ways (`wd_jax.audit.questions`), and stored tables have either:
    the nearer is taken.

    Parameters
    ----------
    law : Law
        One that gives every number without gradients.
    seen : Seen
        The numbers.

    Returns
    -------
    tuple
        How well it holds; else the kind and qualifiers that the shares tell; and the evidence.
    """
    predicted = law.beside(seen.lr, seen.weight_decay)
    evidence: list[Evidence] = []
    fits = HOLDS
    ratios: dict[str, float] = {}
    for when, gradients in SHARES:
        name = f"decay_{when}_beside_{gradients}_gradients"
        if seen.share(when, gradients) is None or name not in predicted:
            continue
        first = (when, gradients) == ("at_step_1", "random")
        if "trust ratio" in law.qualifiers and not first and "through momentum" not in law.qualifiers:
            continue  # what LAMB's moments make of random gradients is no part of the law
        expected, measured = predicted[name], seen.share(when, gradients) or 0.0
        rival = predicted["decay_after_100_against_decoupled"] if when == "after_100" else expected
        loose = WITHIN_TRUST if "trust ratio" in law.qualifiers else WITHIN
        if abs(measured - rival) < abs(measured - expected) and abs(measured - expected) > loose * abs(expected):
            expected, fits = rival, HOLDS_AGAINST_DECOUPLED
        evidence += seen.evidence(name, expected, loose * abs(expected) + ROUNDED * max(1.0, USUAL / seen.c))
        if expected and gradients == "random":
            ratios[when] = measured / expected
    if all(each.fits for each in evidence):
        return fits, (law.kind, law.qualifiers), tuple(evidence)
    return FAILS, _told(law, seen, ratios), tuple(evidence)


def _told(law: Law, seen: Seen, ratios: dict[str, float]) -> tuple[str, tuple[str, ...]]:
    """Tell the kind of a law that holds for weights without gradients only."""
    first, last = ratios.get("at_step_1"), ratios.get("after_100", ratios.get("after_10"))
    if law.kind == "none":
        first, last = seen.share("at_step_1"), seen.share("after_100") or seen.share("after_10")
    helped, opposed = seen.share("at_step_1", "constant"), seen.share("at_step_1", "opposed")
    small = all(share is not None and abs(share) < 2e-3 for share in (helped, opposed))
    if law.kind == "none" and small and all(share is not None and abs(share - 1) < 0.03 for share in (first, last)):
        return "decoupled", ("by the tensor's shape",)
    half = first is not None and 0.4 < first < 0.62 and (last is None or 0.4 < last < 0.62)
    if (helped is not None and opposed is not None and opposed < 0.1 < helped and half) or (helped is None and half):
        return "decoupled", ("masked", *(["none at zero gradient"] if law.kind == "none" else []))
    if law.kind != "decoupled":
        return ("scaled" if law.kind == "none" else law.kind), ("by the step's other parts",)
    if first is not None and abs(first - 1) <= WITHIN and last is not None:
        if 0.3 < last < 0.9:
            return "averaged", ()
        even = all(share is None or abs(share - 1) < 0.05 for share in (helped, opposed))
        if abs(last - 1) <= 0.03 and even:
            return "decoupled", ("by the step's other parts",)
    if first is not None and first < 0.2:
        return "coupled", ("by the step's other parts",)
    return "scaled", ("by the step's other parts",)
