"""Python calls that nobody should mean: each is a one-line ValueError or TypeError that names what was given.

`test_bad_arguments.py` holds the wording of the usual mistakes; here is what hangs, fills the memory or passes.
"""

import copy
import decimal
import fractions
import itertools
import math
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.engine.examples import on_device
from wd_jax.figures.kinds import KINDS

pytestmark = pytest.mark.numeric

SETUP = wd.Setup(widths=(16, 8, 4))
DATA = wd.data.null()
RUNS = xr.DataArray([[2.0, 2.01, 1.99]], dims=("lmbda", "seed"))
HUGE = 10**400
TOO_LONG = 10**5000
"""Too long for Python to write."""

PLANS = {
    "seeds": (dict(seeds=10**9), "1000000000 members (1000000000 seeds): at most 1000000"),
    "seeds in a range": (dict(seeds=range(10**9)), "1000000000 members (1000000000 seeds): at most 1000000"),
    "seeds without end": (dict(seeds=itertools.count()), "members (1000001 seeds): at most 1000000"),
    "seeds of 21 digits": (dict(seeds=10**20), "about 10^20 members"),
    "seeds of 5001 digits": (dict(seeds=TOO_LONG), "about 10^5000 members"),
    "a seed of 21 digits": (dict(seeds=[10**20]), "seeds=[100000000000000000000]: give a positive number"),
    "a seed of 401 digits": (dict(seeds=[HUGE]), "seeds=[a whole number of 401 digits]: give a positive number"),
    "seeds that are true": (dict(seeds=True), "seeds=True: give a positive number of seeds"),
    "seeds of truths": (dict(seeds=[True, False]), "seeds=[True, False]: give a positive number of seeds"),
    "seeds as text": (dict(seeds="3"), "seeds='3': give a positive number of seeds"),
    "seeds as a float": (dict(seeds=2.0), "seeds=2.0: give a positive number of seeds"),
    "no seeds": (dict(seeds=None), "seeds=None: give a positive number of seeds"),
    "a table of seeds": (dict(seeds=np.ones((2, 2), int)), "give a number, or a flat list of them"),
    "a set of seeds": (dict(seeds={1, 2}), "a set is no list"),
    "the same seed": (dict(seeds=np.array([1, 1])), "or distinct whole seeds"),
    "cells": (dict(lmbda=range(1, 10**9)), "999999999 members (999999999 cells): at most 1000000"),
    "cells of one number": (dict(lmbda=np.broadcast_to(1.0, (10**9,))), "1000000000 members (1000000000 cells)"),
    "cells without end": (dict(lmbda=itertools.count(1)), "members (1000001 cells): at most 1000000"),
    "cells and seeds": (
        dict(lmbda=np.linspace(1, 2, 1000), eta=np.linspace(1, 2, 100), seeds=11),
        "1100000 members (100000 cells x 11 seeds): at most 1000000",
    ),
    "programs": (dict(hidden=range(1, 10**9)), "999999999 members (999999999 groups)"),
    "programs to compile": (dict(hidden=range(1, 20001)), "20000 groups (20000 groups): at most 10000"),
    "epochs": (dict(epochs=10**12), "epochs=1000000000000: at most 10000000"),
    "epochs of 401 digits": (dict(epochs=HUGE), "epochs=a whole number of 401 digits: at most 10000000"),
    "epochs of 5001 digits": (dict(epochs=TOO_LONG), "epochs=a whole number of 5001 digits: at most 10000000"),
    "epochs as a float": (dict(epochs=3.0), "epochs=3.0: give a whole number"),
    "epochs that are true": (dict(epochs=True), "epochs=True: give a whole number"),
    "batch": (dict(batch_size=10**30), "batch_size=a whole number of 31 digits: at most 2147483647"),
    "a batch that is true": (dict(batch_size=[True, 10]), "batch_size=True: give a whole number"),
    "batches": (dict(batch_size=[10, 10.0]), "batch_size=[10, 10.0]: give at least one value, each only once"),
    "depth": (dict(depth=10**9), "depth=1000000000: at most 1000"),
    "hidden": (dict(hidden=10**9), "hidden=1000000000: at most 10000000"),
    "one of hidden": (dict(hidden=[8, 10**30]), "hidden=a whole number of 31 digits: at most 10000000"),
    "records": (dict(probes=wd.Probes(records_per_epoch=10**8)), "must divide the 20 steps of an epoch, for example"),
    "memory": (
        dict(hidden=10**6, seeds=10**4, probes=wd.Probes(keep_weights=True)),
        "a sweep of 10000 members: needs about 1.4",
    ),
    "eta of 401 digits": (dict(eta=HUGE), "eta=a whole number of 401 digits: give a number below 1.8e308"),
    "too large for float32": (dict(lmbda=[1.0, 1e39]), "lmbda=1e+39: float32 holds numbers"),
    "too small for float32": (dict(eta=1e-50), "eta=1e-50: float32 holds numbers"),
    "one number in float32": (dict(lmbda=[1.0, 2.0, 1.0 + 1e-9]), "lmbda=1.0 and 1.000000001: one number in float32"),
    "one float": (dict(lmbda=[0.1, 0.1 + 1e-18]), "lmbda=[0.1, 0.1]: give at least one value, each only once"),
    "one number": (dict(lmbda=[1, 1.0]), "each only once"),
    "truths": (dict(lmbda=[True, False]), "lmbda=True: give a number"),
    "an array of truths": (dict(lmbda=np.array([True, False])), "lmbda=True: give a number"),
    "a truth": (dict(eta=True), "eta=True: give a number"),
    "NumPy's truth": (dict(eta=np.True_), "eta=True: give a number"),
    "text": (dict(eta="0.1"), "eta='0.1': give a number, without quotes"),
    "texts": (dict(lmbda=["1", "2"]), "lmbda='1': give a number, without quotes"),
    "an array of texts": (dict(lmbda=np.array(["1", "2"])), "lmbda='1': give a number, without quotes"),
    "bytes": (dict(eta=b"5"), "eta=b'5': give a number"),
    "complex": (dict(eta=1j), "eta=1j: give a number"),
    "NumPy's complex": (dict(eta=np.complex64(1 + 2j)), "eta=(1+2j): give a number"),
    "complex numbers": (dict(lmbda=np.array([1 + 0j, 2])), "lmbda=(1+0j): give a number"),
    "nothing in a list": (dict(lmbda=[1, None]), "lmbda=None: give a number"),
    "nested": (dict(lmbda=[[1], [2]]), "lmbda=[[1], [2]]: give a number, or a flat list of them"),
    "nested once": (dict(lmbda=[1, [2]]), "lmbda=[1, [2]]: give a number, or a flat list of them"),
    "nan": (dict(lmbda=[1, math.nan]), "lmbda=nan: give a non-negative finite number"),
    "infinite": (dict(lmbda=np.array([1, np.inf])), "lmbda=inf: give a non-negative finite number"),
    "decimal nan": (dict(lmbda=decimal.Decimal("nan")), "lmbda=nan: give a non-negative finite number"),
    "missing in pandas": (dict(lmbda=pd.Series([1, None], dtype="Int64")), "lmbda=nan: give a non-negative"),
    "a dict": (dict(lmbda={1: 2}), "lmbda={1: 2}: give a number, or a flat list of them; a dict is no list"),
    "a frozen set": (dict(lmbda=frozenset([1])), "a frozenset is no list"),
    "a table": (dict(lmbda=np.ones((2, 2))), "give a number, or a flat list of them"),
    "pandas' table": (dict(lmbda=pd.DataFrame({"a": [1, 2]})), "give a number, or a flat list of them"),
    "masked": (dict(lmbda=np.ma.masked_array([1.0, 2.0], [False, True])), "some of its values are masked"),
    "dates": (dict(lmbda=np.array(["2020-01-01"], "M8[D]")), "holds dates or durations; give numbers"),
    "a duration": (dict(eta=np.timedelta64(5, "s")), "eta=datetime.timedelta(seconds=5): give a number"),
    "no values": (dict(lmbda=np.array([])), "lmbda=[]: give at least one value"),
    "a result": (dict(lmbda=xr.Dataset({"a": 1})), "lmbda='a': give a number"),
    "init of nothing": (dict(init=None), "init=None: choose one of gaussian, fan_in"),
    "init of a number": (dict(init=["gaussian", 5]), "init=5: choose one of gaussian, fan_in"),
    "a type": (dict(dtype=np.float32), "dtype=numpy.float32: choose one of float32, float64, bfloat16; give 'float32'"),
    "method": (dict(method="x"), "method='x': choose one of auto, blocked, generic"),
    "method in a list": (dict(method=["auto"]), "method=['auto']: choose one of auto"),
}  # fmt: skip

