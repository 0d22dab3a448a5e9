"""Which law is for which run of the laboratory: the whole table, and each refusal in one line.

Whether a law may be used is decided here from what the kinds of gradients are, by hand, and not as the library does.
"""

import pytest
import xarray as xr

import derivations
import wd_jax as wd
from derivations import Scope
from wd_jax.law_scope import demand_scope, facts, outside
from wd_jax.setup import CHOICES

pytestmark = pytest.mark.numeric
HOLD = {
    "independent": {"any", "noise", "constant", "steady"},
    "shuffled": {"any", "constant"},
    "scale_invariant": {"any", "perpendicular"},
    "signal_plus_noise": {"any"},
    "none": {"any", "none"},
}
"""What is so of each kind of gradients."""
DRAWN = {"shuffled": "reshuffle"}
NUMBERS = {
    "shuffled": {"n": 4, "batch_size": 2},
    "signal_plus_noise": {"mean_gradient": 0.1, "curvature": 0.2},
}
NEVER = {"saturation", "online_perceptron", "ridge", "trust_ratio", "averaged_decay", "rms_scaled", "grokking"}
NEVER |= {"factors", "neural_collapse", "low_rank_memory", "start_gradient"}
"""Laws of networks and of networks' gradients, and of rules that only other libraries have."""


@pytest.fixture(scope="module")
def runs() -> dict[str, xr.Dataset]:
    """A short run of each kind of gradients, of a matrix."""
    probes = wd.Probes(budget=False, moved=False, splits=())
    settings = {"steps": 4, "shape": (3, 2), "seeds": 2, "eta": 0.1, "lmbda": 1.0, "probes": probes}
    return {kind: wd.lab("sgd", kind, **settings, **NUMBERS.get(kind, {})) for kind in HOLD}


@pytest.fixture(scope="module")
def laws() -> dict[str, derivations.Formula]:
    formulas = {name: derivations.derive(name).formulas for name in derivations.names()}
    return {f"{name}.{law}": formula for name, held in formulas.items() for law, formula in held.items()}


def fits(scope: Scope, rule: str, kind: str) -> bool:
    """Decide by hand."""
    network = {
        "schedule": "constant", "biases": "none", "scale_invariant": "yes" if kind == "scale_invariant" else "no",
        "activation": "none", "loss": "none", "init": "gaussian", "init_scale": 1.0, "depth": 0,
        "nesterov": "yes" if rule == "muon" else None,
    }  # fmt: skip
    met = all(
        network[name] is None or network[name] in allowed or "any" in allowed for name, allowed in scope.network.items()
    )
    drawn = not scope.sampling or DRAWN.get(kind, "iid") in scope.sampling
    return met and drawn and (not scope.rules or rule in scope.rules) and scope.gradients in HOLD[kind]


def test_every_pairing_of_law_and_rule_is_accepted_or_refused_as_it_should(runs, laws) -> None:
    found: dict[str, set[tuple[str, str]]] = {name: set() for name in derivations.names()}
    for kind, run in runs.items():
        for rule in CHOICES["optimiser"]:
            known = facts(run.assign_coords(optimiser=rule))
            for name, law in laws.items():
                assert law.scope is not None
                accepted = not outside(law.scope, known)
                assert accepted == fits(law.scope, rule, kind), (name, rule, kind)
                if accepted:
                    found[name.split(".")[0]].add((rule, kind))
    assert {name for name, where in found.items() if not where} == NEVER
    own = {
        "adamw": "independent",
        "lion": "independent",
        "sign_momentum": "independent",
        "muon": "independent",
        "adam_l2": "independent",
    }
    own |= {"momentum": "independent", "nesterov": "independent", "sgd": "shuffled"}
    laws_of_noise = {"sgd": "shuffling", "nesterov": "momentum"}
    for rule, kind in own.items():
        assert (rule, kind) in found[laws_of_noise.get(rule, rule)]
    assert found["scale_invariant"] == {("sgd", "scale_invariant"), ("momentum", "scale_invariant")}
    assert {kind for _, kind in found["epoch_decay"]} == {"none"}


@pytest.mark.parametrize(
    ("rule", "kind", "law", "message"),
    [
        (
            "sgd",
            "independent",
            ("adamw", "weight_rms"),
            "optimiser='sgd': adamw.weight_rms is for adamw: for this run there",
        ),
        ("adamw", "shuffled", ("adamw", "weight_rms"), "gradients='shuffled': adamw.weight_rms is for independent: "),
        (
            "sgd",
            "independent",
            ("scale_invariant", "angle"),
            "scale_invariant='no': scale_invariant.angle is for yes: ",
        ),
        (
            "adamw",
            "independent",
            ("epoch_decay", "weight_rms"),
            "gradients='independent': epoch_decay.weight_rms is for none: ",
        ),
        (
            "sgd",
            "independent",
            ("ridge", "stationary_variance"),
            "activation='none': ridge.stationary_variance is for linear",
        ),
    ],
)
def test_a_wrong_pairing_is_refused_in_one_line(rule, kind, law, message: str, runs, laws) -> None:
    with pytest.raises(ValueError) as caught:
        demand_scope(law[0], laws[".".join(law)], runs[kind].assign_coords(optimiser=rule))
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)


def test_what_numbers_make_of_gradients() -> None:
    settings = {"steps": 2, "shape": 3, "seeds": 2, "probes": wd.Probes(budget=False, moved=False, splits=())}
    signal = wd.lab("sgd", "signal_plus_noise", mean_gradient=0.5, lmbda=1.0, **settings)
    mean = wd.theory.evaluate("stationary_variance", "stationary_mean", signal)
    assert float(mean) == -0.5
    silent = wd.lab("sgd", "independent", gradient_std=0.0, lmbda=1.0, **settings)
    kept = wd.theory.evaluate("epoch_decay", "weight_rms", silent)
    assert wd.compare(silent.weight_rms, kept, within=1e-5).verdict == "holds"


def test_a_part_is_selected_first(runs) -> None:
    both = wd.concat([runs["independent"], runs["scale_invariant"]])
    with pytest.raises(ValueError, match=r"select that part of the result first: runs.sel\(gradients='independent'\)"):
        wd.theory.evaluate("stationary_variance", "noise_floor_leading", both)
    floor = wd.theory.evaluate("stationary_variance", "noise_floor_leading", both.sel(gradients="independent"))
    assert float(floor) == pytest.approx((0.1 / 2) ** 0.5)
