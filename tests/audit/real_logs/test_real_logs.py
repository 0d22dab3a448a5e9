"""Logs that real libraries wrote: each planted mistake is found where it is, and none is invented in the others.

``python -m benchmarks.logs`` trained and wrote them; manifest.json says what is true of each. A test calls
`diagnose` as a user would: with what the user believes, which in a planted log is not what ran.
"""

import functools
import json
from pathlib import Path

import pytest

import wd_jax as wd
from wd_jax.audit.logs.reading import read

DATA = Path(__file__).parent / "data"
MANIFEST = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
PARTLY = "partly lost"
CLEAN = [entry for entry in MANIFEST if not entry["planted"]]
PLANTED = [entry for entry in MANIFEST if entry["planted"] not in ("", PARTLY)]
IN_PART = [entry for entry in MANIFEST if entry["planted"] == PARTLY]


def _name(entry):
    return entry["file"].removesuffix("/metrics.csv").removesuffix("/trainer_state.json").split(".")[0]


@functools.cache
def _log(file, steps_per_epoch):
    return read(DATA / file, steps_per_epoch=steps_per_epoch)


def _cases(entries):
    """One case a log."""
    return [pytest.param(entry, id=_name(entry)) for entry in entries]


def _diagnosed(entry, normalised=True):
    if entry["file"].split("/")[1] == "torch":
        pytest.importorskip("torch")
    log = _log(entry["file"], entry.get("steps_per_epoch"))
    said = {"lr": entry["lr"], "weight_decay": entry["weight_decay"], "dtype": entry["dtype"]}
    if normalised and log.layers:
        said["scale_invariant"] = entry["normalised"]
    return wd.diagnose(log, entry["optimiser"], **said)


def _kinds(found):
    return {(finding.kind, finding.layers) for finding in found.findings}


@pytest.mark.parametrize("entry", CLEAN, ids=_name)
@pytest.mark.parametrize("normalised", [True, False], ids=["told", "not told"])
def test_none_is_invented_in_a_clean_log(entry, normalised):
    found = _diagnosed(entry, normalised)
    assert not found.findings, [finding.sentence for finding in found.findings]


@pytest.mark.parametrize("entry", _cases(PLANTED))
def test_a_planted_mistake_is_found_where_it_is(entry):
    """In all layers whose scale the network ignores; of others a log need not be able to say it."""
    found = _diagnosed(entry)
    kinds = {finding.kind for finding in found.findings}
    assert kinds, (found.headline, found.unanswered)
    assert kinds <= {entry["planted"], *entry["also"]}, _kinds(found)
    layers = {name for finding in found.findings for name in finding.layers}
    if entry["planted"] == "decay stopped by the schedule":
        return  # it is said of the whole network
    assert layers <= set(entry["in_layers"]), layers - set(entry["in_layers"])
    certain = set(entry["in_layers"]) & set(entry["normalised"])
    assert certain <= layers, certain - layers


@pytest.mark.parametrize("entry", PLANTED, ids=_name)
def test_nothing_else_is_said_where_nobody_tells_which_layers_are_normalised(entry):
    found = _diagnosed(entry, normalised=False)
    for finding in found.findings:
        assert finding.kind in (entry["planted"], *entry["also"]), finding.sentence
        assert set(finding.layers) <= set(entry["in_layers"]), finding.sentence


@pytest.mark.parametrize("entry", _cases(IN_PART))
@pytest.mark.parametrize("normalised", [True, False], ids=["told", "not told"])
def test_what_is_lost_in_part_is_not_called_lost(entry, normalised):
    """Beside a step without decay from the same state, the fused one kept 0.5 to 0.97 of it in every layer."""
    found = _diagnosed(entry, normalised)
    assert not found.findings, [finding.sentence for finding in found.findings]


def test_without_norms_it_is_said_what_is_missing():
    (entry,) = [one for one in CLEAN if not one["layers"]]
    found = _diagnosed(entry)
    assert not found.layers
    assert any("weight_norm" in sentence for sentence in found.unanswered)


def test_there_are_twenty_clean_logs_and_each_mistake_by_two_programs():
    assert len([entry for entry in CLEAN if entry["layers"]]) >= 20
    programs = {}
    for entry in PLANTED:
        programs.setdefault(entry["planted"], set()).add(entry["file"].split("/")[1])
    assert len(programs) == 5
    assert all(len(found) >= 2 for found in programs.values()), programs


def test_the_manifest_names_each_file():
    named = {entry["file"] for entry in MANIFEST}
    for path in DATA.rglob("*"):
        relative = path.relative_to(DATA)
        if path.is_file() and path.name != "manifest.json":
            assert relative.as_posix() in named or relative.parent.as_posix() in named, relative


@pytest.mark.parametrize("entry", [entry for entry in MANIFEST if entry["layers"]], ids=_name)
def test_the_reader_finds_every_layer(entry):
    if entry["file"].split("/")[1] == "torch":
        pytest.importorskip("torch")
    log = _log(entry["file"], entry.get("steps_per_epoch"))
    assert set(entry["layers"]) <= set(log.layers)
    assert len(log.time) >= 20 and (log.time[1:] > log.time[:-1]).all()
