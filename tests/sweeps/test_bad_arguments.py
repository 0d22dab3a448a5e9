"""What cannot be meant is refused before anything runs, in one line that names the thing, its value and the remedy."""

import pytest

import wd_jax as wd

pytestmark = pytest.mark.numeric

SWEEPS = {
    "near name": ({"lmdba": 1.0}, "sweep has no axis 'lmdba': did you mean 'lmbda'?"),
    "far name": ({"temperature": 1.0}, "sweep has no axis 'temperature': choose among eta, lmbda"),
    "seed": ({"seed": [1, 2]}, "sweep has no axis 'seed': give seeds="),
    "widths": ({"widths": (6, 3)}, "sweep has no axis 'widths': sweep hidden or depth"),
    "rules": (
        {"rule": ["sgd"]},
        "wd.Setup(rule=...); several go by name, optimiser=['sgd', 'adamw']",
    ),
    "rules by value": (
        {"optimiser": [wd.rules.sgd(), wd.rules.lion()]},
        "optimiser: several rules are given by name, optimiser=['sgd', 'lion']; call sweep once for a rule of your own",
    ),
    "own number": ({"mu": 0.5}, "give momentum=0.5; or, for a rule of your own, give it: Setup(rule=...)"),
    "unknown number": ({"rho": 0.5}, "devices; or, for a rule of your own, give it: Setup(rule=...)"),
    "twice": ({"lmbda": [1, 1.0]}, "lmbda=[1.0, 1.0]: give at least one value, each only once"),
    "none": ({"lmbda": []}, "lmbda=[]: give at least one value"),
    "text": ({"lmbda": "five"}, "lmbda='five': give a number"),
    "nothing": ({"eta": None}, "eta=None: give a number"),
    "negative eta": ({"eta": -0.1}, "eta=-0.1: give a positive finite number"),
    "no eta": ({"eta": [0.1, 0.0]}, "eta=0.0: give a positive finite number"),
    "negative lmbda": ({"lmbda": [1.0, -5.0]}, "lmbda=-5.0: give a non-negative finite number"),
    "infinite": ({"lmbda": float("inf")}, "lmbda=inf: give a non-negative finite number"),
    "nan": ({"lmbda": float("nan")}, "lmbda=nan: give a non-negative finite number"),
    "beta": ({"optimiser": "adamw", "beta1": 1.0}, "beta1=1.0: give a non-negative finite number below 1"),
    "unused": (
        {"momentum": [0.1, 0.5]},
        "momentum=[0.1, 0.5]: no optimiser of this sweep uses it; choose",
    ),
    "choice": ({"init": ["gaussian", "xavier"]}, "init='xavier': choose one of gaussian, fan_in"),
    "batch": ({"batch_size": 24}, "batch_size=24: the dataset 'tiny' has 23 examples; give at most that"),
    "batch 0": ({"batch_size": 0}, "batch_size=0: give a whole number of at least 1"),
    "half a batch": ({"batch_size": 2.5}, "batch_size=2.5: give a whole number"),
    "half a unit": ({"hidden": [3, 4.5]}, "hidden=4.5: give a whole number of at least 1"),
    "ragged": ({"lmbda": [0.5, [1, 2]]}, "lmbda=[0.5, [1, 2]]: give a number, or a flat list of them"),
    "table": ({"lmbda": [[1, 2], [3, 4]]}, "lmbda=[[1, 2], [3, 4]]: give a number, or a flat list"),
    "a set": ({"lmbda": {1, 2}}, "lmbda={1, 2}: give a number, or a flat list"),
    "depth": ({"depth": -1}, "depth=-1: give a whole number of at least 0"),
    "epochs": ({"epochs": 0}, "epochs=0: give a whole number of at least 1"),
    "half epochs": ({"epochs": 1.5}, "epochs=1.5: give a whole number of at least 1"),
    "no seeds": ({"seeds": 0}, "seeds=0: give a positive number of seeds"),
    "seeds twice": ({"seeds": [1, 1]}, "seeds=[1, 1]: give a positive number of seeds, or distinct"),
    "half a seed": ({"seeds": [0.5]}, "seeds=[0.5]: give a positive number of seeds, or distinct whole seeds"),
    "seed too large to store": ({"seeds": [2**31]}, "seeds=[2147483648]: give a positive number of seeds"),
    "records": (
        {"probes": wd.Probes(records_per_epoch=3)},
        "records_per_epoch=3: must divide the 5 steps of an epoch, for example 1",
    ),
    "ragged weights": (
        {"probes": wd.Probes(keep_weights=True), "hidden": [2, 3]},
        "keep_weights=True: weights of different widths fit no one array; sweep without hidden, depth",
    ),
}


@pytest.mark.parametrize("arguments, message", SWEEPS.values(), ids=list(SWEEPS))
def test_sweep_refuses(arguments: dict, message: str, setup32, tiny, monkeypatch) -> None:
    monkeypatch.setattr("wd_jax.sweeps.threads.run", lambda *_, **__: pytest.fail("computed first"))
    with pytest.raises(ValueError) as caught:
        wd.sweep(setup32, tiny, **({"epochs": 1, "progress": False} | arguments))
    assert message in str(caught.value) and "\n" not in str(caught.value)


