"""Labels are taken apart and signatures read without evaluating or calling anything."""

import pytest

from wd_jax.audit.adapters import arguments


class Base:
    def __init__(self, rescale=1.0, wd=0.0, learning_rate=None):
        pass


class Child(Base):
    def __init__(self, momentum=0.9, nesterov=False, **others):
        super().__init__(**others)


def hidden(init):
    def deco(self, *given, **named):
        init(self, *given, **named)

    return deco


class Hidden:
    @hidden
    def __init__(self, params, lr=0.3, decay=0.1):
        pass


@pytest.mark.parametrize(
    ("label", "positional", "flags", "options", "rest"),
    [
        ("SGD(momentum=.9,nesterov)", (), ("nesterov",), {"momentum": 0.9}, ""),
        ("Momentum(.9, use_nesterov)", (0.9,), ("use_nesterov",), {}, ""),
        ("NesterovAG(.9) + hook", (0.9,), (), {}, "+ hook"),
        ("SGD(weight_decay=L1Decay)", (), (), {"weight_decay": "L1Decay"}, ""),
        (
            "Adafactor(eps=(1e-30, 1e-3), relative_step=False)",
            (),
            (),
            {"eps": (1e-30, 1e-3), "relative_step": False},
            "",
        ),
        ("nn.SGD", (), (), {}, ""),
    ],
)
def test_a_label_is_taken_apart(label, positional, flags, options, rest):
    asked = arguments.read(label)
    assert (asked.positional, asked.flags, dict(asked.options), asked.rest) == (positional, flags, options, rest)


def test_a_word_that_could_be_code_is_never_evaluated():
    assert arguments.read("SGD(momentum=__import__('os'))").options == {"momentum": "__import__('os')"}


@pytest.mark.parametrize("label", ["(.9)", "SGD(momentum=.9"])
def test_a_label_that_cannot_be_read_is_refused(label):
    with pytest.raises(ValueError, match="write NAME"):
        arguments.read(label)


def test_a_signature_goes_on_in_the_base_class():
    assert arguments.defaults(Child)["wd"] == 0.0
    assert arguments.defaults(Child)["momentum"] == 0.9


def test_a_signature_is_found_behind_a_decorator_that_hides_it():
    assert arguments.defaults(Hidden)["lr"] == 0.3


def test_values_without_a_name_go_past_the_rate_and_the_decay():
    call = arguments.settle(Child, "Child(.5)", {}, ("learning_rate",), ("wd",))
    assert call.keywords(0.1, 0.01) == {"momentum": 0.5, "learning_rate": 0.1, "wd": 0.01}
    assert call.keywords(0.1, None) == {"momentum": 0.5, "learning_rate": 0.1}
    assert (call.default_lr, call.default_decay) == (None, 0.0)


def test_a_flag_can_choose_which_argument_is_the_decay():
    call = arguments.settle(Child, "Child(rescale)", {}, ("learning_rate",), ("wd", "rescale"))
    assert call.keywords(0.1, 0.01) == {"rescale": 0.01, "learning_rate": 0.1}


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Child(speed=3)", "takes no speed"),
        ("Child(1, 2, 3, 4)", "more values"),
        ("Child(momentum=.9) by night", "by night could not be read"),
    ],
)
def test_what_is_not_taken_is_refused(label, said):
    with pytest.raises(ValueError, match=said):
        arguments.settle(Child, label, {}, ("learning_rate",), ("wd",))


def test_facts_are_named_as_ours():
    found = arguments.facts({"beta_1": 0.9, "beta_2": 0.999, "use_nesterov": False}, {"momentum": 0.5})
    assert found == {"momentum": 0.5, "nesterov": False, "beta1": 0.9, "beta2": 0.999}
    assert arguments.facts({"betas": [0.9, 0.99]}, {})["beta2"] == 0.99
