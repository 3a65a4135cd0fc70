"""Gradings as people and programs read them: terminal, JSON for Gradescope, JUnit XML, CSV, a summary of a class.

Sentences may quote what a student wrote, so none is printed before `clean` has taken control characters out of it.
"""

import csv
import io
import json
import os
import re
import textwrap
import xml.etree.ElementTree as ElementTree

from gan.files import written_whole
from tests.checker import guidance, inputs
from tests.checker.batch import generation, printable
from tests.checker.rubric import BEHAVIOURS, FAILED, NOT_CHECKED, NOT_STARTED, PASSED, RUBRIC, VERSION

WIDTH = 80
LONGEST_SENTENCE = 600
COLOURS = {PASSED: "32", FAILED: "31", NOT_CHECKED: "33", NOT_STARTED: "33", "strong": "1"}


# -------------------------------------------------------------------- helpers


def clean(text):
    """One line of printable characters, of bearable length."""
    text = printable(str(text)[: 4 * LONGEST_SENTENCE])  # looking at every character of a very long one takes minutes
    return text if len(text) <= LONGEST_SENTENCE else text[: LONGEST_SENTENCE - 4] + " ..."


def sentence_of(verdict):
    """A verdict's sentence with its full stop."""
    text = clean(verdict.sentence)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def root_cause(verdicts):
    """The verdict to look at first: the first failed one, else the first that is not started, else the first that could
    not be checked, else None.

    What fails for a name alone comes after what trains wrongly.
    """
    for status, misnamed in ((FAILED, False), (FAILED, True), (NOT_STARTED, False), (NOT_CHECKED, False)):
        for verdict in verdicts:
            if verdict.status == status and verdict.misnamed == misnamed:
                return verdict
    return None


def remarks(verdicts):
    """Those that passed and have a word more: it costs nothing."""
    return [verdict for verdict in verdicts if verdict.remark]


def remark_of(verdict):
    text = clean(verdict.remark)
    return f"Remark: {text}{'' if text.endswith('.') else '.'}"


def count(verdicts, status):
    return sum(verdict.status == status for verdict in verdicts)


def totals(grading):
    """Points and largest number of points of all graded tasks."""
    return sum(map(grading.points, grading.verdicts)), sum(map(grading.total, grading.verdicts))


def all_passed(grading):
    """Whether there was something to grade, no trouble, and every behaviour passed."""
    return bool(grading.verdicts) and not problem(grading) and root_cause(sum(grading.verdicts.values(), [])) is None


def problem(grading):
    """Why there is no grade at all; empty if there is one."""
    return clean(grading.trouble or grading.absent)


def notices(grading):
    """Sentences on what was not protected, on files that were not graded, and on names that are nearly right."""
    return [f"{clean(sentence)}." for sentence in [grading.warning, *grading.notes] if sentence]


def versions_of(grading):
    """Such as "Python 3.9.25, TensorFlow 2.15.1 (Keras 2)", for each of the Pythons."""
    return " and ".join(
        f"Python {v.get('python', '?')}, {generation(v)}" for v in (grading.versions, grading.other) if v
    )


def plural(number, noun):
    return f"{number} {noun}" + "s" * (number != 1)


