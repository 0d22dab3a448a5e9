"""Every number that decides a word, with its reason, its date, and whether results had been seen when it was chosen.

The claims read their numbers from here, and the report prints them, with those of a preset
(`experiments.exercise.settings_tolerances`). "Before" says that no commit before that one holds a result that the
number judges; what was looked at and not committed nobody can know. Results begin on 2026-11-21 at 23:13 UTC (README,
digits) and 23:37 (docs/mnist.md). Where no reason was written down at the time, the row says so. What was chosen after
looking is judged again on seeds and a data set that were never used for choosing: `experiments.exercise.holdout`.
"""

from experiments.tolerance import Tolerance
from wd_jax.stats import plateau
from wd_jax.stats.intervals import CONFIDENCE

FIRST_DAY, SECOND_WEEK = "2026-11-21", "2026-11-28"
NOT_WRITTEN = "no reason was written down; it reads as "
POOL = "digits: runs of 640 epochs with 16 seeds (claim 3) and 48 (claim 4)"
README = "digits: README of 2026-11-21, 23:13"


START_WITHIN = Tolerance(
    "START_WITHIN", (1,), (0.2,), "relative error of one example's gradient norm at the start, from E1-E3",
    "the error that a trial of E1-E3 had", FIRST_DAY, "after",
    "the design notes' trial (not in this repository): 1 to 20 % at 30 hidden units", "one example's gradient",
)  # fmt: skip
THRESHOLD_FACTOR = Tolerance(
    "THRESHOLD_FACTOR", (1,), (2.0,), "factor between λ_crit of decay against noise at the start, and its prediction",
    f"{NOT_WRITTEN}what claim 3 allows a size, for a prediction that leaves out the mean gradient",
    FIRST_DAY, "after", f"the table of both numbers, without a verdict ({README}); it did not make the claim hold",
    "decay against noise",
)  # fmt: skip
RATE_WITHIN = Tolerance(
    "claim 2: WITHIN", (2,), (0.01,), "relative error of the logarithm of the factor per epoch",
    "the design asks for 1 %: a thousand times the error of the limit itself", FIRST_DAY, words="factor exp",
)  # fmt: skip
RATE_IDENTITY_WITHIN = Tolerance(
    "claim 2: IDENTITY_WITHIN", (2,), (1e-9,), "relative error of the exact factor on dead inputs",
    f"{NOT_WRITTEN}float64's rounding over an epoch of steps, with room", FIRST_DAY, words="exact factor",
)  # fmt: skip
SPANS = Tolerance(
    "SPANS", (), (0.01, 0.05, 0.2), "relative errors within which claim 2's answer says a layer follows: no verdict",
    f"{NOT_WRITTEN}close, fair and rough, in round numbers", FIRST_DAY,
)  # fmt: skip
SIZE_FACTOR = Tolerance(
    "SIZE_FACTOR", (3,), (2.0,), "factor between the late weights and a candidate's size",
    "the design asks for it: the book says 'about'", FIRST_DAY, words="within a factor of 2",
)  # fmt: skip
EXPONENT_WITHIN = Tolerance(
    "EXPONENT_WITHIN", (3,), (1 / 12,), "deviation of an exponent",
    "the design asks for it: half-way from -1/2 to the next simple exponents, -1/3 and -2/3", FIRST_DAY,
    words="exponent",
)  # fmt: skip
BALANCE_WITHIN = Tolerance(
    "claim 3: IDENTITY_WITHIN", (3,), (0.01,), "relative error of the norm balance with Q of the same run",
    "the design notes expect 1 %; whether a trial stood behind that is not known", FIRST_DAY, words="Q of the same run",
)  # fmt: skip
PREDICTION_WITHIN = Tolerance(
    "PREDICTION_WITHIN", (3,), (0.05,), "relative error of the late weights with Q from other seeds or widths",
    f"{NOT_WRITTEN}five times what the identity is allowed", FIRST_DAY, words="fitted",
)  # fmt: skip
MOVES_LESS = Tolerance(
    "MOVES_LESS", (3,), (plateau.MOVES_LESS,),
    "relative change between the thirds of the window in which decay has tailed off",
    "a hundredth of the factor of two that claim 3 asks about", FIRST_DAY, "after",
    f"plateaus and exponents at 0.005 ({README}): once three thirds were compared in place of two halves, a layer of "
    "8, 16 and 32 hidden units had no plateau at 0.005, after 120 epochs or 160",
)  # fmt: skip
WINDOW = Tolerance(
    "WINDOW", (3, 4), (plateau.WINDOW,), "share of the run, its end, over which late weights and limits are taken",
    "one window for all cells, so that no number depends on where a search stopped; its thirds are long",
    SECOND_WEEK, "after", f"{POOL}: windows of 45, 60 and 75 % of it",
)  # fmt: skip
SLOWEST = Tolerance(
    "SLOWEST, SLOWEST_OF_SUM", (4,), (plateau.SLOWEST, plateau.SLOWEST_OF_SUM),
    "longest time constants reckoned with, of one exponential and of the slow part of a sum, in lengths of the run",
    "what is slower cannot be told, in a run, from standing still", SECOND_WEEK, "after",
    "all verdicts on digits and MNIST, and how often intervals covered the truth on made-up approaches",
    "ratio of limits",
)  # fmt: skip
QUESTIONS = Tolerance(
    "QUESTIONS", (4,), (float(plateau.QUESTIONS),),
    "share of the 5 % that each question about a limit gets: one in so many",
    "time constant and limit are both asked", SECOND_WEEK, "after",
    "all verdicts on digits and MNIST, and how often intervals covered the truth on made-up approaches",
    "ratio of limits",
)  # fmt: skip
STARTS_WITHIN = Tolerance(
    "claim 4: WITHIN", (4,), (0.01,), "relative difference of both starts in size, and error of t*",
    "the design asks for it; the design notes expect it, whether from a trial is not known", FIRST_DAY,
)  # fmt: skip
ERRORS_FACTOR = Tolerance(
    "ERRORS_FACTOR", (4,), (1.1,), "factor between the shares of errors of both starts",
    "a tenth of what is wrong; an accuracy within 1 % would allow a quarter of it", SECOND_WEEK, "after",
    "the accuracies of both starts on digits and MNIST; the ratio of errors was computed afterwards", "share of errors",
)  # fmt: skip
LATE = Tolerance(
    "LATE", (4,), (0.2,), "share of the run, its end, over which sizes and errors of both starts are taken",
    f"{NOT_WRITTEN}the last fifth, long after both starts have learnt", SECOND_WEEK, "after",
    f"{POOL}; for accuracies it was so from the first day", "both starts",
)  # fmt: skip
BIAS_WITHIN = Tolerance(
    "BIAS_WITHIN", (4,), (0.3,), "mean deviation from the book's curve, percentage points (MNIST only)",
    f"{NOT_WRITTEN}about the spread of one run's accuracy on 10 000 images", FIRST_DAY, words="mean signed deviation",
)  # fmt: skip
RMS_WITHIN = Tolerance(
    "RMS_WITHIN", (4,), (0.4,), "RMS deviation from the book's curve, percentage points (MNIST only)",
    f"{NOT_WRITTEN}the mean deviation allowed, and a run's own spread", FIRST_DAY, words="RMS deviation",
)  # fmt: skip
COVERAGE = Tolerance(
    "COVERAGE", (4,), (0.9,), "share of the book's points inside a 95 % prediction interval of one run (MNIST only)",
    f"{NOT_WRITTEN}a little less than 95 %, since a run's points depend on each other", FIRST_DAY,
    words="published points",
)  # fmt: skip
COMPARED = Tolerance(
    "FIRST, LAST", (4,), (3.0, 30.0), "epochs that are held against the book's curve (MNIST only)",
    f"{NOT_WRITTEN}all but the first two epochs, in which accuracy changes fastest", FIRST_DAY, words="published",
)  # fmt: skip
LEVEL = Tolerance(
    "CONFIDENCE", (1, 2, 3, 4), (CONFIDENCE,), "confidence of every interval, and of the test for curvature",
    "the usual one", FIRST_DAY,
)  # fmt: skip

CONSTANTS = (
    START_WITHIN, THRESHOLD_FACTOR, RATE_WITHIN, RATE_IDENTITY_WITHIN, SPANS, SIZE_FACTOR, EXPONENT_WITHIN,
    BALANCE_WITHIN, PREDICTION_WITHIN, MOVES_LESS, WINDOW, SLOWEST, QUESTIONS, STARTS_WITHIN, ERRORS_FACTOR, LATE,
    BIAS_WITHIN, RMS_WITHIN, COVERAGE, COMPARED, LEVEL,
)  # fmt: skip
