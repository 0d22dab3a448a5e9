"""What cannot be meant is answered in one line, with the remedy."""

import re

import optax
import pytest

import wd_jax as wd

pytestmark = pytest.mark.numeric
OWN = wd.probes.Variable("own", (), "own", "own")


def no_step(h):
    raise KeyError("rho")


REFUSED = {
    "other gradients": (
        {"gradients": "iid"},
        "gradients='iid': choose one of independent, shuffled, scale_invariant, signal_plus_noise, none",
    ),
    "the name of a sweep": ({"optimiser": "lion"}, "lab has no axis 'optimiser': give rule='lion', the first argument"),
    "a schedule": ({"eta_schedule": "cosine"}, "lab has no axis 'eta_schedule': rates are constant in the laboratory"),
    "muon on a row": ({"rule": "muon", "shape": 100}, "shape=100: muon makes a matrix orthogonal: give two sizes"),
    "muon on a thin matrix": ({"rule": "muon", "shape": (1, 9)}, "shape=(1, 9): muon makes a matrix orthogonal"),
    "three sizes": ({"shape": (2, 2, 2)}, "shape=(2, 2, 2): give a number of weights, or the rows and columns"),
    "beta too large": ({"rule": "lion", "beta1": 1.0}, "beta1=1.0: give a non-negative finite number below 1"),
    "no room after burn-in": (
        {"burn_in": 8}, "burn_in=8: leaves none of steps=8 to measure: give more steps, or a shorter one"
    ),
    "records": ({"records": 3}, "records=3: must divide the 8 steps after burn_in, for example 2"),
    "of another rule": ({"beta1": 0.9}, "beta1=0.9: the rule 'sgd' does not read it: choose rule adamw or lion or"),
    "of other gradients": (
        {"mean_gradient": 0.1},
        "mean_gradient=0.1: gradients='independent' reads gradient_std: choose gradients signal_plus_noise",
    ),
    "of another library": ({"weight_decay": 0.1, "n": 10}, "lab has no axis 'weight_decay': give lmbda=1"),
    "a typing mistake": ({"etta": 0.1}, "lab has no axis 'etta': did you mean 'eta'?"),
    "rule": ({"rule": "sgdd"}, "rule='sgdd': choose one of sgd, sgdw, adamw,"),
    "several rules": ({"rule": ["sgd", "adamw"]}, "rule=['sgd', 'adamw']: one rule a call; join them with wd.concat("),
    "batches": ({"n": 10, "batch_size": 3}, "batch_size=3: must divide n=10"),
    "nothing to shuffle": ({"gradients": "shuffled"}, "n=1: shuffled gradients need examples to shuffle: give n=200"),
    "no weights to be across": (
        {"gradients": "scale_invariant", "init_scale": 0.0}, "init_scale=0: gradients across the weights need weights"
    ),
    "no direction": ({"gradients": "scale_invariant", "shape": 1}, "shape=1: one weight has no direction across it"),
    "no data": ({"probes": wd.Probes(full_gradient=True)}, "probes: full_gradient=True: there is no full batch here"),
    "a probe of data": (
        {"probes": wd.Probes(extra=wd.probes.Probe("own", (OWN,), measure=lambda what: {}))},
        "extra: probe 'own' is measured on a data set: there is none here",
    ),
    "a probe of activations": (
        {
            "probes": wd.Probes(
                extra=wd.probes.Probe(
                    "own", (OWN,), needs=("deltas",), start=lambda p, w: 0, step=lambda s, t: s, record=lambda s, r: {}
                )
            )
        },
        "extra: probe 'own' needs deltas: there is no network here",
    ),
    "a rule without what it needs": (
        {"rule": wd.rule(no_step, name="sam")}, "rule 'sam': its transformation cannot be built of eta, lmbda"
    ),
    "a rule uphill": ({"rule": wd.rule(lambda h: optax.scale(h.eta), name="up")}, "rule 'up': its first step goes up"),
    "seeds": ({"seeds": 0}, "seeds=0: give a positive number of seeds"),
    "steps": ({"steps": 2.5}, "steps=2.5: give a whole number of at least 1"),
    "twice": ({"eta": [0.1, 0.1]}, "eta=[0.1, 0.1]: give at least one value, each only once"),
    "equal in float32": ({"lmbda": [1.0, 1.0 + 1e-9]}, "one number in float32"),
    "dtype": ({"dtype": "float16"}, "dtype='float16': choose one of float32, float64"),
    "a decay that is lost": ({"eta": 1e-5, "lmbda": 1e-5}, "float32 rounds to nothing"),
    "too large": ({"shape": (10**6, 10**6)}, "shape=(1000000, 1000000): needs about"),
    "negative noise": ({"gradient_std": -1.0}, "gradient_std=-1.0: give a non-negative finite number"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=list(REFUSED))
def test_one_line_says_what_to_give(given: dict, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        wd.lab(**{"steps": 8, "shape": 4, "seeds": 2} | given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", [{"probes": 3}, {"devices": "cpu"}, {"overwrite": "no"}])
def test_what_is_of_another_kind(given: dict) -> None:
    with pytest.raises(TypeError, match=next(iter(given))):
        wd.lab(steps=2, shape=2, **given)