SWEEPS = {
    "a word for progress": (dict(progress="no"), "progress='no': give True or False, or a label"),
    "an empty label": (dict(progress=""), "progress='': give True or False, or a label"),
    "a number for progress": (dict(progress=5), "progress=5: give True or False"),
    "nothing for progress": (dict(progress=None), "progress=None: give True or False"),
    "a word for overwrite": (dict(overwrite="yes"), "overwrite='yes': give True or False"),
    "a number for overwrite": (dict(overwrite=1), "overwrite=1: give True or False"),
    "a number for out": (dict(out=5), "5 is no path: give the name of a file"),
    "a truth for out": (dict(out=True), "True is no path: give the name of a file"),
    "an empty out": (dict(out=""), "'' is no path: give the name of a file"),
    "blanks for out": (dict(out="  "), "'  ' is no path: give the name of a file"),
    "bytes for out": (dict(out=b"x"), "b'x' is no path: give the name of a file"),
    "a zero byte": (dict(out="a\0b"), "is no path: give the name of a file"),
}

PARTS = {
    "width": (lambda: wd.Setup(width=(64, 10)), "Setup has no field 'width': give widths (all layers, inputs first"),
    "an unlike name": (lambda: wd.Setup((6, 3), zzz=1), "Setup has no field 'zzz': choose among widths, init"),
    "a field of probes": (lambda: wd.Probes(keep_weight=True), "Probes has no field 'keep_weight': did you mean"),
    "a field of hyper": (lambda: wd.Hyper(lmda=1.0), "Hyper has no field 'lmda': did you mean 'lmbda'?"),
    "a true width": (lambda: wd.Setup((64, True, 10)), "widths=(64, True, 10): give at least two whole"),
    "widths as a number": (lambda: wd.Setup(64), "widths=64: give at least two whole"),
    "widths as text": (lambda: wd.Setup("64,30,10"), "widths='64,30,10': give at least two whole"),
    "a set of widths": (lambda: wd.Setup({64, 30, 10}), "give at least two whole positive layer widths"),
    "widths without end": (lambda: wd.Setup(itertools.count(1)), "layers of weights in widths=1001: at most 1000"),
    "widths in a range": (lambda: wd.Setup(range(1, 10**9)), "layers of weights in widths=999999998: at most 1000"),
    "a width of 31 digits": (lambda: wd.Setup((64, 10**30, 10)), "widths=a whole number of 31 digits: at most"),
    "a table of widths": (lambda: wd.Setup(np.ones((2, 2), int)), "give at least two whole positive layer widths"),
    "init": (lambda: wd.Setup((6, 3), init=None), "init=None: choose one of gaussian, fan_in"),
    "init in an array": (lambda: wd.Setup((6, 3), init=np.array(["gaussian"])), "choose one of gaussian, fan_in"),
    "batch of 401 digits": (lambda: wd.Setup((6, 3), batch_size=HUGE), "batch_size=a whole number of 401 digits: at"),
    "batch as text": (lambda: wd.Setup((6, 3), batch_size="10"), "batch_size='10': give a whole number"),
    "more layers than one can compile": (lambda: SETUP.with_hidden(depth=10**9), "depth=1000000000: at most 1000"),
    "a word for a switch": (lambda: wd.Probes(budget="no"), "budget='no': give True or False"),
    "a number for a switch": (lambda: wd.Probes(keep_weights=1), "keep_weights=1: give True or False"),
    "nothing for a switch": (lambda: wd.Probes(moved=None), "moved=None: give True or False"),
    "splits as a number": (lambda: wd.Probes(splits=5), "splits=5: choose among train, validation, test"),
    "splits of numbers": (lambda: wd.Probes(splits=(1, 2)), "splits=(1, 2): choose among train"),
    "a set of splits": (lambda: wd.Probes(splits={"train"}), "splits={'train'}: choose among train"),
    "splits in a list": (lambda: wd.Probes(splits=[["train"]]), "splits=[['train']]: choose among train"),
    "splits without end": (lambda: wd.Probes(splits=itertools.repeat("train")), "each only once"),
    "records of 401 digits": (lambda: wd.Probes(records_per_epoch=HUGE), "records_per_epoch=a whole number of 401"),
    "a true eta": (lambda: wd.Hyper(eta=True), "eta=True: give a number"),
    "no eta": (lambda: wd.Hyper(eta=None), "eta=None: give a number"),
    "eta of 401 digits": (lambda: wd.Hyper(eta=HUGE), "eta=a whole number of 401 digits"),
    "complex lmbda": (lambda: wd.Hyper(lmbda=1j), "lmbda=1j: give a number"),
    "etas": (lambda: wd.Hyper(eta=[0.1]), "eta=[0.1]: give a number"),
    "data": (lambda: wd.data.teacher(0, n=10**9), "of memory (examples "),
    "wide data": (lambda: wd.data.null(n=10**6, n_in=10**7), "null(n=1000000, n_validation=20, n_test=20, n_in=10"),
    "data of 401 digits": (lambda: wd.data.teacher(0, n=HUGE), "n=a whole number of 401 digits: at most"),
    "a key of text": (lambda: wd.data.teacher("0"), "key='0': give a whole number"),
    "a true key": (lambda: wd.data.teacher(True), "key=True: give a whole number"),
    "a number for a data set": (lambda: wd.data.null(5), "like=5: give a Dataset"),
    "dead inputs": (lambda: wd.data.null(dead=-3), "dead=-3: give a whole number of inputs, from 0 to n_in=16"),
    "kind": (lambda: wd.compare(RUNS, 2.0, 0.1, kind="x"), "kind='x': choose one of prediction, rival, identity"),
    "no kind": (lambda: wd.compare(RUNS, 2.0, 0.1, kind=None), "kind=None: choose one of prediction, rival, identity"),
    "within": (lambda: wd.compare(RUNS, 2.0, "a"), "within='a': give a number"),
    "a true within": (lambda: wd.compare(RUNS, 2.0, True), "within=True: give a number"),
    "factor": (lambda: wd.compare(RUNS, 2.0, 2.0, factor="no"), "factor='no': give True or False"),
    "claim": (lambda: wd.compare(RUNS, 2.0, 0.1, claim=None), "claim=None: give a number, or the name of a law"),
    "statement": (lambda: wd.compare(RUNS, 2.0, 0.1, statement=5), "statement=5: give a text"),
    "scope": (lambda: wd.compare(RUNS, 2.0, 0.1, scope=5), "scope=5: give a text"),
    "theory of text": (lambda: wd.compare(RUNS, "2", 0.1), "the theory is '2': give a number"),
    "no theory": (lambda: wd.compare(RUNS, None, 0.1), "the theory is None: give a number"),
    "complex theory": (lambda: wd.compare(RUNS, 1j, 0.1), "the theory is 1j: give a number"),
    "a true theory": (lambda: wd.compare(RUNS, True, 0.1), "the theory is True: give a number"),
    "measured text": (lambda: wd.compare(RUNS.astype(str), 2.0, 0.1), "give a variable of real numbers"),
    "measured complex": (lambda: wd.compare(RUNS * 1j, 2.0, 0.1), "measured holds values of type complex128"),
    "a number to open": (lambda: wd.open(5), "5 is no path"),
    "nothing to open": (lambda: wd.open(None), "None is no path"),
    "a result to open": (lambda: wd.open(RUNS), "is no path"),
    "a path to summarise": (lambda: wd.summarise("runs/x.nc"), "str without weight_rms: give the whole result"),
    "a number to summarise": (lambda: wd.summarise(5), "int without weight_rms: give the whole result"),
    "text in a convention": (lambda: wd.conventions.per_step_decay("0.1", 5.0, 10), "eta='0.1': give a number or an"),
    "text that multiplies": (lambda: wd.conventions.lmbda_from_weight_decay("a", 3), "weight_decay='a': give a number"),
    "a list in a convention": (lambda: wd.conventions.from_nielsen([1.0], 10), "lmbda=[1.0]: give a number or an"),
    "nothing in a convention": (lambda: wd.conventions.steps_per_epoch(None, 10), "n=None: give a number or an array"),
    "a truth in a convention": (lambda: wd.conventions.per_step_factor(True, 1.0, 10), "eta=True: give a number"),
    "no examples": (lambda: wd.conventions.from_nielsen(5.0, 0), "n=0: give a number above 0"),
    "no batch": (lambda: wd.conventions.steps_per_epoch(10, 0), "m=0: give a number above 0"),
    "negative examples": (lambda: wd.conventions.effective_batch_size(-5, 1), "n=-5: give a number above 0"),
    "no rate": (lambda: wd.conventions.lmbda_from_absolute_decay(0.1, 0.0, 10), "eta=0: an absolute decay"),
}  # fmt: skip


