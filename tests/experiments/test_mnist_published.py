"""Nielsen's network on MNIST beside the accuracies he published, and the plateau of both starts.

Needs the folder that WD_JAX_DATA names; takes minutes: a process of its own.
"""

import subprocess
import sys
from pathlib import Path

import pytest

import wd_jax as wd
from experiments.exercise.initialisation import analysis as claim_4_initialisation
from experiments.exercise.initialisation import published
from experiments.exercise.tail_off import late_weights
from wd_jax.stats.comparison import compare

pytestmark = [pytest.mark.mnist, pytest.mark.statistical]

PROGRAM = """
import sys
import wd_jax as wd
folder, out, init, seeds, epochs, full = sys.argv[1:]
probes = wd.Probes(splits=("train",), moved=False, full_gradient=True, evaluate_every=10)
if full == "no":
    probes = wd.Probes(splits=("validation",), moved=False)
wd.sweep(
    wd.Setup(widths=(784, 30, 10), batch_size=10), wd.data.mnist(folder), init=init.split(), lmbda=5.0, eta=0.1,
    seeds=int(seeds), epochs=int(epochs), probes=probes, out=out, progress=False,
)
"""


def train(folder: Path, out: Path, *arguments: str):
    subprocess.run([sys.executable, "-c", PROGRAM, str(folder), str(out), *arguments], check=True, timeout=3000)
    return wd.open(out)


def test_the_published_accuracies_are_met(mnist_folder: Path, tmp_path: Path) -> None:
    """Mean deviation within 0.3 and RMS within 0.4 points, 90 % of the points inside, for both starts."""
    runs = train(mnist_folder, tmp_path / "starts", "gaussian fan_in", "8", "30", "no")
    assert runs.seed.values.tolist() == list(range(8)) and int((runs.diverged_at >= 0).sum()) == 0
    verdicts, table = published.published_verdicts(runs)
    print(*table.rows, sep="\n")
    for verdict in verdicts:
        assert verdict.verdict == "holds", verdict


@pytest.mark.long
def test_the_plateau_is_balanced_and_shared_by_both_starts(mnist_folder: Path, tmp_path: Path) -> None:
    """120 epochs, six time constants: norm balance within 1 %; the two starts' sizes are reported, not judged.

    From the third time constant on: over the last 60 % of all epochs layer 2 still moves by 1.3 %: nothing is decided.
    """
    runs = train(mnist_folder, tmp_path / "plateau", "gaussian fan_in", "5", "120", "yes")
    found = late_weights.measure(runs.sel(epoch=slice(60, None)))
    law = {"lmbda": runs.lmbda, "n": runs.n, "n_w": found.n_w}
    balance = wd.theory.evaluate("tail_off", "plateau_rms", found, **law)
    for layer in ("layer 1", "layer 2"):
        verdict = compare(found.weight_rms.sel(part=layer), balance.sel(part=layer), within=0.01, kind="identity")
        assert verdict.verdict == "holds", (layer, verdict)
    for number in (1, 2):
        print(claim_4_initialisation._plateau(runs, number))
