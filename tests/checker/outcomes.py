"""What a judge may say, and what comes of it: behaviours, verdicts, and the kinds of a failure.

A judge takes the records of the probes and returns None if all is well, else a sentence: a plain one, a `Beside`, a
`Misnamed`, or a `Remark`.
"""

from dataclasses import dataclass, field

PASSED, FAILED, NOT_CHECKED = "passed", "failed", "could not check"
NOT_STARTED = "not started"  # the student has left a hole of the task open; see holes.py


@dataclass
class Behaviour:
    """One thing that a solution must do.

    Attributes:
        key: task and name, such as "1.clip".
        title: what the solution does if it passes.
        points: of the task's total.
        judge: records of the probes -> None or a sentence.
        needs: names of behaviours of the same task without which this one cannot be judged.
        probes: names of the probes that it looks at.
        of: names of behaviours that must all pass for this one to pass; it has no judge of its own.
    """

    key: str
    title: str
    points: int
    judge: object
    needs: tuple = ()
    probes: tuple = ()
    of: tuple = ()

    @property
    def task(self):
        return int(self.key.split(".")[0])

    @property
    def name(self):
        return self.key.split(".")[1]


@dataclass
class Verdict:
    """The outcome of one behaviour.

    Attributes:
        because: the key of the behaviour that kept it from being judged.
        misnamed: whether it failed for a name alone: such a failure is told after those that train wrongly.
        remark: a sentence that costs nothing, of one that passed.
    """

    behaviour: Behaviour
    status: str
    sentence: str = ""
    because: str = ""
    points: int = field(default=0)
    misnamed: bool = False
    remark: str = ""


class Beside(str):
    """What a judge returns for a failure that keeps nothing else from being judged."""


class Misnamed(Beside):
    """The same for a name that is not the course's, when everything works under the name that it has."""


class Remark(str):
    """What a judge returns when all is well, but a word is due."""


class CannotTell(Exception):
    """Raised by a judge that needs another behaviour, whose name it gives."""


def passes(judge, records):
    """Whether a judge finds nothing wrong; not if it lacks the numbers to tell."""
    try:
        sentence = judge(records)
    except Exception:
        return False
    return sentence is None or isinstance(sentence, Remark)