def refused(call) -> str:
    """The one line of a refusal."""
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message and len(message) < 500
    return message


@pytest.mark.parametrize(("arguments", "named"), PLANS.values(), ids=list(PLANS))
def test_a_plan_refuses(arguments: dict, named: str) -> None:
    assert named in refused(lambda: wd.dry_run(SETUP, DATA, **({"epochs": 3} | arguments)))


@pytest.mark.parametrize("name", ["seeds", "cells of one number", "records", "memory", "too large for float32"])
def test_a_sweep_refuses_in_the_same_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wd_jax.sweeps.threads.run", lambda *_, **__: pytest.fail("computed first"))
    arguments, named = PLANS[name]
    assert named in refused(lambda: wd.sweep(SETUP, DATA, progress=False, **({"epochs": 3} | arguments)))


@pytest.mark.parametrize(("arguments", "named"), SWEEPS.values(), ids=list(SWEEPS))
def test_a_sweep_refuses(arguments: dict, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wd_jax.sweeps.threads.run", lambda *_, **__: pytest.fail("computed first"))
    assert named in refused(lambda: wd.sweep(SETUP, DATA, epochs=1, **arguments))


@pytest.mark.parametrize(("call", "named"), PARTS.values(), ids=list(PARTS))
def test_a_call_refuses(call, named: str) -> None:
    assert named in refused(call)


@pytest.mark.parametrize(
    "given", [None, 5, "runs/x.nc", RUNS, xr.Dataset(), [1]], ids=lambda given: type(given).__name__
)
@pytest.mark.parametrize("name", KINDS)
def test_a_figure_refuses_what_it_is_not_of(name: str, given: object) -> None:
    assert " give " in refused(lambda: KINDS[name].draw(given))


TRAINED = {
    "setup": (dict(setup="S"), "setup: got 'S'; give a Setup"),
    "hyper": (dict(hyper=5), "hyper: got 5; give a Hyper"),
    "probes": (dict(probes="no"), "probes: got 'no'; give a Probes"),
    "data": (dict(data=5), "data: got 5; give a Dataset"),
    "epochs": (dict(epochs=10**12), "epochs=1000000000000: at most 10000000"),
    "half an epoch": (dict(epochs=1.5), "epochs=1.5: give a whole number of at least 1"),
}


@pytest.mark.parametrize(("arguments", "named"), TRAINED.values(), ids=list(TRAINED))
def test_training_one_member_refuses(arguments: dict, named: str) -> None:
    good = dict(setup=SETUP, hyper=wd.Hyper(), data=on_device(DATA, "float32"), key=jax.random.key(0), epochs=1)
    assert named in refused(lambda: wd.train(**(good | arguments)))


def test_there_are_enough_of_them() -> None:
    assert len(PLANS) + len(SWEEPS) + len(PARTS) + len(TRAINED) >= 60


TAKEN = {
    "list": [1.0, 2.0],
    "tuple": (1.0, 2.0),
    "generator": (value for value in (1.0, 2.0)),
    "range": range(1, 3),
    "NumPy": np.array([1.0, 2.0]),
    "NumPy's numbers": [np.float32(1.0), np.int64(2)],
    "JAX": jnp.array([1.0, 2.0]),
    "JAX's numbers": [jnp.float32(1.0), jnp.float32(2.0)],
    "pandas, with labels of its own": pd.Series([1.0, 2.0], index=[0.5, 7.0]),
    "an index of pandas": pd.Index([1, 2]),
    "xarray": xr.DataArray([1.0, 2.0], dims="x"),
    "fractions": [fractions.Fraction(1), fractions.Fraction(2)],
    "decimals": [decimal.Decimal("1.0"), decimal.Decimal("2.0")],
}


@pytest.mark.parametrize("values", TAKEN.values(), ids=list(TAKEN))
def test_an_axis_is_taken_from_whatever_holds_numbers_in_order(values: object) -> None:
    plan = wd.dry_run(SETUP, DATA, lmbda=values, epochs=1)
    assert [cell.lmbda for cell in plan.grid.cells] == [1.0, 2.0]
    assert all(type(cell.lmbda) is float for cell in plan.grid.cells)


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float32(2), np.array(2.0), jnp.float32(2.0), fractions.Fraction(2)], ids=repr
)
def test_a_number_of_any_make_is_a_scalar(value: object) -> None:
    plan = wd.dry_run(SETUP, DATA, lmbda=value, epochs=1)
    assert plan.axes == () and plan.grid.cells[0].lmbda == 2.0


def test_whole_numbers_keep_their_labels() -> None:
    """As before: a sweep over 1 and 5 is labelled 1 and 5, one over 0.5 and 5 is labelled 0.5 and 5.0."""
    labels = [wd.dry_run(SETUP, DATA, lmbda=given, epochs=1).axes[0].values for given in ([1, 5], [0.5, 5])]
    assert [list(map(type, values)) for values in labels] == [[int, int], [float, float]]


def test_a_description_can_be_copied_and_stored() -> None:
    for part in (SETUP, wd.Probes(keep_weights=True), wd.Hyper(eta=0.3)):
        assert copy.deepcopy(part) == part == pickle.loads(pickle.dumps(part))
