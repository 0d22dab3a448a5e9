"""Small results of this version of the engine's arithmetic: a store goes by `wd_jax.engine.numerics.VERSION`.

Tasks in a store are reused as long as the version is the same, so numbers that change beyond rounding need another one.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine import numerics

pytestmark = pytest.mark.numeric
GOLDEN = Path(__file__).with_name("numerics_version.json")
RTOL = 2e-4
"""60 steps of float32, a rounding of 6e-8 each: 4e-6 if all went one way, and in so short a run a difference grows by
less than a factor of ten. Another decay, another order of updates or other draws change 1e-3 and more."""
KINDS = {
    "blocked sgd": {"method": "blocked"},
    "blocked momentum": {"method": "blocked", "optimiser": "sgdw", "momentum": 0.9},
    "generic sgd": {"method": "generic"},
    "adamw": {"optimiser": "adamw", "eta": 0.01},
    "lion": {"optimiser": "lion", "eta": 0.003},
    "muon": {"optimiser": "muon", "eta": 0.01},
}


def found(kind: str) -> dict[str, list]:
    """Give what is held of a kind: the weights' RMS at each epoch, and the cost, of two members."""
    data = wd.data.teacher(0, n=100, n_validation=20, n_test=20, n_in=20, n_hidden=4, n_out=3)
    setup = wd.Setup(widths=(20, 16, 3), batch_size=5)
    given = {"lmbda": [0.5, 2.0], "eta": 0.3, "epochs": 3, "progress": False} | KINDS[kind]
    runs = wd.sweep(setup, data, **given).squeeze("seed", drop=True)
    return {name: np.asarray(runs[name].values, float).tolist() for name in ("weight_rms", "cost")}


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_those_of_this_version(kind: str) -> None:
    held = json.loads(GOLDEN.read_text())
    assert held["version"] == numerics.VERSION, f"{GOLDEN.name} is of version {held['version']}: {REMEDY}"
    for name, numbers in found(kind).items():
        np.testing.assert_allclose(
            numbers, held["kinds"][kind][name], rtol=RTOL, err_msg=f"{kind}, {name}: the numbers changed: {REMEDY}"
        )


def test_a_small_change_of_the_arithmetic_is_seen() -> None:
    """The tolerance lies far below what another decay by one part in a hundred changes."""
    held = json.loads(GOLDEN.read_text())["kinds"]["generic sgd"]["weight_rms"]
    assert not np.allclose(np.array(held)[:, :, -1] * (1 - 1e-3), np.array(held)[:, :, -1], rtol=RTOL)


REMEDY = (
    "if that was meant, raise wd_jax.engine.numerics.VERSION by one, so that no store mixes the two, and write the new "
    "numbers with `python -m tests.engine.test_numerics_version`"
)


def main() -> None:
    """Write the numbers of this version."""
    held = {"version": numerics.VERSION, "kinds": {kind: found(kind) for kind in KINDS}}
    GOLDEN.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
