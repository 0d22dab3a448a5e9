"""The laboratory judged again: on other seeds, the same claims, and only words that differ are named."""

import json
from pathlib import Path

import pytest

import experiments
from benchmarks import fresh_seeds
from experiments import registry

pytestmark = pytest.mark.numeric


def test_a_law_is_run_on_the_seeds_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "experiments")
    monkeypatch.setitem(registry.HOMES, "toy_measurement", "toy_measurement")
    seen = []
    law = experiments.load("toy_measurement")
    measure = law.measurements["toy_measurement"]

    def noted(preset, data):
        seen.append(preset.first_seed)
        return measure(preset, data)

    monkeypatch.setitem(law.measurements, "toy_measurement", noted)
    fresh = fresh_seeds.again("toy_measurement")
    assert seen == [fresh_seeds.FIRST_SEED] and [one["verdict"] for one in fresh] == ["holds", "fails"]
    json.dumps(fresh, allow_nan=False)


def test_other_claims_are_refused() -> None:
    one = {"statement": "a", "scope": "", "verdict": "holds"}
    with pytest.raises(ValueError, match="the claims are not those of the stored result"):
        fresh_seeds.compared([one], [one | {"statement": "b"}])


def test_what_is_kept_is_of_the_laws_of_today() -> None:
    held = json.loads((fresh_seeds.RESULTS / fresh_seeds.KEPT).read_text(encoding="utf-8"))
    assert tuple(held["laws"]) == experiments.names("laboratory")
    for name, found in held["laws"].items():
        shown = json.loads((fresh_seeds.RESULTS / f"{name}.json").read_text(encoding="utf-8"))["verdicts"]
        assert found["verdicts"] == len(shown)
        claims = {one["statement"] for one in shown}
        assert all(claim in claims and old != new for claim, _, old, new in found["other"])
