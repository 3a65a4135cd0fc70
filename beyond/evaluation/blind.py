"""A sheet for people: real and generated pictures mixed, the answers apart, and a score with its interval.

People are the measure that all others stand in for. What they say is worth something only if they do not know the
answers, and if there are enough pictures: of 20 pictures 14 right ones could still be guesses.
"""

import csv

import numpy as np
from scipy.stats import binomtest

from beyond.evaluation import checked
from gan import checks

__all__ = ["blind_sheet", "blind_score"]
LETTERS = {"r": True, "real": True, "f": False, "fake": False}


def blind_sheet(real, fake, count=40, seed=0):
    """`count` pictures, half of them real, in random order: (pictures (count, h, w, c), is_real (count,) of booleans).

    Of an odd number one more is fake. No picture is taken twice.
    """
    count = checks.whole_number("count", count, smallest=2)
    real, fake = checked.pictures("real", real), checked.pictures("fake", fake)
    for name, pictures, needed in (("real", real, count // 2), ("fake", fake, count - count // 2)):
        if len(pictures) < needed:
            raise ValueError(f"{name}: expected at least {needed} pictures for a sheet of {count}, got {len(pictures)}")
    draws = np.random.default_rng(seed)
    parts = [real[draws.permutation(len(real))[:count // 2]], fake[draws.permutation(len(fake))[:count - count // 2]]]
    order = draws.permutation(count)
    return np.concatenate(parts)[order], (np.arange(count) < count // 2)[order]


def blind_score(is_real, said_real, confidence=.95):
    """How well somebody told real from fake: a dict.

    right, of: numbers of pictures. accuracy: right / of, with the interval low to high (Clopper and Pearson's, which
    holds for few pictures too). error_rate: HYPE, 1 - accuracy. fooled: share of the fakes that were taken for real.
    p_value: the chance to be so far from one half, or farther, by guessing.

    Zhou et al. (2019), HYPE, https://arxiv.org/abs/1904.01121.
    """
    is_real, said_real = np.asarray(is_real), np.asarray(said_real)
    if is_real.dtype != bool or is_real.ndim != 1 or not len(is_real):
        raise ValueError(f"is_real: expected booleans, one a picture, got {is_real.dtype} {is_real.shape}")
    if said_real.dtype != bool or said_real.shape != is_real.shape:
        raise ValueError(f"said_real: expected {len(is_real)} booleans, one a picture, got {said_real.dtype} "
                         f"{said_real.shape}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence: expected a share between 0 and 1, got {checks.shown(confidence)}")
    right = int(np.sum(is_real == said_real))
    test = binomtest(right, len(is_real), .5)
    interval = test.proportion_ci(confidence)
    fakes = said_real[~is_real]
    return {"right": right, "of": len(is_real), "accuracy": right / len(is_real), "low": float(interval.low),
            "high": float(interval.high), "error_rate": 1 - right / len(is_real),
            "fooled": float(np.mean(fakes)) if len(fakes) else float("nan"), "p_value": float(test.pvalue)}


def answers_text(is_real):
    """The answers as the text of a .csv file, one line a picture: its number on the sheet, and real or fake."""
    rows = [f"{number},{'real' if real else 'fake'}" for number, real in enumerate(is_real, 1)]
    return "\n".join(["number,answer", *rows, ""])


def read_answers(path):
    """The answers of a file that `answers_text` made, as booleans; ValueError if it is none."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        if rows[0] != ["number", "answer"] or [row[0] for row in rows[1:]] != list(map(str, range(1, len(rows)))):
            raise ValueError
        return np.array([{"real": True, "fake": False}[row[1]] for row in rows[1:]], bool)
    except OSError as error:
        raise ValueError(f"answers: cannot read {str(path)!r} ({error.strerror})") from None
    except (ValueError, KeyError, IndexError):
        raise ValueError(f"answers: expected a file of answers as --blind writes it, got {str(path)!r}") from None


def said(text, count):
    """What somebody said, such as "r f f r" or "real, fake, fake, real" or "rffr", as booleans (count,)."""
    words = text.lower().replace(",", " ").split()
    if len(words) == 1 and set(words[0]) <= {"r", "f"}:
        words = list(words[0])
    wrong = [word for word in words if word not in LETTERS]
    if wrong or len(words) != count:
        got = f"{wrong[0]!r}" if wrong else f"{len(words)} answers"
        raise ValueError(f"score: expected {count} answers, r (real) or f (fake) for each picture, got {got}")
    return np.array([LETTERS[word] for word in words], bool)
