"""A sweep judged: its answer, its verdicts, what could not be asked, and its page."""

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr

from wd_jax import display, files, siblings
from wd_jax.report.of_sweep import answering
from wd_jax.report.of_sweep.answering import Line
from wd_jax.report.of_sweep.judging import Found, NotAsked, judge
from wd_jax.report.of_sweep.parts import Part, absent, axes, parts, whole
from wd_jax.results import divergence
from wd_jax.results.summary import Summary, summarise
from wd_jax.stats.tally import by_chance, tally
from wd_jax.stats.verdict import Verdict


@dataclass(frozen=True, repr=False, eq=False)
class Judgement:
    """What the laws say of a sweep, made by `wd_jax.report.judge`.

    Attributes
    ----------
    answer : str
        Whether the laws describe what was measured, in a sentence or two.
    laws : tuple of Line
        Every law that was asked: its word, and where it does not hold.
    verdicts : tuple of Verdict
        One for each law and each part of the sweep.
    not_asked : tuple of NotAsked
        Laws that say nothing of a part, and why.
    warnings : tuple of str
        Runs that diverged, members that are missing, settings that the labels contradict.
    """

    runs: xr.Dataset = field(repr=False)
    parts: tuple[Part, ...]
    found: tuple[Found, ...]
    not_asked: tuple[NotAsked, ...]
    summary: Summary

    @property
    def answer(self) -> str:
        """Whether the laws describe what was measured."""
        return answering.answer(self.found, self.not_asked)

    @property
    def laws(self) -> tuple[Line, ...]:
        """Every law that was asked, in the order of the page."""
        return answering.lines(self.found)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One for each law and each part."""
        return tuple(one.verdict for one in self.found)

    @property
    def chance(self) -> str:
        """How many verdicts there are, and how many of them are wrong by chance."""
        return by_chance(self.verdicts)

    @property
    def tally(self) -> str:
        """How many verdicts there are of each word."""
        return str(tally(self.verdicts))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before anything is read: runs that diverged, members that are missing."""
        gone = divergence.counted(self.runs)
        return tuple(dict.fromkeys([*([gone] if gone else []), *self._beside()]))

    def _beside(self) -> Iterator[str]:
        """Give the summary's warnings but that on divergence, which is said already."""
        for text in self.summary.warnings:
            if "members diverged" not in text:
                yield text

    @property
    def title(self) -> str:
        """What the sweep is, in a few words."""
        return _title(self.runs)

    def record(self) -> dict[str, Any]:
        """Give everything as JSON knows it, format 1."""
        return {
            "format": 1,
            "title": self.title,
            "answer": self.answer,
            "laws": [dict(vars(line)) for line in self.laws],
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            "not_asked": [
                {"law": one.law.name, "part": one.part, "why": one.silent.why, "remedy": one.silent.remedy}
                for one in self.not_asked
            ],
            "warnings": list(self.warnings),
            "members": divergence.who(self.runs).size,
            "diverged": int(divergence.who(self.runs).sum()),
            "missing": absent(self.runs),
        }

    def write(self, file: str | Path, *, command: str = "", made_by: str = "", source: str = "") -> Path:
        """Write the page: one HTML file that asks the network for nothing.

        Parameters
        ----------
        file : path
            To write; one that is there is replaced.
        command, made_by, source : str
            What makes the page again, what trained the sweep, and where it is stored; empty where that is not known.

        Returns
        -------
        Path
            The file.
        """
        from wd_jax.report.of_sweep.sweep_page import page

        target = Path(file)
        if target.is_dir():
            raise ValueError(f"file={str(file)!r}: is a folder: name a file, such as {target / 'report.html'}")
        text = page(self, command=command, made_by=made_by, source=source)
        files.publish(target, lambda aside: aside.write_text(text, encoding="utf-8"))
        return target

    @property
    def text(self) -> str:
        """Answer and laws for a terminal."""
        import textwrap

        width = max((len(line.title) for line in self.laws), default=0)
        indent = {"width": 118, "subsequent_indent": " " * (13 + width)}
        kinds = {line.law: "" if line.kind == "prediction" else f"({line.kind}) " for line in self.laws}
        rows = [
            textwrap.fill(f"{line.word:<9}  {line.title:<{width}}  {kinds[line.law]}{line.text}", **indent)
            for line in self.laws
        ]
        ask = [one for one in self.not_asked if one.silent.remedy]
        also = list(dict.fromkeys(f"not asked: {one.law.name}: {one.silent.why}: {one.silent.remedy}" for one in ask))
        said = [textwrap.fill(line, 118, subsequent_indent="  ") for line in also]
        return "\n".join([self.title, textwrap.fill(self.answer, 118), "", *rows, "", f"{self.tally}", *said])

    def __repr__(self) -> str:
        """Say what a terminal shows, and how the page is written."""
        warned = [f"warning: {text}" for text in self.warnings]
        return "\n".join([self.text, *warned, "", "next", "  .write('report.html')  # the page"])

    def _repr_html_(self) -> str:
        rows = [{"law": one.title, "kind": one.kind, "word": one.word, "where": one.text} for one in self.laws]
        warned = "".join(f"<p>{html.escape(text)}</p>" for text in self.warnings)
        return f"<div><p><strong>{html.escape(self.answer)}</strong></p>{warned}{display.table_html(rows)}</div>"


def judged(runs: xr.Dataset) -> Judgement:
    """Hold a sweep against every law that applies to it; see `wd_jax.report.judge`."""
    siblings.check("derivations")
    if not isinstance(runs, xr.Dataset):
        raise TypeError(
            f"runs is a {type(runs).__name__}: give the whole result of sweep, such as wd.open('runs/decay.nc')"
        )
    if "epoch" in runs.dims and runs.sizes["epoch"] and (first := float(runs.epoch.min())) > 0:
        raise ValueError(
            f"runs begins at epoch {first:g}: laws count from epoch 0, the start, which was cut off: give all "
            "records of the sweep, and select epochs only for figures of your own"
        )
    summary = summarise(runs)
    laid_out = whole(runs.load() if runs.nbytes < LOADED else runs)
    if absent(laid_out) == divergence.who(laid_out).size:
        raise ValueError("no member of this sweep has been trained yet: make the page when some tasks have finished")
    cut = parts(laid_out)
    pairs = [judge(part) for part in cut]
    found = tuple(one for some, _ in pairs for one in some)
    silent = tuple(one for _, some in pairs for one in some)
    return Judgement(laid_out, cut, found, silent, summary)


LOADED = 2**30
"""Bytes of a result that is read at once; of a larger one only what the laws ask for."""


def _title(runs: xr.Dataset) -> str:
    """Name rule, data and swept axes."""

    def each(name: str) -> str:
        if name not in runs.coords:
            return ""
        values = dict.fromkeys(str(one) for one in runs[name].values.ravel().tolist())
        return ", ".join(values) if len(values) <= 3 else f"{len(values)} {name}s"

    swept = [axis for axis in axes(runs) if runs.sizes[axis] > 1]
    named = [answering.SYMBOLS.get(axis, axis.replace("_", " ")) for axis in swept]
    over = f", over {' and '.join(filter(None, (', '.join(named[:-1]), named[-1])))}" if named else ""
    where = f"on {each('dataset')}"
    if "gradients" in runs.coords:
        made = each("gradients").replace("_", " ").replace("none", "no")
        where = f"on {made} gradients in the laboratory"
    return f"Sweep of {each('optimiser')} {where}{over}"
