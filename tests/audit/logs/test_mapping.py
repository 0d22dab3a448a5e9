"""Names: those that are known, and those that a caller gives."""

from pathlib import Path

import pytest

from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.reading import read
from wd_jax.audit.logs.roles import role_of

pytestmark = pytest.mark.numeric

KNOWN = {
    "weight_norm/a.b": ("weight_norm", "a.b"),
    "weight_norms/a": ("weight_norm", "a"),
    "param_norm/a": ("weight_norm", "a"),
    "train/params_norm/a": ("weight_norm", "a"),
    "l2_norm/param/a.weight": ("weight_norm", "a.weight"),
    "weight/fc1.weight/norm": ("weight_norm", "fc1.weight"),
    "fc1/weight_norm": ("weight_norm", "fc1"),
    "params_norm": ("weight_norm", "all weights"),
    "train/weight_norm": ("weight_norm", "all weights"),
    "grad_norm/a": ("gradient_norm", "a"),
    "gradient_norm/a": ("gradient_norm", "a"),
    "grad_norms/a": ("gradient_norm", "a"),
    "grad_2.0_norm/fc.weight": ("gradient_norm", "fc.weight"),
    "grad_2.0_norm_total": ("gradient_norm", "all weights"),
    "l2_norm/grad/a": ("gradient_norm", "a"),
    "l2_norm/grad/global": ("gradient_norm", "all weights"),
    "layer_grad_l2_norm/a": ("gradient_norm", "a"),
    "train/grad_norm": ("gradient_norm", "all weights"),
    "lr": ("lr", ""),
    "learning_rate": ("lr", ""),
    "learning-rate": ("lr", ""),
    "train/learning_rate": ("lr", ""),
    "lr-AdamW": ("lr", ""),
    "lr-AdamW/pg1": ("lr", ""),
    "lr-SGD-1/pg2": ("lr", ""),
    "lr-DecoupledAdamW/group0": ("lr", ""),
    "lr-AdamW-weight_decay": ("weight_decay", ""),
    "lr-AdamW/pg2-weight_decay": ("weight_decay", ""),
    "wd": ("weight_decay", ""),
    "train/weight_decay": ("weight_decay", ""),
    "global_step": ("step", ""),
    "trainer/global_step": ("step", ""),
    "Step": ("step", ""),
    "epoch": ("epoch", ""),
    "train/epoch": ("epoch", ""),
    "val_loss": ("loss", ""),
    "train/loss": ("loss", ""),
    "eval_loss": ("loss", ""),
    "train_loss_epoch": ("loss", ""),
    "_runtime": ("clock", ""),
}
MEANS_NOTHING = [
    "accuracy",
    "parameters/fc.weight",
    "gradients/fc.weight",
    "grad_inf_norm/fc",
    "grad_1.0_norm/fc",
    "glossary",
]


@pytest.mark.parametrize("name", KNOWN)
def test_a_name_that_programs_write_is_known(name: str) -> None:
    role = role_of(name)
    assert role is not None
    assert (role.what, role.layer) == KNOWN[name]


@pytest.mark.parametrize("name", MEANS_NOTHING)
def test_other_names_mean_nothing(name: str) -> None:
    assert role_of(name) is None


TABLE = "t,norms/a,norms/b,rate\n0,2,3,0.1\n1,1,2,0.1\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "log.csv").write_text(TABLE)
    return tmp_path / "log.csv"


def test_columns_are_named_by_the_caller(table: Path) -> None:
    log = read(table, columns={"step": "t", "weight_norm/*": "norms/*", "lr": "rate"})
    assert {layer: norm.tolist() for layer, norm in log.norms.items()} == {"a": [2, 1], "b": [3, 2]}
    assert log.lr.tolist() == [0.1, 0.1]


def test_one_column_is_named(table: Path) -> None:
    assert read(table, columns={"step": "t", "weight_norm/first": "norms/a"}).layers == ("first",)


def test_what_the_caller_names_is_not_taken_twice(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("step,batch,lr,rate,weight_norm/a\n0,5,0.1,0.2,1\n0,6,0.1,0.2,2\n")
    log = read(tmp_path / "log.csv", columns={"step": "batch", "lr": "rate"})
    assert (log.time.tolist(), log.lr.tolist()) == ([5, 6], [0.2, 0.2])


WRONG = {
    "no such column": ({"step": "tt"}, "no column 'tt' \\(asked for as step\\): the nearest are 't'"),
    "no such pattern": ({"weight_norm/*": "norm/*"}, "no column is like 'norm/\\*' .*: the nearest are 'norms/"),
    "no such name": ({"stepp": "t"}, "'stepp' is no name here: did you mean 'step'"),
    "no layer": ({"weight_norm": "norms/a"}, "'weight_norm' is no name here"),
    "one star": ({"weight_norm/*": "norms/a"}, "give one \\* on both sides"),
}


@pytest.mark.parametrize(("columns", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_name_that_is_none_is_answered_with_the_nearest(table: Path, columns: dict, said: str) -> None:
    with pytest.raises(LogError, match=said):
        read(table, columns=columns)


def test_a_log_that_nothing_counts_asks_for_the_column(table: Path) -> None:
    with pytest.raises(LogError, match=r"no column counts its step or epoch among 't', .*--map step=NAME"):
        read(table, columns={"weight_norm/*": "norms/*"})


def test_rates_that_differ_are_named(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("step,lr-AdamW/pg1,lr-AdamW/pg2,weight_norm/a\n0,0.1,0.2,1\n1,0.1,0.2,1\n")
    log = read(tmp_path / "log.csv")
    assert log.lr.tolist() == [0.1, 0.1]
    assert "'lr-AdamW/pg1' is taken as lr; it differs from 'lr-AdamW/pg2'." in log.notes
