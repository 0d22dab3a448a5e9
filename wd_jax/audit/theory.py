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
    measured = _measured(answered, _NUMBER)
    if "moves without decay" in found.qualifiers:
        measured = next((each.measured for each in found.evidence if each.number == _NUMBER), math.nan)
    scope = _scope(answered)
    if law is None and "through the second moment" in found.qualifiers:
        return _first_step(answered)
    if law is None or not law.by:
        why = f"no derivation gives this number; the kind, {found.kind}, was read off the numbers"
        return _verdict("weight decay", scope, math.nan, measured, (math.nan, math.nan), UNDECIDED, why)
    import derivations

    formulas = derivations.derive(law.derivation).formulas
    formula = formulas[law.by]
    name = f"{law.derivation}.{law.by}"
    given = _arguments(formula.parameters, law.constants, answered)
    try:
        predicted = float(formula(**given))
        ends = [float(formulas[end](**given)) for end in ("least", "most") if law.by == "rms"]
    except ValueError as error:
        why = " ".join(str(error).split())
        return _verdict(name, scope, math.nan, measured, (math.nan, math.nan), UNDECIDED, why)
    within = tolerance(_NUMBER, predicted)
    if formula.approximation is not None and not ends:
        within = max(within, formula.approximation.error * abs(predicted))
    asked = (min(ends, default=predicted) - within, max(ends, default=predicted) + within)
    told = {key: value for key, value in law.constants.items() if isinstance(value, float) and value not in (0.0, 1.0)}
    constants = ", ".join(f"{key} {value:g}" for key, value in told.items())
    read = f"; {constants} read off this optimiser's own numbers" if constants else ""
    if "moves without decay" in found.qualifiers:
        read += "; what a weight decay of zero leaves is divided out"
    why = f"{abs(measured - predicted):.1e} apart, {asked[0]:.7g} to {asked[1]:.7g} allowed{read}"
    return _verdict(name, scope, predicted, measured, asked, HOLDS if asked[0] <= measured <= asked[1] else FAILS, why)


def _first_step(answered: Responses) -> Verdict:
    """Hold L2 through a second moment against its first step: the later ones depend on all that came before."""
    import derivations

    measured = _measured(answered, "matrix_after_1")
    known = {
        "weight_abs_0": 1.0,
        "eta": answered.lr,
        "weight_decay": answered.weight_decay,
        "adam_epsilon": answered.facts.get("eps"),
        "beta2": answered.facts.get("beta2", answered.facts.get("alpha")),
    }
    formulas = derivations.derive("coupled_start").formulas
    for by in ("adam", "rmsprop", "inside"):
        formula = formulas[by]
        given = {name: known[name] for name in formula.parameters}
        if not all(isinstance(value, int | float) and value > 0 for value in given.values()):
            continue
        predicted = float(formula(**given))
        within = tolerance("matrix_after_1", predicted)
        if abs(measured - predicted) <= within:
            name, asked = f"coupled_start.{by}", (predicted - within, predicted + within)
            why = f"{abs(measured - predicted):.1e} apart, {asked[0]:.7g} to {asked[1]:.7g} allowed"
            return _verdict(name, _scope(answered), predicted, measured, asked, HOLDS, why, steps=1)
    why = "no derivation gives its first step; the kind, coupled, was read off the numbers"
    return _verdict(
        "coupled_start", _scope(answered), math.nan, measured, (math.nan, math.nan), UNDECIDED, why, steps=1
    )


def _measured(answered: Responses, name: str) -> float:
    value = answered.get(name)
    return math.nan if value is None else value


def _scope(answered: Responses) -> str:
    asked = f"lr {answered.lr:g}, weight decay {answered.weight_decay:g}, no gradient"
    return f"{answered.library}:{answered.name}, {asked}"


def _arguments(wanted: tuple[str, ...], constants: Any, answered: Responses) -> dict[str, float]:
    inner = constants.get("inner", STEPS)
    known = {
        "eta": (answered.lr if constants.get("rate") is None else constants["rate"]) * constants.get("times", 1.0),
        "eta_start": answered.lr,
        "weight_decay": answered.weight_decay,
        "lmbda": answered.weight_decay,
        "n": 1,
        "step": STEPS,
        "w_0": 1.0,
        "weight_abs_0": 1.0,
        "weight_rms_0": 1.0,
        "momentum": constants.get("mu"),
        "dampening": constants.get("mu"),
        "trust_coefficient": constants.get("coefficient"),
        "mixing": constants.get("beta"),
        "slow_share": constants.get("share"),
        "inner_steps": inner,
        "cycles": STEPS // inner,
        "steps_after": STEPS % inner,
    }
    return {name: known[name] for name in wanted}


def _verdict(
    claim: str,
    scope: str,
    predicted: float,
    measured: float,
    asked: tuple[float, float],
    word: Any,
    why: str,
    steps: int = STEPS,
) -> Verdict:
    made = "ten steps leave" if steps == STEPS else "one step leaves"
    return Verdict(
        claim=claim,
        kind="prediction",
        statement=f"what {made} of a weight of 1, without a gradient",
        scope=scope,
        predicted=predicted,
        measured=measured,
        ci95=(math.nan, math.nan),
        tolerance=(asked[1] - asked[0]) / 2,
        verdict=word,
        why=why,
        asked=None if math.isnan(predicted) else asked,
    )
