"""The kind of a row's own numbers against the label that others gave it, and qualifiers against NumPy optimisers."""

import dataclasses

import numpy as np
import pytest

from tests.audit.labels import words
from wd_jax.audit import rules
from wd_jax.audit.black_box import BlackBox
from wd_jax.audit.fingerprint import fingerprint
from wd_jax.audit.kinds import KINDS, QUALIFIERS
from wd_jax.audit.measure import measure
from wd_jax.audit.rules import Ruled

pytestmark = pytest.mark.numeric

TOO_FEW = {
    "torch:ASGD": "its own decay, without weight_decay, is in the number: matrix_after_10_without_decay tells",
    "pytorch_optimizer:Ranger21(num_iterations=2000)": "its norm loss is in the number: the same control tells",
    "heavyball:NAdam": "it grows beside large gradients only: decay_at_step_1_beside_large_gradients tells",
    "optax:contrib.dog": "1e-7 a step: matrix_after_10_decay_doubled tells that the size of the decay does not matter",
    "optax:contrib.dowg": "the same",
}
"""Rows whose six numbers fit another kind as well, and the number that is missing."""


def kept(row: dict) -> dict:
    return {name: value for name, value in row.items() if name.startswith(("matrix", "bias", "decay_a"))}


def test_every_row_of_the_table(measured: list[dict]) -> None:
    wrong = {}
    for row in measured:
        found = fingerprint(kept(row)).kind
        if found not in words(row["kind"]):
            wrong[f"{row['library']}:{row['optimiser']}"] = (found, row["kind"])
    assert set(wrong) == set(TOO_FEW)


def test_a_label_is_not_fitted_to(measured: list[dict]) -> None:
    """Exchanged numbers must be seen: most rows given the numbers of another kind are named otherwise."""
    absolute = next(row for row in measured if row["kind"].startswith("decoupled-absolute (constant"))
    coupled = next(row for row in measured if row["optimiser"] == "SGD(momentum=.9)")
    assert fingerprint(kept(absolute)).kind == "absolute"
    assert fingerprint({**kept(absolute), "matrix_after_10_lr_halved_at_5": 0.5}).kind != "absolute"
    assert fingerprint({**kept(coupled), "matrix_after_10": 0.990045}).kind != "coupled"