KINDS = {
    "tuple for a setup": (lambda data: wd.sweep((6, 5, 3), data, epochs=1), "setup: got (6, 5, 3); give a Setup, such"),
    "function for data": (
        lambda data: wd.sweep(wd.Setup((6, 5, 3)), wd.data.digits, epochs=1),
        "data: digits is a function: call it; give a Dataset, such as wd.data.digits()",
    ),
    "name for data": (lambda data: wd.sweep(wd.Setup((6, 5, 3)), "digits", epochs=1), "data: got 'digits'; give a"),
    "array for data": (
        lambda data: wd.sweep(wd.Setup((6, 5, 3)), data.train.inputs, epochs=1), "data: got a value of type ndarray"
    ),
    "probes": (lambda data: wd.sweep(wd.Setup((6, 5, 3)), data, epochs=1, probes=True), "probes: got True; give a Pr"),
    "device by name": (
        lambda data: wd.sweep(wd.Setup((6, 5, 3)), data, epochs=1, devices="cpu"),
        "devices='cpu': give a list of JAX devices, such as jax.devices()[:1]",
    ),
    "no devices": (lambda data: wd.dry_run(wd.Setup((6, 5, 3)), data, epochs=1, devices=[]), "devices=[]: give a list"),
    "no key": (lambda data: wd.train(wd.Setup((6, 5, 3)), wd.Hyper(), data, None, 1), "key=None: give a seed such as"),
    "a number of another rule": (
        lambda data: wd.train(wd.Setup((6, 5, 3)), wd.Hyper(momentum=0.5), data, 0, 1),
        "momentum=0.5: the rule 'sgd' reads eta, lmbda, init_scale",
    ),
}  # fmt: skip


@pytest.mark.parametrize("use, message", KINDS.values(), ids=list(KINDS))
def test_what_is_of_another_kind_is_refused(use, message: str, tiny, monkeypatch) -> None:
    monkeypatch.setattr("wd_jax.sweeps.threads.run", lambda *_, **__: pytest.fail("computed first"))
    with pytest.raises(TypeError) as caught:
        use(tiny)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "widths, message",
    [
        ((7, 5, 3), "has 6 inputs, not 7; set widths[0]=6"),
        ((6, 5, 4), "has 3 outputs, not 4; set widths[-1]=3"),
    ],
)
def test_widths_must_match_the_data(widths: tuple, message: str, tiny) -> None:
    with pytest.raises(ValueError) as caught:
        wd.sweep(wd.Setup(widths=widths), tiny, epochs=1, progress=False)
    assert message in str(caught.value) and "'tiny'" in str(caught.value)


PARTS = {
    "a number for widths": (lambda: wd.Setup(widths=64), "widths=64: give at least two whole positive layer widths"),
    "a text for widths": (lambda: wd.Setup(widths="64"), "widths='64': give at least two whole positive layer widths"),
    "text": (lambda: wd.Hyper(eta="0.1"), "eta='0.1': give a number"),
    "one width": (lambda: wd.Setup(widths=(6,)), r"widths=\(6,\): give at least two whole positive"),
    "no units": (lambda: wd.Setup(widths=(6, 0, 3)), r"widths=\(6, 0, 3\): give at least two"),
    "half a unit": (lambda: wd.Setup(widths=(6, 2.5, 3)), r"widths=\(6, 2.5, 3\): give at least two whole"),
    "loss": (lambda: wd.Setup(widths=(6, 3), loss="hinge"), "loss='hinge': choose one of cross_entropy"),
    "splits": (lambda: wd.Probes(splits=("dev",)), "choose among train, validation, test"),
    "split twice": (lambda: wd.Probes(splits=("test", "test")), "each only once"),
    "never": (lambda: wd.Probes(evaluate_every=0), "evaluate_every=0: give a whole number of at least 1"),
    "eta": (lambda: wd.Hyper(eta=-1.0), "eta=-1.0: give a positive finite number"),
}


@pytest.mark.parametrize("make, message", PARTS.values(), ids=list(PARTS))
def test_a_part_refuses(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_list_or_a_word_of_splits_will_do() -> None:
    assert wd.Probes(splits=["train", "test"]).splits == ("train", "test")
    assert hash(wd.Probes(splits="test")) == hash(wd.Probes(splits=("test",)))


@pytest.mark.parametrize("given", [{"out": "x"}, {"overwrite": True}, {"progress": False}])
def test_a_dry_run_writes_and_shows_nothing(given: dict, setup32, tiny) -> None:
    with pytest.raises(ValueError, match=r"dry_run has no argument '\w+': dry_run writes and shows nothing: leave"):
        wd.dry_run(setup32, tiny, epochs=1, **given)


@pytest.mark.parametrize("given", [{"lr": 0.5}, {"lmdba": 0.5}, {"temperature": "hot"}])
def test_what_can_be_no_number_of_a_rule_is_not_said_to_be_one(given: dict, setup32, tiny) -> None:
    with pytest.raises(ValueError) as caught:
        wd.sweep(setup32, tiny, epochs=1, **given)
    assert "rule of your own" not in str(caught.value)
