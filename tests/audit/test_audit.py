"""``wd.audit``: whatever is given to it, the answer or one line, and the rest of the audit."""

import importlib
import json
import subprocess
import sys

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.audit import rules
from wd_jax.audit.black_box import BlackBox
from wd_jax.audit.responses import Responses
from wd_jax.audit.result import Audit
from wd_jax.audit.rules import Ruled

pytestmark = pytest.mark.numeric


class Plain:
    """A user's own, the simplest."""

    def __init__(self, lr: float, weight_decay: float) -> None:
        self.lr, self.weight_decay = lr, weight_decay

    def init(self, params: dict) -> None:
        pass

    def set_lr(self, lr: float) -> None:
        self.lr = lr

    def step(self, params: dict, grads: dict) -> dict:
        return {k: w if grads[k] is None else self.one(k, w, grads[k]) for k, w in params.items()}

    def one(self, name: str, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        return w - self.lr * (g + self.weight_decay * w)


class Exempt(Plain):
    def one(self, name: str, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        return super().one(name, w, g) if w.ndim == 2 else w - self.lr * g


class Frozen(Plain):
    """One that has lost its schedule and decays parameters without a gradient."""

    def set_lr(self, lr: float) -> None:
        pass

    def step(self, params: dict, grads: dict) -> dict:
        return {k: self.one(k, w, np.zeros_like(w) if grads[k] is None else grads[k]) for k, w in params.items()}

    def one(self, name: str, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        return w - self.lr * g - self.weight_decay * w


class Closure(Plain):
    def step(self, params: dict, grads: dict, closure: object = None) -> dict:
        if closure is None:
            raise TypeError("step() missing 1 required positional argument: 'closure'")
        return params


class NotANumber(Plain):
    def one(self, name: str, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        return w * np.nan


class Reshapes(Plain):
    def one(self, name: str, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        return w.ravel()


class Drops(Plain):
    def step(self, params: dict, grads: dict) -> dict:
        return {}


class RefusesZero(Plain):
    def one(self, name: str, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        if not g.any():
            raise ZeroDivisionError("gradient\n is zero")
        return super().one(name, w, g)


class FailsOnVectors(Plain):
    def one(self, name: str, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        if name in ("vector", "norm"):
            raise RuntimeError("2-D only")
        return super().one(name, w, g)


class Lingers(Plain):
    """What it learnt in one run it takes into the next."""

    steps = 0

    def one(self, name: str, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        Lingers.steps += 1
        return w - self.lr * g - self.lr * self.weight_decay * w / (1 + Lingers.steps)


def sentence(found: Audit, about: str) -> str:
    return next(each.says for each in found.traits if each.about == about)


def test_a_users_own() -> None:
    found = wd.audit(Plain)
    assert (found.kind, found.verdict.verdict, found.verdict.claim) == ("decoupled", "holds", "ways_to_decay.decoupled")
    assert found.verdict.predicted == pytest.approx(0.999**10, rel=1e-12)
    assert found.responses.failures == {}
    assert sentence(found, "schedule").startswith("decay follows the learning rate")
    assert sentence(found, "zero rate") == "at a learning rate of 0 nothing decays"
    assert "decays nothing" in sentence(found, "missing gradient")


def test_what_is_exempt_and_what_ignores_a_schedule() -> None:
    found = wd.audit(Exempt)
    assert sentence(found, "exempt") == "vector, norm and bias are exempt"
    found = wd.audit(Frozen)
    assert found.kind == "absolute"
    assert "ignores it" in sentence(found, "schedule")
    assert "goes on" in sentence(found, "zero rate")
    assert "all the same" in sentence(found, "missing gradient")


@pytest.mark.parametrize("as_what", ["object", "step"])
def test_one_whose_rate_is_its_own(as_what: str) -> None:
    one = Plain(0.02, 0.3)
    found = wd.audit(
        one if as_what == "object" else lambda params, grads: one.step(params, grads), lr=0.02, weight_decay=0.3
    )
    assert found.kind == "decoupled"
    assert "lr 0.02, weight decay 0.3" in repr(found)
    asked = {line for line in found.responses.failures.values()}
    assert asked == {"not asked: the rate and the decay are the optimiser's own and cannot be changed"}


def test_one_whose_rate_was_not_said_is_not_named() -> None:
    found = wd.audit(Plain(0.02, 0.3))
    assert (found.kind, found.fingerprint.qualifiers) == ("unknown", ("another rate or decay",))
    assert "say which it has, with lr= and weight_decay=" in " ".join(repr(found).split())


def test_a_small_rate_is_not_taken_for_another_kind() -> None:
    found = wd.audit(Plain, lr=3e-4, weight_decay=0.1)
    assert (found.kind, found.fingerprint.qualifiers) == ("decoupled", ())


def test_what_answers_nothing_says_so() -> None:
    text = repr(wd.audit(lambda params: params))
    assert "nothing could be measured" in text and "rests on" not in text


@pytest.mark.parametrize(
    ("optimiser", "kind", "line"),
    [
        (Closure, "unknown", "needs a closure that computes the loss"),
        (NotANumber, "unknown", ""),
        (Reshapes, "unknown", "step changed the shape of 'matrix' from (4, 4) to (16,)"),
        (Drops, "unknown", "step gave no 'matrix' back"),
        (RefusesZero, "decoupled", "ZeroDivisionError: gradient is zero"),
        (FailsOnVectors, "decoupled", "RuntimeError: 2-D only"),
        (lambda params, grads: None, "unknown", "step gave a NoneType, not the parameters by name"),
    ],
)
def test_hostile(optimiser: object, kind: str, line: str) -> None:
    found = wd.audit(optimiser)
    assert found.kind == kind
    text = repr(found)
    assert line in " ".join(text.split())
    assert all("\n" not in each for each in found.responses.failures.values())
    json.dumps(found.record(), allow_nan=False)
    assert "<script" not in found._repr_html_()


def test_the_rest_of_the_audit_goes_on() -> None:
    found = wd.audit(RefusesZero)
    assert found.numbers["decay_after_100_beside_random_gradients"] == pytest.approx(1, abs=0.01)
    assert set(wd.audit(FailsOnVectors).responses.failures) == {"roles"}


def test_one_that_keeps_something_says_so() -> None:
    assert "keeps something from one beginning to the next" in wd.audit(Lingers).responses.failures["again"]


@pytest.mark.parametrize(
    ("optimiser", "options", "says"),
    [
        (3, {}, "no optimiser"),
        ("AdamW", {}, "write LIBRARY:NAME"),
        (Plain, {"lr": 0}, "lr=0"),
        (Plain, {"weight_decay": float("nan")}, "weight_decay=nan"),
        (Plain, {"lr": "fast"}, "lr='fast'"),
        (Plain, {"lr": 1e-4, "weight_decay": 1e-4}, "float32 cannot show a decay of 1e-08 a step: ask at lr=0.1"),
    ],
)
def test_what_is_refused(optimiser: object, options: dict, says: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as raised:
        wd.audit(optimiser, **options)
    assert says in str(raised.value)


def test_a_record_is_read_again() -> None:
    found = wd.audit(NotANumber)
    record = json.loads(json.dumps(found.record(), allow_nan=False))
    again = Responses.from_record(record)
    assert again.name == "NotANumber" and np.isnan(again.numbers["matrix_after_1"])
    assert set(again.numbers) == set(found.numbers)


def test_names_are_escaped() -> None:
    html = wd.audit(lambda params, grads: params, name="<script>")._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_a_factory_of_a_librarys_own() -> None:
    import optax

    found = wd.audit(
        lambda lr, weight_decay: optax.chain(optax.add_decayed_weights(weight_decay), optax.sgd(lr, momentum=0.5))
    )
    assert (found.kind, found.fingerprint.law and found.fingerprint.law.constants["mu"]) == ("coupled", 0.5)
    assert found.verdict.claim == "momentum.weight" and found.verdict.verdict == "holds"


@pytest.mark.parametrize(
    "first",
    [
        "import wd_jax.audit",
        "from wd_jax.audit import audit",
        "from wd_jax.audit.measure import measure",
        "import wd_jax.audit.ask",
    ],
)
def test_the_package_is_the_function_in_every_order(first: str) -> None:
    program = (
        f"{first}\nimport wd_jax as wd\nimport wd_jax.audit.kinds\n"
        "assert callable(wd.audit) and wd.audit.kinds.KINDS\n"
        "print(wd.audit(lambda p, g: {k: w - .1 * (g[k] + .01 * w) for k, w in p.items()}).kind)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("decoupled\n", "")


@pytest.mark.parametrize(
    ("rule", "claim"),
    [
        (rules.momentum(0.9, "nesterov"), "momentum_forms.nesterov"),
        (rules.momentum(0.9, "dampened"), "momentum_forms.dampened"),
        (rules.by_rms(), "rms_scaled.rms"),
        (rules.by_rms(0.01, 1.0), "rms_scaled.rms"),
        (rules.trust_ratio(0.02), "trust_ratio.lars"),
        (rules.schedule_free(0.9, "x"), "averaged_decay.schedule_free_average"),
        (rules.schedule_free(0.9, "y"), "averaged_decay.schedule_free_point"),
        (rules.lookahead(6, 0.5), "averaged_decay.lookahead"),
        (rules.growing(1.0, rated=False), "ways_to_decay.added"),
    ],
)
def test_the_derivation_that_predicts_it(rule: rules.Rule, claim: str) -> None:
    found = wd.audit(BlackBox(library="own", name="", version="", make=lambda **how: made(rule, **how)))
    assert (found.verdict.claim, found.verdict.verdict) == (claim, "holds")


def made(rule: rules.Rule, lr: float, weight_decay: float | None, dtype: str = "float32") -> Ruled:
    return Ruled(rule, lr, 0.01 if weight_decay is None else weight_decay)


def test_the_verdict_can_fail() -> None:
    from dataclasses import replace

    from wd_jax.audit.theory import verdict

    found = wd.audit(Plain)
    off = replace(found.responses, numbers={**found.numbers, "matrix_after_10": 0.99005})
    assert verdict(found.fingerprint, off).verdict == "fails"
    assert wd.audit(lambda params, grads: params).verdict.verdict == "undecided"


def test_no_library_is_loaded_before_it_is_used() -> None:
    heavy = "{'jax', 'torch', 'keras', 'sympy', 'optax', 'sklearn', 'matplotlib'}"
    program = (
        "import sys, wd_jax as wd\nfrom wd_jax.audit.adapters import registry\nimport wd_jax.audit.measure\n"
        "for library in registry.libraries():\n    registry.installed(library)\n"
        f"print({heavy} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "set()\n", run.stderr


def test_the_measuring_path_needs_numpy_alone() -> None:
    program = (
        "import sys\nfor name in ('jax', 'xarray', 'sympy', 'scipy', 'matplotlib', 'tyro'):\n"
        "    sys.modules[name] = None\n"
        "from wd_jax.audit.measure import measure\nfrom wd_jax.audit.adapters import own, registry\n"
        "registry.libraries()\n"
        "print(measure(own.wrap(lambda p, g: p)).numbers['matrix_after_1'])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "1.0\n", run.stderr


def test_the_function_is_in_its_package() -> None:
    assert importlib.import_module("wd_jax.audit").audit is importlib.import_module("wd_jax.audit.ask").audit
