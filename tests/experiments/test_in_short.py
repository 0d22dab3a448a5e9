"""The claims in plain words follow their verdicts: another verdict, another sentence and another word."""

import dataclasses
import itertools
import math

import pytest

from experiments.exercise.dominance.in_short import in_short as dominance
from experiments.exercise.epoch_decay.in_short import Followed
from experiments.exercise.epoch_decay.in_short import in_short as epoch_decay
from experiments.exercise.initialisation.in_short import Found as Starts
from experiments.exercise.initialisation.in_short import in_short as initialisation
from experiments.exercise.tail_off.in_short import Found as Rest
from experiments.exercise.tail_off.in_short import in_short as tail_off
from wd_jax.stats.in_short import of, one_word, where
from wd_jax.stats.outcome import Outcome
from wd_jax.stats.verdict import Verdict

pytestmark = pytest.mark.numeric
WORDS = ("holds", "fails", "undecided", "diverged")
BOTH, NEITHER = ({"hidden": word, "output": word} for word in ("holds", "fails"))
ONE = {"hidden": "holds", "output": "fails"}
STARTS = Starts(BOTH, "holds", "fails", 0.279, 0.125, 0.01, 1.1)


def verdict(word: str, kind: str = "prediction", rests_on: str = "") -> Verdict:
    return Verdict(3, kind, "s", "network", 1.0, 2.0, (1.9, 2.1), 0.1, word, "w", rests_on=rests_on)


REST = Rest(
    verdict("fails"), verdict("holds"), {"hidden": "fails", "output": "holds"}, ["holds"] * 2, (18.4, 18.9), 2.0
)


def test_each_meaning_of_dominance_is_told_apart() -> None:
    senses = ("norm budget", "displacement", "force")
    for words, expected in zip(
        [(BOTH, BOTH, BOTH), (NEITHER, NEITHER, NEITHER), (BOTH, NEITHER, NEITHER), (ONE, ONE, ONE), (BOTH, ONE, BOTH)],
        ["holds", "fails", "depends on the meaning", "depends on the layer", "depends on the layer"],
        strict=True,
    ):
        said = dominance(dict(zip(senses, words, strict=True)), 7.0)
        assert said.word == expected and "λ = 7" in said.sentence
    said = dominance({"norm budget": ONE, "displacement": NEITHER, "force": BOTH}, 5.0).sentence
    assert "length: yes in the hidden layer, no in the output layer." in said
    assert "In neither layer does it move the weights farther" in said and "pulls harder at the start, in both" in said


def test_a_layer_follows_for_as_long_as_its_verdicts_say() -> None:
    holds, at_first, never = Followed("holds", "holds"), Followed("holds", "fails"), Followed("fails", "fails")
    cases = [
        ("holds", holds, holds, "holds"),
        ("holds", at_first, at_first, "holds at first"),
        ("holds", at_first, never, "depends on the layer"),
        ("fails", never, never, "fails"),
        (None, at_first, at_first, "holds at first"),
    ]
    for alone, hidden, output, word in cases:
        said = epoch_decay(alone, {"hidden": hidden, "output": output}, 0.9, 12, 7.0)
        assert said.word == word, (alone, hidden, output)
    assert said.sentence.startswith("At λ = 7 the factor is 0.9; no weight of this network feels decay alone. ")
    assert "the hidden layer shrinks so in the first epoch, but not on average over 12 epochs;" in said.sentence
    for alone, told in (("holds", ", and weights on"), ("fails", ", but weights on"), ("diverged", "runs diverged")):
        assert told in epoch_decay(alone, {"hidden": holds, "output": never}, 0.9, 12, 7.0).sentence
    for first, whole in itertools.product(WORDS, repeat=2):
        said = epoch_decay("undecided", {"hidden": Followed(first, whole), "output": never}, 0.9, 12, 7.0)
        plain = "hidden layer shrinks so in the first epoch" in said.sentence and "epoch:" not in said.sentence
        assert plain == (first == "holds" and whole in ("holds", "fails"))
        assert "acts shrink by it is undecided." in said.sentence
        assert ("as runs diverged" in said.sentence) == ("diverged" in (first, whole))