def write(path, text):
    """Write text to a file, whole or not at all."""
    with written_whole(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def seed_of(grading):
    """What draws the same inputs again, behind a comma."""
    return "" if grading.seed is None else f", --seed {grading.seed}"


def edition(grading):
    """The version of the rubric and the day of the grading."""
    return f"rubric {VERSION}, {clean(grading.date)}"


class Style:
    """Colours, if the stream is a terminal that wants them."""

    def __init__(self, stream=None, environment=os.environ):
        terminal = stream is not None and stream.isatty()
        self.colours = terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"

    def __call__(self, text, kind):
        return f"\033[{COLOURS[kind]}m{text}\033[0m" if self.colours else text


def wrapped(text, indent, width=WIDTH, first=None):
    """Lines of at most `width` characters, indented; the first one may have another indentation."""
    return textwrap.wrap(text, width, initial_indent=indent if first is None else first, subsequent_indent=indent)


# ------------------------------------------------------------------- terminal


def terminal(grading, style=None, everything=False, hint_steps=0):
    """The report on one folder as lines of at most 80 columns.

    Args:
        everything: every behaviour with its whole sentence; otherwise of each task only what to look at first.
        hint_steps: how much help: 0 what the numbers show, 1 to 3 hints as well, 4 also what to do.
    """
    style = style or Style()
    points, total = totals(grading)
    head = clean(grading.folder) + (f": {points} of {total} points" if grading.verdicts and not grading.trouble else "")
    lines = [style(line, "strong") for line in wrapped(head, "  ", first="")]
    lines += [style(line, NOT_CHECKED) for sentence in notices(grading) for line in wrapped(sentence, "  ")]
    if problem(grading):
        text = f"Not graded: {problem(grading)}. ({edition(grading)})"
        return lines + [style(line, NOT_CHECKED) for line in wrapped(text, "  ")]
    text = f"with {versions_of(grading)}, in {grading.seconds:.0f} s{seed_of(grading)}; " * bool(grading.versions)
    lines += wrapped(text + edition(grading), "  ")
    long = True
    for task, verdicts in grading.verdicts.items():
        before, found = long, task_lines(grading, task, verdicts, style, everything, hint_steps)
        long = len(found) > 1
        lines += [""] * (before or long) + found
    roots = filter(None, map(root_cause, grading.verdicts.values()))
    if hint_steps < guidance.STEPS and not everything and any(root.status == FAILED for root in roots):
        lines += ["", "(--hints 1, 2 and 3 help to find the cause; --hints 4 says what to do)"]
    return lines


def task_lines(grading, task, verdicts, style, everything, hint_steps):
    root = root_cause(verdicts)
    status = root.status if root else PASSED
    words = {PASSED: "all passed", FAILED: "", NOT_CHECKED: "not everything could be checked", NOT_STARTED: ""}[status]
    score = f"Task {task}: {grading.points(task)} of {grading.total(task)} points"
    lines = [style(score, "strong") + (f", {style(words, status)}" if words else "")]
    if everything:
        for verdict in verdicts:
            lines += verdict_lines(verdict, style)
    elif status == NOT_STARTED:
        lines += wrapped(sentence_of(root), "    ", first="  ")
    elif root:
        lines += verdict_lines(root, style, short=True)
    for step, hint in enumerate(guidance.hints_on(root)[:hint_steps] if root else (), 1):
        lines += wrapped(f"Hint {step} on {root.behaviour.key}: {clean(hint)}", "      ", first="    ")
    for told in guidance.text(root, hint_steps, sentence_of(root))[-1:] if root and not everything else ():
        if hint_steps >= guidance.STEPS and told.startswith("What to do"):
            lines += wrapped(told, "      ", first="    ")
    rest = [(count(verdicts, s) - (status == s), s) for s in (FAILED, NOT_CHECKED)]
    rest = [f"{number} more {'failed' if s == FAILED else 'could not be checked'}" for number, s in rest if number]
    if root and rest and not everything:
        lines += wrapped(f"({', '.join(rest)}: --all shows everything)", "  ")
    for verdict in remarks(verdicts) if not everything else ():
        lines += wrapped(remark_of(verdict), "    ", first="  ")
    return lines


def verdict_lines(verdict, style, short=False):
    """Two paragraphs: status, points and title; the sentence, or only what it tells of the numbers."""
    behaviour = verdict.behaviour
    status = {PASSED: "passed", FAILED: "FAILED", NOT_CHECKED: "not checked"}.get(verdict.status, verdict.status)
    first = f"  {status:<11} {verdict.points}/{behaviour.points}  "
    title = guidance.title(behaviour) if short else behaviour.title
    lines = wrapped(f"{behaviour.name}: {clean(title)}", " " * len(first), first=first)
    lines[0] = lines[0].replace(status, style(status, verdict.status), 1)
    if verdict.sentence and short and verdict.status == FAILED:
        lines += wrapped(guidance.text(verdict, 0, sentence_of(verdict))[0], "    ")
    elif verdict.sentence:
        lines += wrapped(("Could not be checked: " * (verdict.status == NOT_CHECKED)) + sentence_of(verdict), "    ")
    return lines + (wrapped(remark_of(verdict), "    ") if verdict.remark else [])


def rubric_lines(style=None, tasks=None):
    """The rubric: every behaviour with its points."""
    style, lines = style or Style(), []
    for task, behaviours in RUBRIC.items():
        if tasks is not None and task not in tasks:
            continue
        title = f"Task {task} ({' or '.join(inputs.FILES[task])}): {sum(b.points for b in behaviours)} points"
        lines += ["", style(title, "strong")]
        for behaviour in behaviours:
            first = f"  {behaviour.points:>2}  {behaviour.name:<22} "
            lines += wrapped(clean(behaviour.title), " " * len(first), first=first)
            if behaviour.needs:
                lines += wrapped(f"needs {', '.join(behaviour.needs)}", " " * (len(first) + 2), first=" " * len(first))
            if behaviour.of:
                text = f"passes if these pass: {', '.join(behaviour.of)}"
                lines += wrapped(text, " " * (len(first) + 2), first=" " * len(first))
    return lines[1:]


# ---------------------------------------------------------------- many folders


def tasks_of(gradings):
    """Task -> its largest number of points, for each task that somebody of the class has handed in."""
    found = {task: grading.total(task) for grading in gradings if not problem(grading) for task in grading.verdicts}
    return dict(sorted(found.items()))


def brief(grading, style=None, tasks=None):
    """A folder among many: its points in a line, and the root cause of each task that is not perfect.

    Args:
        tasks: those of the class, as from `tasks_of`. A folder that lacks some of them is also told out of all of
            them, so that the totals of a class can be compared.
    """
    style, (points, total) = style or Style(), totals(grading)
    if problem(grading):
        return terminal(grading, style)
    parts = ", ".join(f"task {task}: {grading.points(task)}/{grading.total(task)}" for task in grading.verdicts)
    text = f"{clean(grading.folder)}: {points} of {total} points ({parts})"
    missing = [str(task) for task in tasks or () if task not in grading.verdicts]
    if missing:
        words = " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
        text += f", {points} of {sum(tasks.values())} with the missing task{'s' * (len(missing) > 1)} {words}"
    head = wrapped(text, "  ", first="")
    lines = [style(line, PASSED if all_passed(grading) else "strong") for line in head]
    lines += [style(line, NOT_CHECKED) for note in notices(grading) for line in wrapped(note, "  ")]
    for root in filter(None, map(root_cause, grading.verdicts.values())):
        words = "could not be checked: " * (root.status == NOT_CHECKED)
        lines += wrapped(f"{root.behaviour.key}: {words}{sentence_of(root)}", "      ", first="  ")
    for verdict in remarks(sum(grading.verdicts.values(), [])):
        lines += wrapped(f"{verdict.behaviour.key}: {remark_of(verdict)}", "      ", first="  ")
    return lines


def class_summary(gradings):
    """How often each behaviour was missed, the most missed first.

    Returns:
        list of {"behaviour", "title", "failed", "root_cause", "not_checked", "not_started", "graded"}: numbers of
        folders; in "root_cause" of them it was what the student has to look at first.
    """
    rows = {}
    for verdicts in (one for grading in gradings if not problem(grading) for one in grading.verdicts.values()):
        root = root_cause(verdicts)
        for verdict in verdicts:
            row = rows.setdefault(verdict.behaviour.key, {"behaviour": verdict.behaviour.key})
            row.setdefault("title", verdict.behaviour.title)
            for name, found in (
                ("failed", verdict.status == FAILED),
                ("root_cause", verdict is root and root.status == FAILED),
                ("not_checked", verdict.status == NOT_CHECKED),
                ("not_started", verdict.status == NOT_STARTED),
                ("graded", True),
            ):
                row[name] = row.get(name, 0) + found
    return sorted(rows.values(), key=lambda row: (-row["failed"], -row["root_cause"], -row["not_checked"]))


def task_summary(gradings):
    """What a class has reached in each task.

    Returns:
        list of {"task", "folders", "maximum", "mean_points", "mean_share", "all_points", "not_checked"}: folders with a
        file of the task, points and shares of them, how many have all points, and in how many of them something could
        not be checked.
    """
    rows = []
    for task, maximum in tasks_of(gradings).items():
        found = [grading for grading in gradings if not problem(grading) and task in grading.verdicts]
        mean = sum(grading.points(task) for grading in found) / len(found)
        rows.append(
            {
                "task": task,
                "folders": len(found),
                "maximum": maximum,
                "mean_points": round(mean, 2),
                "mean_share": round(mean / maximum, 4),
                "all_points": sum(grading.points(task) == maximum for grading in found),
                "not_checked": sum(count(grading.verdicts[task], NOT_CHECKED) > 0 for grading in found),
            }
        )
    return rows


def figures(gradings):
    """Numbers of folders: all, with all points, not graded; the mean share of the points; the seed of the inputs; the
    version of the rubric and the day of the last grading."""
    graded = [grading for grading in gradings if not problem(grading)]
    shares = [points / total for points, total in map(totals, graded) if total]
    return {
        "folders": len(gradings),
        "all_points": sum(map(all_passed, gradings)),
        "not_graded": len(gradings) - len(graded),
        "mean_share": round(sum(shares) / len(shares), 4) if shares else None,
        "seed": next((grading.seed for grading in gradings), None),
        "rubric": VERSION,
        "date": max((grading.date for grading in gradings), default=""),
    }


def summary_lines(gradings, style=None, most=10):
    """What the class misses most."""
    style, found = style or Style(), figures(gradings)
    when = f" (rubric {found['rubric']}, {clean(found['date'])})"
    text = f"{found['folders']} folders: {found['all_points']} with all points, {found['not_graded']} not graded"
    if found["mean_share"] is not None:
        text += f"; on average {found['mean_share']:.0%} of the points"
    lines = [style(line, "strong") for line in wrapped(text + when, "  ", first="")]
    if found["seed"] is not None:
        lines += wrapped(
            f"The inputs were drawn with --seed {found['seed']}, the same ones for every folder.", "  ", first=""
        )
    for row in task_summary(gradings):
        text = (
            f"Task {row['task']}: {plural(row['folders'], 'folder')}, on average {row['mean_points']:.1f} of "
            f"{row['maximum']} points ({row['mean_share']:.0%}), {row['all_points']} with all points"
        )
        if row["not_checked"]:
            text += f", {row['not_checked']} in which something could not be checked"
        lines += wrapped(text, "      ", first="  ")
    missed = [row for row in class_summary(gradings) if row["failed"] and not BEHAVIOURS[row["behaviour"]].of]
    if missed:
        words = "folders, those in which it is the first thing to look at, and those in which it could not be checked"
        lines += wrapped(f"Missed most ({words}):", "  ", first="")
    for row in missed[:most]:
        numbers = f"{row['failed']:>4} of {row['graded']:<4} {row['root_cause']:>4} first {row['not_checked']:>4} open"
        first = f"  {numbers}  "
        lines += wrapped(f"{row['behaviour']}: {clean(row['title'])}", " " * len(first), first=first)
    if len(missed) > most:
        lines.append(f"  and {len(missed) - most} more")
    return lines


# ------------------------------------------------------------------------ JSON


def gradescope(grading, level=None):
    """A grading as the object that Gradescope reads from results.json.

    Args:
        level: how much help its texts give, as `hint_steps` of `terminal`; None: whole sentences.
    """
    points, total = totals(grading)
    result = {
        "score": points,
        "execution_time": round(grading.seconds, 1),
        "output": overview(grading, level),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {
            "max_score": total,
            "versions": [v for v in (grading.versions, grading.other) if v],
            "seed": grading.seed,
            "rubric": VERSION,
            "date": clean(grading.date),
        },
    }
    if grading.warning:
        result["extra_data"]["warning"] = clean(grading.warning)
    if grading.notes:
        result["extra_data"]["notes"] = [clean(note) for note in grading.notes]
    if grading.trouble:  # no grade is better than a zero that nobody earned
        del result["score"]
        return result
    for task, verdicts in grading.verdicts.items():
        root = root_cause(verdicts)
        result["tests"] += [one_test(task, i, verdict, verdict is root, level) for i, verdict in enumerate(verdicts, 1)]
    return result


def one_test(task, number, verdict, is_root, level=None):
    behaviour = verdict.behaviour
    title = behaviour.title if level is None else guidance.title(behaviour)
    test = {
        "name": f"Task {task}: {clean(title)}",
        "number": f"{task}.{number}",
        "score": verdict.points,
        "max_score": behaviour.points,
        "status": "passed" if verdict.status == PASSED else "failed",
        "output": f"{'Could not be checked: ' * (verdict.status == NOT_CHECKED)}{sentence_of(verdict)}"
        if verdict.sentence
        else remark_of(verdict)
        if verdict.remark
        else "",
        "output_format": "text",
        "visibility": "visible",
        "tags": [behaviour.key],
        "extra_data": {
            "behaviour": behaviour.key,
            "status": verdict.status,
            "root_cause": is_root,
            "remark": clean(verdict.remark),
        },
    }
    if level is not None and verdict.status in (FAILED, NOT_STARTED):
        told = guidance.text(verdict, level if is_root else 0, sentence_of(verdict))
        test["output"] = "\n".join(told)
        if is_root:
            test["extra_data"]["hints"] = list(guidance.hints_on(verdict)[:level])
    if verdict.status == NOT_CHECKED:
        del test["status"]  # Gradescope knows no third outcome; the score speaks
    return test


def overview(grading, level=None):
    """A few lines on the whole submission: versions, and what to look at first in each task, with help of a level."""
    if problem(grading):
        return "\n".join([f"Not graded: {problem(grading)}. ({edition(grading)})", *notices(grading)])
    lines = [f"Graded with {versions_of(grading)}{seed_of(grading)} ({edition(grading)}).", *notices(grading)]
    for task, verdicts in grading.verdicts.items():
        root = root_cause(verdicts)
        words = "Could not be checked: " * bool(root and root.status == NOT_CHECKED)
        also = "".join(f" {remark_of(verdict)}" for verdict in remarks(verdicts))
        told = words + sentence_of(root) if root else "all passed."
        if root and level is not None:
            told = words + guidance.text(root, min(level, 0), sentence_of(root))[0]
        lines.append(f"Task {task}: {told}{also}")
    return "\n".join(lines)


def json_text(gradings, level=None):
    """One folder: Gradescope's object. Many: {"students": {folder: object}, "summary": {...}}."""
    if len(gradings) == 1:
        document = gradescope(gradings[0], level)
    else:
        document = {
            "students": {grading.folder: gradescope(grading, level) for grading in gradings},
            "summary": {
                **figures(gradings),
                "tasks": task_summary(gradings),
                "behaviours": class_summary(gradings),
            },
        }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


# ----------------------------------------------------------------------- JUnit


def junit(gradings):
    """JUnit XML: a test suite for each task of each folder, a test case for each behaviour."""
    root = ElementTree.Element("testsuites", name="checker")
    for grading in gradings:
        name = clean(grading.folder)
        if problem(grading):
            suite = suite_of(root, name, [])
            add_properties(suite, grading)
            case = case_of(suite, name, "grading")
            ElementTree.SubElement(case, "error", message=problem(grading), type="not graded")
            continue
        for task, verdicts in grading.verdicts.items():
            suite = suite_of(root, f"{name}: task {task}", verdicts)
            add_properties(suite, grading)
            for verdict in verdicts:
                case = case_of(suite, f"{name}.task{task}", verdict.behaviour.name)
                kind = {FAILED: "failure", NOT_CHECKED: "skipped", NOT_STARTED: "skipped"}.get(verdict.status)
                if kind:
                    outcome = ElementTree.SubElement(case, kind, message=sentence_of(verdict))
                    outcome.text = clean(verdict.behaviour.title)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name)) for suite in root)))
    root.set("time", f"{sum(grading.seconds for grading in gradings):.1f}")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def suite_of(root, name, verdicts):
    numbers = {
        "tests": len(verdicts) or 1,
        "failures": count(verdicts, FAILED),
        "errors": int(not verdicts),
        "skipped": count(verdicts, NOT_CHECKED) + count(verdicts, NOT_STARTED),
    }
    return ElementTree.SubElement(root, "testsuite", {"name": name, **{k: str(v) for k, v in numbers.items()}})


