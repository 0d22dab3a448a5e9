"""Works that the laws' references name, as BibTeX: authors and years as the references say, nothing from memory.

A title that the references do not say was read on the work's own page or in a bibliography, or it is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

YEAR_OF_ARXIV = "year of the first version, from the arXiv number"


@dataclass(frozen=True)
class Work:
    """A published work, as far as it is known here.

    Parameters
    ----------
    key : str
        Of its BibTeX entry.
    mark : str
        Words by which a reference is seen to name it: an arXiv number, or part of a title.
    author : str
        As BibTeX wants it, initials where only they are known, "and others" where only the first is; "" if not known.
    title : str
        "" if not known.
    year : str
        "" if not known; of a work on arXiv "" means that the number says it.
    arxiv : bool
        Whether `mark` is an arXiv number.
    kind : str
        Kind of the entry.
    note : str
        What else is known.
    also : tuple of str
        Other words by which a reference is seen to name it.

    Examples
    --------
    >>> print(Work("galanti2022", "2206.05794", "T. Galanti and others").bibtex())
    @misc{galanti2022,
      author = {T. Galanti and others},
      year = {2022},
      eprint = {2206.05794},
      archiveprefix = {arXiv},
      note = {title not recorded here; year of the first version, from the arXiv number}
    }
    """

    key: str
    mark: str
    author: str = ""
    title: str = ""
    year: str = ""
    arxiv: bool = True
    kind: str = "misc"
    note: str = ""
    also: tuple[str, ...] = ()

    def named_in(self, text: str) -> bool:
        """Whether a text names it."""
        return any(mark in text for mark in (self.mark, *self.also))

    def bibtex(self) -> str:
        """Return its entry; what is not known is said in its note."""
        missing = [f"{name} not recorded here" for name in ("author", "title") if not getattr(self, name)]
        year, notes = self.year, [*([self.note] if self.note else []), *missing]
        if self.arxiv and not year:
            year = f"20{self.mark[:2]}"
            notes.append(YEAR_OF_ARXIV)
        elif not year:
            notes.append("year not recorded here")
        fields = {"author": self.author, "title": f"{{{self.title}}}" if self.title else "", "year": year}
        if self.arxiv:
            fields |= {"eprint": self.mark, "archiveprefix": "arXiv"}
        fields["note"] = "; ".join(notes)
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        return "\n".join([f"@{self.kind}{{{self.key},", ",\n".join(lines), "}"])


WORKS: tuple[Work, ...] = (
    Work(
        "nielsen_nndl",
        "Neural Networks and Deep Learning",
        "M. Nielsen",
        "Neural Networks and Deep Learning",
        arxiv=False,
        kind="book",
        note="chapter 3",
    ),
    Work("loshchilov2017", "1711.05101", "I. Loshchilov and F. Hutter", "Decoupled Weight Decay Regularization"),
    Work("kuehn2023", "2306.05300", "D. Kuehn and B. Rosenow"),
    Work(
        "wen2025",
        "From Weight Decay to Hyperball",
        "Wen and Dang and Lyu and Ma and Liang",
        "From Weight Decay to Hyperball",
        "2025",
        arxiv=False,
        note="part 2",
    ),
    Work("su2025", "kexue.fm 11307", "J. Su", "", "2025", arxiv=False, note="kexue.fm 11307"),
    Work("su_kexue", "J. Su (kexue.fm)", "J. Su", arxiv=False, note="kexue.fm"),
    Work(
        "vanlaarhoven2017",
        "1706.05350",
        "T. van Laarhoven",
        "L2 Regularization versus Batch and Weight Normalization",
    ),
    Work(
        "wan2020",
        "2006.08419",
        "R. Wan and others",
        "Spherical Motion Dynamics of Deep Neural Networks with Batch Normalization and Weight Decay",
        note="title of the first version",
    ),
    Work("schedule_law2026", "2609.09116"),
    Work("li2019", "1910.07454", "Z. Li and S. Arora", "An Exponential Learning Rate Schedule for Deep Learning"),
    Work("mackay1992", "D. MacKay 1992", "D. MacKay", "", "1992", arxiv=False),
    Work("du2018", "1806.00900", "S. Du and W. Hu and J. Lee"),
    Work(
        "kunin2020",
        "2012.04728",
        "D. Kunin and others",
        "Neural Mechanics: Symmetry and Broken Conservation Laws in Deep Learning Dynamics",
    ),
    Work("saad1995", "D. Saad, S. Solla 1995", "D. Saad and S. Solla", "", "1995", arxiv=False),
    Work(
        "mandt2017",
        "1704.04289",
        "S. Mandt and M. Hoffman and D. Blei",
        "Stochastic gradient descent as approximate Bayesian inference",
        "2017",
    ),
    Work("liu2020", "2012.03636", "K. Liu and L. Ziyin and M. Ueda", "", "2020"),
    Work(
        "ziyin2021",
        "2102.05375",
        "L. Ziyin and K. Liu and T. Mori and M. Ueda",
        "Strength of minibatch noise in SGD",
        "2021",
    ),
    Work(
        "wang2024",
        "2405.13698",
        "X. Wang and L. Aitchison",
        "How to set AdamW's weight decay as you scale model and dataset size",
        "2024",
    ),
    Work("bergsma2025", "2505.13738", "S. Bergsma and others", "", "2025"),
    Work(
        "krogh1991",
        "A simple weight decay can improve generalization",
        "A. Krogh and J. Hertz",
        "A simple weight decay can improve generalization",
        "1991",
        arxiv=False,
    ),
    Work("jordan2024", "K. Jordan et al. 2024, Muon", "K. Jordan and others", "Muon", "2024", arxiv=False),
    Work(
        "chen2023lion",
        "2310.05898",
        "L. Chen and B. Liu and K. Liang and Q. Liu",
        "Lion secretly solves constrained optimization",
        "2023",
    ),
    Work(
        "kosson2023",
        "2305.17212",
        "Kosson and others",
        "Rotational Equilibrium: How Weight Decay Balances Learning Across Neural Networks",
    ),
    Work("xie2022adan", "2208.06677", "X. Xie and others", "Adan", "2022"),
    Work("you2019lamb", "1904.00962", "Y. You and others", "LAMB", "2019", note="short title"),
    Work("you2017lars", "1708.03888", "Y. You and others", "LARS", "2017", note="short title"),
    Work("defazio2024", "2405.15682", "A. Defazio and others", "The Road Less Scheduled", "2024"),
    Work("zhang2019lookahead", "1907.08610", "M. Zhang and others", "Lookahead", "2019", note="short title"),
    Work("shazeer2018", "1804.04235", "N. Shazeer and M. Stern", "Adafactor", "2018", note="short title"),
    Work("kingma2014", "1412.6980", "D. Kingma and J. Ba", "Adam", "2014", note="short title"),
    Work(
        "zamirai2020",
        "2010.06192",
        "P. Zamirai and J. Zhang and C. Aberger and C. De Sa",
        "Revisiting BFloat16 training",
        "2020",
    ),
    Work("chen2025cautious", "2510.12402", "L. Chen and others", "Cautious Weight Decay", "2025"),
    Work("defazio2025", "2506.02285", "A. Defazio", "", "2025"),
    Work("chou2025", "2512.08217", "J. Chou", "", "2025"),
    Work(
        "xie2024box",
        "2404.04454",
        "S. Xie and Z. Li",
        "Implicit bias of AdamW: l-infinity norm constrained optimization",
        "2024",
        also=("S. Xie and Z. Li 2024, box constraint of AdamW",),
    ),
    Work(
        "truong2026delay",
        "2603.13331",
        "X. K. Truong and others",
        "The norm-separation delay law of grokking",
        "2026",
    ),
    Work(
        "truong2026norm",
        "2606.13753",
        "X. K. Truong and others",
        "The weight norm sets the grokking timescale",
        "2026",
    ),
    Work("kobayashi2024", "2410.23819", "S. Kobayashi and Y. Akram and J. von Oswald"),
    Work("ziyin2022linear", "2202.04777", "L. Ziyin and B. Li and X. Meng"),
    Work("ziyin2022jump", "2205.12510", "L. Ziyin and M. Ueda"),
    Work("wang2023rank", "2305.16038", "Z. Wang and A. Jacot"),
    Work("collapse2026", "2603.23805"),
    Work("jacot2024", "2410.04887", "A. Jacot and P. Sukenik and Z. Wang and M. Mondelli"),
    Work("galanti2022", "2206.05794", "T. Galanti and Z. Siegel and A. Gupte and T. Poggio"),
    Work("price1958", "R. Price 1958", "R. Price", "", "1958", arxiv=False),
    Work("stein1981", "C. Stein 1981", "C. Stein", "", "1981", arxiv=False),
)
"""Every work that a law names, in the order in which the catalogue meets them."""


def works(references: Iterable[str]) -> list[Work]:
    """Return the works that references name, each once.

    Parameters
    ----------
    references : iterable of str
        As a derivation has them.

    Examples
    --------
    >>> [work.key for work in works(("Loshchilov and Hutter, 1711.05101 [opening read]", "All derived here."))]
    ['loshchilov2017']
    """
    text = "\n".join(references)
    return [work for work in WORKS if work.named_in(text)]


def bibtex(references: Iterable[str]) -> str:
    """Return an entry for each work that references name; a reference without one is a comment, so that none is lost.

    Parameters
    ----------
    references : iterable of str
        As a derivation has them.

    Returns
    -------
    str
        BibTeX, "" where no work is named.

    Examples
    --------
    >>> print(bibtex(("D. MacKay 1992, the probit approximation [remembered].", "The rest is derived here.")))
    % No entry: The rest is derived here.
    <BLANKLINE>
    @misc{mackay1992,
      author = {D. MacKay},
      year = {1992},
      note = {title not recorded here}
    }
    """
    references = list(references)
    if not (named := works(references)):
        return ""
    left = [one for one in references if not works((one,))]
    return "\n\n".join([*(f"% No entry: {one}" for one in left), *(work.bibtex() for work in named)])