def test_where_the_shrinking_ends_is_told_with_its_reason_only_where_that_holds() -> None:
    said = tail_off(REST)
    assert (said.word, said.leaning) == ("fails in size", "fails")
    assert "18 to 19 times 1/√n_w: there the gradient brings back" in said.sentence
    assert "Their size does go as n_w^(-1/2) from width to width in the whole network and output layer; not in the" in (
        said.sentence
    )
    without = tail_off(dataclasses.replace(REST, balance=["holds", "undecided"]))
    assert "gradient" not in without.sentence
    assert tail_off(dataclasses.replace(REST, power=verdict("fails"))).word == "fails"
    good = tail_off(dataclasses.replace(REST, size=verdict("holds"), times=(0.9, 1.2)))
    assert good.word == "holds" and "do come to rest at about 1/√n_w: 0.9 to 1.2 times it" in good.sentence
    other = tail_off(dataclasses.replace(REST, size=verdict("holds"), power=verdict("fails")))
    assert other.word == "holds in size only" and other.leaning is None
    still = tail_off(dataclasses.replace(REST, size=verdict("undecided"), times=None))
    assert "λ" not in still.sentence and "At no width of this run" in still.sentence
    over = tail_off(dataclasses.replace(REST, size=verdict("undecided"), times=None, lmbdas=(50.0, 100.0)))
    assert over.sentence.endswith("Over λ weights of a part of it or of all did: at λ = 50 and 100.")
    large = tail_off(dataclasses.replace(REST, times=(123.0, 12345.0)))
    assert "at 120 to 12000 times" in large.sentence
    assert still.word == "undecided" and "shown to come to rest" in still.sentence
    open_ = tail_off(dataclasses.replace(REST, size=verdict("undecided")))
    assert "whether that is within a factor of 2 is open" in open_.sentence and open_.word == "holds in part"


def test_the_power_of_n_w_is_never_said_to_hold_where_it_does_not() -> None:
    for words in itertools.product(WORDS, repeat=3):
        network, hidden, output = words
        rest = dataclasses.replace(REST, power=verdict(network), powers={"hidden": hidden, "output": output})
        said = tail_off(rest).sentence
        assert ("does go as" in said) == ("holds" in words), said
        assert ("does not go as" in said) == ("holds" not in words and "fails" in words), said
        assert ("undecided in" in said) == ("undecided" in words) and ("runs diverged" in said) == ("diverged" in words)
    all_fail = tail_off(dataclasses.replace(REST, power=verdict("fails"), powers=NEITHER)).sentence
    assert all_fail.endswith(
        " Their size does not go as n_w^(-1/2) from width to width in the whole network, hidden layer or output layer."
    )


def test_both_starts_are_alike_where_all_verdicts_on_their_end_hold() -> None:
    assert initialisation(STARTS).word == "holds at the end only"
    assert initialisation(dataclasses.replace(STARTS, down="holds")).word == "holds"
    assert "On their way weights" in initialisation(dataclasses.replace(STARTS, down="holds")).sentence
    apart = initialisation(dataclasses.replace(STARTS, sizes=ONE))
    assert apart.word == "holds in part" and "alike" not in apart.sentence
    assert "yes in the hidden layer, no in the output layer" in apart.sentence
    gone = initialisation(
        Starts({"hidden": "diverged", "output": "diverged"}, "diverged", "diverged", math.nan, 0.1, 0.01, 1.1)
    )
    assert gone.word == "diverged" and "nan" not in gone.sentence and "as runs diverged" in gone.sentence
    none = initialisation(dataclasses.replace(STARTS, sizes=NEITHER, errors="fails"))
    assert none.word == "fails" and "no, in neither layer" in none.sentence


def test_a_law_without_words_of_its_own_gets_them_from_its_predictions() -> None:
    def outcome(*verdicts: Verdict) -> Outcome:
        return Outcome("x", "A law", "It was measured.", verdicts, (), lambda: None)

    said = of(outcome(verdict("holds"), verdict("fails", "rival"), verdict("fails", rests_on="the first")))
    assert (said.claim, said.word, said.sentence, said.leaning) == ("A law", "holds", "It was measured.", "holds")
    assert of(outcome(verdict("fails", "rival"))).word == "not judged"
    assert of(outcome(verdict("fails", rests_on="others"))).word == "fails"


def test_one_word_for_several() -> None:
    for word in WORDS:
        assert one_word([word, word]) == (word, word)
    assert one_word(["holds", "fails"]) == ("holds in part", None)
    assert one_word(["fails", "undecided"]) == ("fails in part", "fails")
    assert where(dict.fromkeys(("hidden", "output"), "undecided")) == "undecided in both layers"
    assert where(dict.fromkeys(("hidden", "output"), "diverged")) == "no number, as runs diverged"
    assert where({"hidden": "diverged", "output": "holds"}).startswith(
        "no number, as runs diverged, in the hidden layer"
    )


def test_the_words_of_a_run_are_those_of_its_verdicts(outcomes: dict) -> None:
    for outcome in outcomes.values():
        short = outcome.in_short
        found = {one.verdict for one in outcome.verdicts if one.kind == "prediction" and not one.rests_on}
        assert short is not None and short.sentence.endswith(".") and "nan" not in short.sentence
        if short.word == "holds":
            assert found == {"holds"}
        if short.leaning == "fails":
            assert "fails" in found
        if short.leaning is None:
            assert {"holds"} < {one.verdict for one in outcome.verdicts}
