"""What the derivations say of the law that was found, held against the number that was measured."""

import math
from typing import Any

from wd_jax.audit.evidence import tolerance
from wd_jax.audit.fingerprint import Fingerprint
from wd_jax.audit.responses import Responses
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED, Verdict

STEPS = 10
_NUMBER = f"matrix_after_{STEPS}"


def verdict(found: Fingerprint, answered: Responses) -> Verdict:
    """Hold the formula of the derivation that predicts this decay against what ten steps left.

    Parameters
    ----------
    found : Fingerprint
        With the law and the constants read off the numbers.
    answered : Responses
        The numbers.

    Returns
    -------
    Verdict
        *undecided* where no derivation gives the number.
    """
    law = found.law
    measured = answered.get(_NUMBER)
    measured = math.nan if measured is None else measured
    scope = (
        f"{answered.library}:{answered.name}, lr {answered.lr:g}, weight decay {answered.weight_decay:g}, no gradient"
    )
    if law is None or not law.by:
        why = f"no derivation gives this number; the kind, {found.kind}, was read off the numbers"
        return _verdict("weight decay", scope, math.nan, measured, math.nan, UNDECIDED, why)
    import derivations

    formula = derivations.derive(law.derivation).formulas[law.by]
    name = f"{law.derivation}.{law.by}"
    try:
        predicted = float(formula(**_arguments(formula.parameters, law.constants, answered)))
    except ValueError as error:
        return _verdict(name, scope, math.nan, measured, math.nan, UNDECIDED, " ".join(str(error).split()))
    within = tolerance(_NUMBER, predicted)
    if formula.approximation is not None:
        within = max(within, 3e-4 * abs(predicted))
    agrees = abs(measured - predicted) <= within
    told = {key: value for key, value in law.constants.items() if isinstance(value, float) and value not in (0.0, 1.0)}
    constants = ", ".join(f"{key} {value:g}" for key, value in told.items())
    read = f"; {constants} read off this optimiser's own numbers" if constants else ""
    why = f"{abs(measured - predicted):.1e} apart, where float32 allows {within:.1e}{read}"
    return _verdict(name, scope, predicted, measured, within, HOLDS if agrees else FAILS, why)


def _arguments(wanted: tuple[str, ...], constants: Any, answered: Responses) -> dict[str, float]:
    inner = constants.get("inner", STEPS)
    known = {
        "eta": answered.lr,
        "eta_start": answered.lr,
        "weight_decay": answered.weight_decay,
        "lmbda": answered.weight_decay,
        "n": 1,
        "step": STEPS,
        "w_0": 1.0,
        "weight_abs_0": 1.0,
        "momentum": constants.get("mu"),
        "trust_coefficient": constants.get("coefficient"),
        "mixing": constants.get("beta"),
        "slow_share": constants.get("share"),
        "inner_steps": inner,
        "cycles": STEPS // inner,
        "steps_after": STEPS % inner,
    }
    return {name: known[name] for name in wanted}


def _verdict(claim: str, scope: str, predicted: float, measured: float, within: float, word: Any, why: str) -> Verdict:
    return Verdict(
        claim=claim,
        kind="prediction",
        statement=f"what is left of a weight of 1 after {STEPS} steps without a gradient",
        scope=scope,
        predicted=predicted,
        measured=measured,
        ci95=(math.nan, math.nan),
        tolerance=within,
        verdict=word,
        why=why,
        asked=None if math.isnan(within) else (predicted - within, predicted + within),
    )
