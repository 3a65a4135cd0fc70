"""From records to verdicts: every behaviour of the rubric is asked, in order; what needs another one waits for it."""

from tests.checker.once import Records
from tests.checker.outcomes import (
    FAILED,
    NOT_CHECKED,
    NOT_STARTED,
    PASSED,
    Beside,
    CannotTell,
    Misnamed,
    Remark,
    Verdict,
)
from tests.checker.records import said
from tests.checker.rubric import BEHAVIOURS, RUBRIC


def probes_of(task):
    """The names of the probes that a task needs, in the order in which they run."""
    names = []
    for behaviour in RUBRIC[task]:
        names += [probe for probe in behaviour.probes if probe not in names]
    return [f"{task}.{name}" for name in names]


def first_failure(behaviour, records):
    """A sentence if one of the behaviour's probes has failed; a judge may know a better one."""
    for probe in behaviour.probes:
        if "failed" in records.get(probe, {}):
            return f"This cannot be tried: {said(records[probe]['failed'])}"
    return None


def still_needed(task, records):
    """The names of the probes without a record that some behaviour still waits for.

    A behaviour whose probe has stopped is lost, and so are those that need it: their other probes need not run.
    """
    lost, names = set(), []
    for behaviour in RUBRIC[task]:
        failed = [records.get(probe, {}).get("failed") or {} for probe in behaviour.probes]
        if lost.intersection(behaviour.needs) or any(one.get("error") == "Stopped" for one in failed):
            lost.add(behaviour.name)
        else:
            names += [probe for probe in behaviour.probes if probe not in records and probe not in names]
    return names


def judge_task(task, records, trouble=None):
    """Verdicts on every behaviour of a task.

    Args:
        records: probe name (without the task) -> record; a probe that did not end has {"failed": {...}}.
        trouble: a sentence if the machine, and not the solution, kept the probes from running.
    """
    verdicts, beside, records = {}, set(), Records(records)
    for behaviour in RUBRIC[task]:
        if trouble:
            verdicts[behaviour.name] = Verdict(behaviour, NOT_CHECKED, trouble)
            continue
        if behaviour.of:
            verdicts[behaviour.name] = the_whole(behaviour, verdicts)
            continue
        blocked = [name for name in behaviour.needs if verdicts[name].status != PASSED and name not in beside]
        if blocked:
            verdicts[behaviour.name] = waiting_for(behaviour, verdicts[blocked[0]])
            continue
        lost = [records[probe]["not_reached"] for probe in behaviour.probes if "not_reached" in records.get(probe, {})]
        missing = [probe for probe in behaviour.probes if probe not in records]
        stopped = [records[probe].get("failed") or {} for probe in behaviour.probes if probe in records]
        if (lost or missing) and not any(one.get("error") == "Stopped" for one in stopped):
            verdicts[behaviour.name] = Verdict(
                behaviour, NOT_CHECKED, lost[0] if lost else f"the probe {missing[0]} gave no record"
            )
            continue
        try:
            sentence = behaviour.judge(records)
        except CannotTell as other:
            verdicts[behaviour.name] = waiting_for(behaviour, verdicts[str(other)])
            continue
        except Exception as error:  # records come from the student's process: whatever they hold, it is no pass
            sentence = f"The numbers that came back cannot be read ({type(error).__name__}: {error})"
            sentence = first_failure(behaviour, records) or sentence
        remark = str(sentence) if isinstance(sentence, Remark) else ""
        sentence = ("" if remark else sentence) or first_failure(behaviour, records)
        if sentence:
            verdicts[behaviour.name] = Verdict(
                behaviour, FAILED, str(sentence), misnamed=isinstance(sentence, Misnamed)
            )
            beside.update([behaviour.name] * isinstance(sentence, Beside))
        else:
            verdicts[behaviour.name] = Verdict(behaviour, PASSED, points=behaviour.points, remark=remark)
    return list(verdicts.values())


def the_whole(behaviour, verdicts):
    """The verdict on a behaviour that consists of others. What is misnamed, or open for a name alone, does no harm."""
    parts = [verdicts[name] for name in behaviour.of]
    failed = [f'"{part.behaviour.title}"' for part in parts if part.status == FAILED and not part.misnamed]
    if failed:
        return Verdict(behaviour, FAILED, f"It does not, because this failed: {' and '.join(failed[:3])}")
    for part in parts:
        root = verdicts.get(part.because.partition(".")[2])
        if part.status in (NOT_CHECKED, NOT_STARTED) and not (root and root.misnamed):
            return waiting_for(behaviour, part) if part.because else Verdict(behaviour, NOT_CHECKED, part.sentence)
    return Verdict(behaviour, PASSED, points=behaviour.points)


def waiting_for(behaviour, other):
    """The verdict on a behaviour that cannot be judged because of another verdict."""
    root = other.because or other.behaviour.key
    return Verdict(behaviour, NOT_CHECKED, f'needs "{BEHAVIOURS[root].title}"', root)
