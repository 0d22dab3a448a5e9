"""`wd.train` on both paths: one member, float64, against itself."""

import jax
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine import blocked, method, minibatches
from wd_jax.engine.examples import on_device

HYPER = wd.Hyper(eta=0.3, lmbda=2.0)


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """Blocks of three steps wherever they are taken; lists the K of each trace of the blocked path."""
    seen: list[int] = []
    whole = blocked.advance

    def counted(setup, probes, steps_per_block, *rest):
        seen.append(steps_per_block)
        return whole(setup, probes, steps_per_block, *rest)

    monkeypatch.setattr(method, "steps_per_block", lambda setup, cells, most: 3)
    monkeypatch.setattr(blocked, "advance", counted)
    return seen


@pytest.mark.numeric
def test_both_paths_train_the_same_member(tiny, asked) -> None:
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, dtype="float64")
    with jax.enable_x64(True):
        data, key = on_device(tiny, "float64"), minibatches.member_key(1)
        found = {how: wd.train(setup, HYPER, data, key, epochs=4, method=how) for how in ("blocked", "generic")}
        assert set(asked) == {3}
        (carry, records), (other, expected) = found["blocked"], found["generic"]
        for new, old in zip(jax.tree.leaves(carry), jax.tree.leaves(other), strict=True):
            np.testing.assert_allclose(new, old, rtol=1e-10, atol=1e-12)  # float64: sums in another order
        for name, record in expected.items():
            np.testing.assert_allclose(records[name], record, rtol=1e-10, atol=1e-12, err_msg=name)


@pytest.mark.numeric
def test_members_in_blocks_can_be_vmapped(tiny, asked) -> None:
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, dtype="float64")
    with jax.enable_x64(True):
        data = on_device(tiny, "float64")
        keys = jax.vmap(minibatches.member_key)(np.arange(2, dtype=np.uint32))
        together = jax.vmap(lambda key: wd.train(setup, HYPER, data, key, epochs=2, method="blocked")[1])(keys)
        alone = wd.train(setup, HYPER, data, keys[1], epochs=2, method="generic")[1]
        np.testing.assert_allclose(together["weight_norm2"][1], alone["weight_norm2"], rtol=1e-10)
        assert set(asked) == {3}


@pytest.mark.numeric
def test_what_is_not_known_to_fit_goes_the_generic_way(tiny, asked) -> None:
    setup = wd.Setup(widths=(6, 240, 3), batch_size=5)
    assert method.pays(setup, 1)
    data, key = on_device(tiny, "float32"), minibatches.member_key(0)
    jax.eval_shape(lambda lmbda: wd.train(setup, wd.Hyper(0.3, lmbda), data, key, epochs=1), 2.0)
    strong = wd.Hyper(eta=0.9, lmbda=20.0)
    jax.eval_shape(lambda key: wd.train(setup, strong, data, key, epochs=1), key)
    assert not asked
    jax.eval_shape(lambda key: wd.train(setup, HYPER, data, key, epochs=1), key)
    assert set(asked) == {3}
    with pytest.raises(ValueError, match="use method='auto'"):
        wd.train(setup, strong, data, key, epochs=1, method="blocked")
    with pytest.raises(ValueError, match="choose one of auto, blocked, generic"):
        wd.train(setup, HYPER, data, key, epochs=1, method="quick")  # pyrefly: ignore
