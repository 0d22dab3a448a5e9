"""What a user types for an optimiser, and what is refused in one line."""

import pytest

from wd_jax.audit.adapters import registry
from wd_jax.audit.spec import parse


@pytest.mark.parametrize(
    ("text", "name", "options", "unread"),
    [
        ("torch:AdamW", "AdamW", {}, ""),
        ("torch:SGD(momentum=.9,nesterov)", "SGD", {"momentum": 0.9, "nesterov": True}, ""),
        (" torch : SGD( momentum = -1e-3 )", "SGD", {"momentum": -1e-3}, ""),
        ("a:B(x=None, y=False, z=word, t=(1, -2.5), s='two words')", "B", {"x": None, "y": False, "z": "word"}, ""),
        ("optax:contrib.muon", "contrib.muon", {}, ""),
        ("optax:contrib.schedule_free_sgd (evaluation x)", "contrib.schedule_free_sgd", {}, "evaluation x"),
        ("chainer:SGD + hook WeightDecay", "SGD", {}, "+ hook WeightDecay"),
        ("paddle:Momentum(.9,use_nesterov)", "Momentum", {"use_nesterov": True}, "0.9"),
        ("apollo:APOLLOAdamW(no rank)", "APOLLOAdamW", {}, "no rank"),
        ("a:B(x=__import__('os'))", "B", {}, "x=..."),
        ("a:B(x=y.z)", "B", {}, "x=..."),
        ("a:B(**k)", "B", {}, "k"),
        ("a:B(" + "(" * 5000 + ")" * 5001, "B", {}, "(" * 5000 + ")" * 5000),
    ],
)
def test_what_is_read(text: str, name: str, options: dict, unread: str) -> None:
    spec = parse(text)
    assert (spec.name, spec.unread) == (name, unread)
    assert {key: spec.options[key] for key in options} == options
    assert spec.label == " ".join(text.partition(":")[2].split())


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "torch",
        "torch:",
        ":AdamW",
        "torch:(momentum=.9)",
        "a:B(x=1, x=2)",
        "a:B(x, x)",
        "a:B(x=1",
        "a:B(x=(1, 2)",
        "a:B(x=1))",
        "a:B(x=(1, 2])",
        "a:B(" + "(" * 5000,
    ],
)
def test_what_is_no_optimiser(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("optx:adamw", "optx: unknown library: did you mean optax"),
        ("optax:adamww", "did you mean adamw"),
        ("optax:contrib.nothing", "unknown optimiser"),
        ("optax:adamw(weight_decay=.1)", "weight_decay is set by the audit: give it as --weight-decay"),
        ("optax:adamw(learning_rate=.1)", "learning_rate is set by the audit: give it as --lr"),
        ("optax:adamw(.9)", "0.9 is no option"),
        ("optax:adamw(beta1=.9)", "beta1 is no option"),
        ("optax:adamw(b1=f(3))", "b1=... is no option"),
    ],
)
def test_what_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as raised:
        registry.find(text)
    assert says in str(raised.value)


def test_a_library_answers_to_its_other_names() -> None:
    for library in registry.libraries():
        for name in (library.name, library.distribution, *library.aliases):
            assert registry.named(name) is library, name
        assert callable(library.find) and library.modules and library.requirements


def test_what_is_not_installed_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "installed", lambda library: False)
    with pytest.raises(ValueError, match=r"^optax:adamw: optax is not installed: pip install optax"):
        registry.find("optax:adamw")


def test_what_is_not_installed_is_answered_from_the_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "installed", lambda library: False)
    for text in ("torch:AdamW", "torch:adamw"):
        with pytest.raises(ValueError, match=r"; as measured with [\d.]+ on [\d-]+: decoupled: w <- \(1 - lr\*wd\) w$"):
            registry.find(text)
    with pytest.raises(ValueError, match=r'"mlx-cpu==[\d.]+; sys_platform == \'linux\'" numpy'):
        registry.find("mlx:AdamW")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("keras", "keras: a library: write keras:NAME, such as keras:AdamW; SGD, "),
        ("optax", "such as optax:adamw; adamw, "),
        ("adamw", "adamw: no optimiser: write LIBRARY:NAME, such as keras:AdamW, optax:adamw, torch:AdamW, "),
        ("adamw(b1=.9)", "such as keras:AdamW, "),
        ("nothing", "such as torch:AdamW"),
    ],
)
def test_half_of_a_name_is_answered_with_the_other(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as raised:
        registry.find(text)
    assert says in str(raised.value)