def add_properties(suite, grading):
    """Rubric, date, seed and notices, as properties, which come before the cases of a suite."""
    found = [("rubric", VERSION), ("date", clean(grading.date))]
    found += [("seed", grading.seed)] * (grading.seed is not None) + [("notice", one) for one in notices(grading)]
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in found:
        ElementTree.SubElement(properties, "property", name=name, value=str(value))


def case_of(suite, classname, name):
    return ElementTree.SubElement(suite, "testcase", classname=classname, name=name)


# ------------------------------------------------------------------------- CSV

VERSIONS = ("python", "tensorflow", "keras")
COLUMNS = [
    "folder",
    *(f"task_{task}" for task in RUBRIC),
    "total",
    "maximum",
    "class_maximum",
    *(f"cause_{task}" for task in RUBRIC),
    *VERSIONS,
    *(f"other_{name}" for name in VERSIONS),
    "seconds",
    "not_graded",
]


def csv_text(gradings):
    """A row for each folder. Points of a task without a file stay empty, as do all of a folder that is not graded."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    whole = sum(tasks_of(gradings).values())
    for grading in gradings:
        row = {
            "folder": cell(grading.folder),
            "seconds": round(grading.seconds, 1),
            "not_graded": cell(problem(grading)),
        }
        for prefix, versions in (("", grading.versions), ("other_", grading.other)):
            row.update({prefix + name: cell(versions.get(name, "")) for name in VERSIONS})
        if not problem(grading):
            row["total"], row["maximum"] = totals(grading)
            row["class_maximum"] = whole
            for task, verdicts in grading.verdicts.items():
                root = root_cause(verdicts)
                row[f"task_{task}"] = grading.points(task)
                row[f"cause_{task}"] = cell(f"{root.behaviour.key}: {sentence_of(root)}") if root else ""
        writer.writerow(row)
    return text.getvalue()


FORMULA = "=+\\-@|%＝＋－＠｜％−"  # what a formula, or a command of old, begins with, in wide characters too
STARTS = re.compile(rf"(^|[;,|:\"'])(\s*)(?=[{FORMULA}])")


def cell(text):
    """Text for a cell: a spreadsheet must not take what a student wrote for a formula.

    Nor must one that splits at semicolons, as many countries' do: an apostrophe stands before all that begins a part.
    """
    return STARTS.sub(r"\1\2'", clean(text))