def asked(rule: rules.Rule) -> BlackBox:
    def make(lr: float = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32") -> Ruled:
        return Ruled(rule, lr, 0.01 if weight_decay is None else weight_decay)

    return BlackBox(library="own", name="", version="", make=make)


def masked(s: rules.Step) -> np.ndarray:
    return s.w - s.lr * s.g - s.lr * s.wd * s.w * (s.g * s.w >= 0)


def adam(s: rules.Step) -> np.ndarray:
    u = s.g + s.wd * s.w
    m = s.memory["m"] = 0.9 * s.memory.get("m", 0.0) + 0.1 * u
    v = s.memory["v"] = 0.999 * s.memory.get("v", 0.0) + 0.001 * u**2
    return s.w - s.lr * (m / (1 - 0.9 ** (s.k + 1))) / (np.sqrt(v / (1 - 0.999 ** (s.k + 1))) + 1e-8)


def growing_adam(s: rules.Step) -> np.ndarray:
    return adam(s) + s.lr * s.wd * s.w


def anchored(s: rules.Step) -> np.ndarray:
    """Dual averaging of a decoupled decay with a start that pulls back: it stops at a weight that is not zero."""
    start = s.memory.setdefault("start", s.w)
    return s.w - s.lr * s.g - s.lr * s.wd * s.w - 0.5 * s.lr * (s.w - start) * bool(s.wd)


def own_motion(s: rules.Step) -> np.ndarray:
    return s.w - s.lr * s.g - s.lr * (s.wd + 0.2) * s.w


@pytest.mark.parametrize(
    ("rule", "kind", "qualifiers"),
    [
        (rules.decoupled(), "decoupled", ()),
        (rules.implicit(), "decoupled", ("implicit",)),
        (rules.late(), "decoupled", ("none at the first step",)),
        (rules.late(5), "decoupled", ("none at the first step",)),
        (rules.squared(), "decoupled", ("with the square of the rate",)),
        (masked, "decoupled", ("masked",)),
        (rules.constant(1.0), "absolute", ("constant",)),
        (rules.relative(), "absolute", ("relative to the first rate",)),
        (rules.momentum(0.9), "coupled", ("through momentum",)),
        (rules.momentum(0.75, "nesterov"), "coupled", ("through momentum",)),
        (rules.momentum(0.9, "average"), "coupled", ("through averaged momentum",)),
        (adam, "coupled", ("through the second moment",)),
        (rules.by_rms(), "scaled", ("by the root mean square",)),
        (rules.trust_ratio(), "scaled", ("trust ratio",)),
        (rules.trust_ratio(0.001, 0.9), "scaled", ("trust ratio", "through momentum")),
        (rules.schedule_free(0.9, "x"), "averaged", ("schedule-free",)),
        (rules.lookahead(5, 0.5), "averaged", ("lookahead",)),
        (anchored, "saturating", ()),
        (rules.growing(1.0, rated=False), "growing", ()),
        (growing_adam, "growing", ()),
        (rules.l1(), "l1", ()),
        (rules.nothing(), "none", ()),
        (own_motion, "unknown", ("moves without decay",)),
        (lambda s: s.w * np.nan, "unknown", ("NaN at zero gradient",)),
        (lambda s: s.w * 0.0, "unknown", ("rebuilt",)),
        (lambda s: s.w * -50.0 if s.k < 3 else s.w, "unknown", ("runs away",)),
        (lambda s: rules.decoupled()(s) if s.g.any() else s.w * np.nan, "decoupled", ("NaN at zero gradient",)),
    ],
)
def test_a_rule_is_recognised(rule: rules.Rule, kind: str, qualifiers: tuple[str, ...]) -> None:
    found = fingerprint(measure(asked(rule)))
    assert (found.kind, found.qualifiers) == (kind, qualifiers)
    assert found.kind in KINDS and set(found.qualifiers) <= set(QUALIFIERS)
    assert "masked" in qualifiers or all(each.fits for each in found.evidence)


def test_a_little_of_its_own_is_divided_out() -> None:
    found = fingerprint(measure(asked(lambda s: s.w - s.lr * s.g - s.lr * (s.wd + 1e-4) * s.w)))
    assert (found.kind, found.qualifiers) == ("decoupled", ("moves without decay",))


@pytest.mark.parametrize(("lr", "weight_decay"), [(0.02, 0.5), (1.0, 0.001)])
def test_at_another_rate_and_decay(lr: float, weight_decay: float) -> None:
    for rule, kind in ((rules.decoupled(), "decoupled"), (rules.momentum(0.8), "coupled"), (rules.l1(), "l1")):
        assert fingerprint(measure(asked(rule), lr=lr, weight_decay=weight_decay)).kind == kind


def test_the_constants_are_read_off() -> None:
    law = fingerprint(measure(asked(rules.momentum(0.75, "nesterov")))).law
    assert law is not None and law.constants == {"mu": 0.75, "form": "nesterov"}
    law = fingerprint(measure(asked(rules.trust_ratio(0.02)))).law
    assert law is not None and law.constants["coefficient"] == 0.02


def test_a_law_must_give_every_number() -> None:
    answered = measure(asked(rules.decoupled()))
    for name in ("matrix_after_7", "factor_after_1_from_100", "matrix_after_10_lr_zero_at_5", "factor_of_2_beside_1"):
        changed = dataclasses.replace(answered, numbers={**answered.numbers, name: 0.97})
        found = fingerprint(changed)
        assert found.law is None or found.law.kind != "decoupled", name


def test_what_is_not_measured_is_unknown() -> None:
    assert fingerprint({"matrix_after_1": None, "matrix_after_10": None}).kind == "unknown"
    assert fingerprint({}).kind == "unknown"
