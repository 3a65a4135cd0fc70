"""Grade solutions of the five tasks. Behaviour is judged, never style.

python -m tests.checker FOLDER                 one student: points, and what to look at first
python -m tests.checker FOLDER --hints         with a first hint
python -m tests.checker CLASS/*/ --jobs 2 --csv class.csv
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.checker import batch, grading, hints, reports, rubric
from tests.checker.batch import Settings

PASSED, SOME_FAILED, WRONG_USAGE, TROUBLE, INTERRUPTED = 0, 1, 2, 3, 130
EXIT_CODES = """exit code: 0 everything passed; 1 something failed or could not be checked; 2 wrong usage; 3 the
machine was in trouble, or a report could not be written; 130 interrupted"""


class WrongUsage(Exception):
    """What the user asked for cannot be done; the message is a sentence."""


def parser():
    usage = "python -m tests.checker FOLDER [FOLDER ...] [options]"
    result = argparse.ArgumentParser(
        usage=usage, description=__doc__, epilog=EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = result.add_argument
    add("folders", nargs="*", metavar="FOLDER", help="holds some of the five task files")
    add("--task", type=int, action="append", choices=sorted(rubric.RUBRIC), help="only this task; may be repeated")
    add("--all", action="store_true", help="show every behaviour, not only the first thing to look at")
    add("--hints", type=int, nargs="?", const=1, default=0, choices=(1, 2, 3), help="hints, the nearer the higher")
    add("--json", metavar="FILE", help="write the results as Gradescope reads them")
    add("--junit", metavar="FILE", help="write the results as JUnit XML")
    add("--csv", metavar="FILE", help="write a row for each folder")
    add("--jobs", type=int, default=1, metavar="N", help="grade N folders at a time (default 1)")
    add("--resume", action="store_true", help="grade only what is missing in, or newer than, the state file")
    add("--seed", type=int, metavar="N", help="draw the inputs of the probes from this seed (default: a new one)")
    add("--python", metavar="OTHER", help="grade with this Python, too; the worse of both counts")
    add("--time-limit", type=float, metavar="SECONDS", help="for each task (default 90)")
    add("--memory", type=float, metavar="GB", help="for each solution (default 8)")
    add("--starter", metavar="DIR", help="write the student's starter folder, and grade nothing")
    add("--list", action="store_true", help="print the rubric, and grade nothing")
    return result


def parsed(arguments):
    """The command line; `--hints` without a number may stand before a folder."""
    arguments = list(arguments)
    for i, argument in enumerate(arguments):
        if argument == "--hints" and arguments[i + 1 : i + 2] not in ([str(n)] for n in range(1, hints.STEPS + 1)):
            arguments[i] = "--hints=1"
    return parser().parse_args(arguments)


# ------------------------------------------------------------ before grading


def chosen_settings(options):
    limits = grading.Limits()
    for name, value in (("--time-limit", options.time_limit), ("--memory", options.memory), ("--jobs", options.jobs)):
        if value is not None and not 0 < value < float("inf"):
            raise WrongUsage(f"{name}: expected a positive number, got {value}")
    if options.seed is not None and not 0 <= options.seed < 2**53:  # a JSON reader may keep no more digits
        raise WrongUsage(f"--seed: expected a whole number from 0 to 2^53 - 1, got {options.seed}")
    if options.time_limit:
        limits.task, limits.probe = options.time_limit, min(limits.probe, options.time_limit)
    limits.memory = options.memory or limits.memory
    pythons = [sys.executable] + ([found_python(options.python)] if options.python else [])
    settings = Settings(pythons, sorted(set(options.task)) if options.task else None, limits)
    if options.seed is not None:
        settings.seed = options.seed
    return settings


def found_python(name):
    """The absolute path of an interpreter; a link stays a link, because it belongs to its environment."""
    found = shutil.which(name)
    if not found:
        raise WrongUsage(f"--python: there is no program {name!r}")
    return os.path.abspath(found)


class NothingToGrade(WrongUsage):
    """Wrong usage that a report can tell of; `gradings` is what it shows."""

    def __init__(self, sentence, gradings):
        super().__init__(sentence)
        self.gradings = gradings


def chosen_folders(options, settings):
    """The folders, each once, in the order given."""
    if not options.folders:
        raise WrongUsage("no folder to grade: python -m tests.checker FOLDER (--help shows all options)")
    for folder in options.folders:
        if not os.path.isdir(folder):
            sentence = f"{folder!r} is not a folder" + ("" if os.path.exists(folder) else ": there is no such")
            raise NothingToGrade(sentence, [grading.Grading(os.path.basename(folder) or folder, absent=sentence)])
    folders = list(dict.fromkeys(Path(folder).resolve() for folder in options.folders))
    if not any(set(grading.present(folder)) & set(settings.tasks or rubric.RUBRIC) for folder in folders):
        found = [batch.nothing(folder, settings) for folder in folders]
        for result, name in zip(found, batch.labels(folders)):
            result.folder = name
        inside = any(grading.present(path) for folder in folders for path in subfolders(folder))
        more = f"; for the folders inside it write {os.path.join(options.folders[0], '*/')}" if inside else ""
        notes = found[0].notes[:1] if not inside else []
        sentence = f"{batch.absent(settings.tasks)} ({options.folders[0]}{more})"
        raise NothingToGrade(". ".join([sentence, *map(reports.clean, notes)]), found)
    return folders


def subfolders(folder):
    try:
        return [path for path in folder.iterdir() if os.path.isdir(path)]
    except OSError:  # the report says that it cannot be read
        return []


def check_outputs(options):
    """Find out before an hour of grading whether the reports can be written."""
    for name in ("json", "junit", "csv"):
        path = getattr(options, name)
        if path is None:
            continue
        try:
            if os.path.isdir(path):
                raise IsADirectoryError(0, "it is a folder")
            with tempfile.TemporaryFile(dir=os.path.dirname(os.path.abspath(path))):
                pass
        except OSError as error:
            raise WrongUsage(f"--{name}: {path!r} cannot be written: {error.strerror}") from None


def state_path(options):
    """checker-results.jsonl, beside the CSV or JSON file if there is one, else in the current folder."""
    return Path(options.csv or options.json or "").parent / "checker-results.jsonl"


def opened_state(options):
    try:
        return batch.State(state_path(options))
    except OSError as error:
        raise WrongUsage(f"the results so far cannot be kept in {state_path(options)}: {error.strerror}") from None


# ------------------------------------------------------------------- grading


def grade_all(folders, options, settings, grade=grading.grade, stream=None):
    """Grade the folders; returns gradings in their order.

    Raises:
        KeyboardInterrupt: interrupted; its argument says how to go on.
    """
    names = dict(zip(folders, batch.labels(folders)))
    state = opened_state(options) if len(folders) > 1 or options.resume else None
    marks, results, known = {}, {}, state.load() if options.resume else {}
    seed = seed_so_far(known, folders)
    if seed is not None:  # a class has one
        if options.seed not in (None, seed):
            words = f"--seed {options.seed} is not used: what {state.path} holds of these folders was begun with --seed"
            print(f"{words} {seed}. Without --resume they are graded anew.", file=stream or sys.stderr)
        settings = replace(settings, seed=seed)
    if state:
        marks = {folder: mark_of(folder, settings) for folder in folders}
        results = {
            folder: known[str(folder), marks[folder]] for folder in folders if (str(folder), marks[folder]) in known
        }
        if state.strange:
            verbs = ("was", "does") if state.strange == 1 else ("were", "do")
            lines = f"{state.strange} line{'s' * (state.strange > 1)} of {state.path}"
            print(f"{lines} {verbs[0]} not written by this checker and {verbs[1]} not count", file=stream or sys.stderr)
    progress = batch.Progress(len(folders), len(results), stream or sys.stderr)
    waiting = [folder for folder in folders if folder not in results]
    if results:
        print(f"{len(results)} of {len(folders)} are known from {state.path}", file=progress.stream)

    def done(folder, result):
        results[folder] = result
        if state and not result.trouble and marks[folder]:
            state.add(folder, marks[folder], result)
        if len(folders) > 1:
            progress.advance(names[folder])

    try:
        progress.show()
        batch.run_all(
            waiting, lambda folder, stop: batch.grade_folder(folder, settings, stop, grade), options.jobs, done
        )
    except KeyboardInterrupt:
        kept = f"; {len(results)} of {len(folders)} are kept in {state.path}" if state else ""
        how = ". The same command with --resume goes on" if state else ""
        raise KeyboardInterrupt(f"Interrupted{kept}{how}.") from None
    finally:
        progress.close()
    for folder, name in names.items():
        results[folder].folder = name
    return [results[folder] for folder in folders]


def seed_so_far(known, folders):
    """The seed of the latest grading of one of the folders that the state file knows; None if there is none."""
    paths = set(map(str, folders))
    seeds = [result.seed for (path, _), result in known.items() if path in paths and result.seed is not None]
    return seeds[-1] if seeds else None


def mark_of(folder, settings):
    try:
        return batch.fingerprint(folder, settings)
    except OSError:  # unreadable: the grading will say so
        return ""


# ------------------------------------------------------------------- reports


def show(gradings, options, stream):
    style, lines, tasks = reports.Style(stream), [], reports.tasks_of(gradings)
    for result in gradings:
        if len(gradings) > 1 and not options.all and not options.hints:
            lines += reports.brief(result, style, tasks)
        else:
            lines += [*reports.terminal(result, style, options.all, options.hints), ""]
    if len(gradings) > 1:
        lines += ["", *reports.summary_lines(gradings, style)]
    print_lines(lines, stream)


def print_lines(lines, stream):
    while lines and not lines[-1]:
        lines = lines[:-1]
    encoding = getattr(stream, "encoding", None) or "utf-8"
    for line in lines:
        print(line.encode(encoding, "replace").decode(encoding), file=stream)
    stream.flush()


def write_reports(gradings, options):
    """Write the files that were asked for; returns sentences on those that could not be written."""
    failed = []
    for name, text in (("json", reports.json_text), ("junit", reports.junit), ("csv", reports.csv_text)):
        path = getattr(options, name)
        if path is not None:
            try:
                reports.write(path, text(gradings))
            except OSError as error:
                failed.append(f"--{name}: {path!r} cannot be written: {error.strerror}")
    return failed


def exit_code(gradings):
    if any(result.trouble for result in gradings):
        return TROUBLE
    return PASSED if all(map(reports.all_passed, gradings)) else SOME_FAILED


def write_starter(folder):
    from tests.checker import starter  # not needed for grading

    try:
        starter.write(folder)
    except (OSError, ValueError) as error:
        raise WrongUsage(f"--starter: {getattr(error, 'strerror', None) or error} ({folder})") from None


def run(arguments, grade=grading.grade, out=None, errors=None):
    """Do what the command line says; returns the exit code."""
    out, errors = out or sys.stdout, errors or sys.stderr
    try:
        options = parsed(arguments)
        if options.list:
            print_lines(reports.rubric_lines(reports.Style(out), options.task), out)
            return PASSED
        if options.starter is not None:
            write_starter(options.starter)
            print(f"The starter folder is {options.starter}", file=out)
            return PASSED
        settings = chosen_settings(options)
        check_outputs(options)
        folders = chosen_folders(options, settings)
        gradings = grade_all(folders, options, settings, grade, errors)
        failed = write_reports(gradings, options)  # first: whoever reads the terminal may stop reading
        show(gradings, options, out)
    except WrongUsage as error:
        written = write_reports(error.gradings, options) if isinstance(error, NothingToGrade) else []
        for sentence in [str(error), *written]:
            print(sentence, file=errors)
        return WRONG_USAGE
    except KeyboardInterrupt as error:
        print(str(error) or "Interrupted.", file=errors)
        return INTERRUPTED
    for sentence in failed:
        print(sentence, file=errors)
    return TROUBLE if failed else exit_code(gradings)


def main():
    # Both end the workers; a shell that starts this in the background may have switched Ctrl-C off.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        code = run(sys.argv[1:])
    except BrokenPipeError:  # whoever read the report has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = TROUBLE
    sys.exit(code)


if __name__ == "__main__":
    main()
