"""Grade solutions of the five tasks. Behaviour is judged, never style.

python -m tests.checker FOLDER                 one student: points, and what to look at first
python -m tests.checker FOLDER --hints         with a first hint
python -m tests.checker CLASS/*/ --jobs 2 --csv class.csv
python -m tests.checker DOWNLOAD.zip           a class as Moodle, Canvas or Brightspace give it
"""

import argparse
import functools
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from tests.checker import batch, class_page, gradebooks, grading, guidance, intake, process, reports, rubric
from tests.checker.batch import Settings
from tests.checker.submission import Submission

PASSED, SOME_FAILED, WRONG_USAGE, TROUBLE, INTERRUPTED = 0, 1, 2, 3, 130
EXIT_CODES = """exit code: 0 everything passed; 1 something failed or could not be checked; 2 wrong usage; 3 the
machine was in trouble, or a report could not be written; 130 interrupted"""


ONLY_GRADES = "this copy of the checker only grades: starters and packages are made with the course's own"


class WrongUsage(Exception):
    """What the user asked for cannot be done; the message is a sentence."""


def parser():
    usage = "python -m tests.checker FOLDER [FOLDER ...] [options]"
    result = argparse.ArgumentParser(
        usage=usage, description=__doc__, epilog=EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = result.add_argument
    add("folders", nargs="*", metavar="FOLDER", help="holds some of the five task files; or a zip archive, a task "
        "file, a notebook, the download of a class from a learning platform")
    add("--class", dest="of_a_class", action="store_true", help="each FOLDER holds a folder, an archive or files for "
        "each student of a class; not needed where a learning platform has named them")
    add("--task", type=int, action="append", choices=sorted(rubric.RUBRIC), help="only this task; may be repeated")
    add("--all", action="store_true", help="show every behaviour, not only the first thing to look at")
    add("--hints", type=int, nargs="?", const=1, choices=range(guidance.STEPS + 1), help="0: what the numbers show; "
        "1 to 3: and hints, from where to look to how to find out; 4: and what to do. Also for --json, which has whole "
        "sentences without it")
    add("--json", metavar="FILE", help="write the results as Gradescope reads them")
    add("--junit", metavar="FILE", help="write the results as JUnit XML")
    add("--csv", metavar="FILE", help="write a row for each folder")
    add("--html", metavar="FILE", help="write a page on the class, with the report on each folder")
    add("--canvas", metavar="FILE", help="write the points as Canvas imports them")
    add("--moodle", metavar="FILE", help="write the points as Moodle imports them")
    add("--column", metavar="NAME", default="GAN course", help="what Canvas calls the assignment")
    add("--jobs", type=int, default=1, metavar="N", help="grade N folders at a time (default 1)")
    add("--resume", action="store_true", help="grade only what is missing in, or newer than, the state file")
    add("--seed", type=int, metavar="N", help="draw the inputs of the probes from this seed (default: a new one)")
    add("--python", metavar="OTHER", help="grade with this Python, too; the worse of both counts")
    add("--time-limit", type=float, metavar="SECONDS", help="for each task (default 90)")
    add("--memory", type=float, metavar="GB", help="for each solution (default 8)")
    add("--starter", metavar="DIR", help="write the student's starter folder, and grade nothing")
    add("--package", nargs=2, metavar=("SERVICE", "OUT"), help="write what an autograder needs, and grade nothing: "
        "gradescope OUT.zip, or classroom50 OUT")
    add("--list", action="store_true", help="print the rubric, and grade nothing")
    return result


def parsed(arguments):
    """The command line; `--hints` without a number may stand before a folder."""
    arguments = list(arguments)
    for i, argument in enumerate(arguments):
        if argument == "--hints" and arguments[i + 1 : i + 2] not in ([str(n)] for n in range(guidance.STEPS + 1)):
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


def is_gradable(path):
    """Whether a path of the command line may hold something to grade."""
    return os.path.isdir(path) or (os.path.isfile(path) and (intake.is_code(path) or path.lower().endswith(".zip")))


def chosen_students(options, settings, taken):
    """The students, each once, in the order given; `taken` is the Intake that sorts them."""
    if not options.folders:
        raise WrongUsage("no folder to grade: python -m tests.checker FOLDER (--help shows all options)")
    named = [folder for folder in options.folders if is_gradable(folder) or (len(options.folders) > 1 and
             os.path.isfile(folder))]  # CLASS/* names whatever lies there  # fmt: skip
    for folder in options.folders:
        if folder not in named:
            sentence = f"{folder!r} is not a folder" + ("" if os.path.exists(folder) else ": there is no such")
            raise NothingToGrade(sentence, [grading.Grading(os.path.basename(folder) or folder, absent=sentence)])
    students = taken.take(named, options.of_a_class)
    alone = Submission(students[0].folder) if len(students) == 1 and students[0].direct else None
    like_a_class = bool(alone) and alone.looks_like_a_class()
    wanted = set(settings.tasks or rubric.RUBRIC)
    if like_a_class or not any(set(grading.present(student.folder)) & wanted for student in students):
        found = [batch.nothing(student.folder, settings) for student in students]
        for result, student in zip(found, students):
            result.folder, result.notes = student.label, student.notes + result.notes
        inside = os.path.join(options.folders[0], "*/")
        more = f"; for the folders inside it write {inside}, or --class" if like_a_class else ""
        notes = [] if like_a_class else [note for result in found[:1] for note in result.notes[:1]]
        sentence = f"{batch.absent(settings.tasks)} ({options.folders[0]}{more})"
        raise NothingToGrade(". ".join([sentence, *map(reports.clean, notes)]), found)
    return students


def check_outputs(options):
    """Find out before an hour of grading whether the reports can be written."""
    for name in ("json", "junit", "csv", "html", "canvas", "moodle"):
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


def grade_all(students, options, settings, grade=None, stream=None):
    """Grade what the students have handed in; returns gradings in their order.

    Raises:
        KeyboardInterrupt: interrupted; its argument says how to go on.
    """
    by_folder = {student.folder: student for student in students}
    folders, keys = list(by_folder), {student.folder: student.key for student in students}
    state = opened_state(options) if len(folders) > 1 or options.resume else None
    marks, results, known = {}, {}, state.load() if options.resume else {}
    seed = seed_so_far(known, keys.values())
    if seed is not None:  # a class has one
        if options.seed not in (None, seed):
            words = f"--seed {options.seed} is not used: what {state.path} holds of these folders was begun with --seed"
            print(f"{words} {seed}. Without --resume they are graded anew.", file=stream or sys.stderr)
        settings = replace(settings, seed=seed)
    if state:
        marks = {folder: mark_of(folder, settings) for folder in folders}
        results = {
            folder: known[keys[folder], marks[folder]] for folder in folders if (keys[folder], marks[folder]) in known
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
            state.add(keys[folder], marks[folder], result)
        if len(folders) > 1:
            progress.advance(by_folder[folder].label)

    servers = process.Servers(path for folder in folders for path in grading.secret_of(folder))
    grade = grade or functools.partial(grading.grade, servers=servers)
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
        servers.close()
    for folder, student in by_folder.items():
        results[folder].folder = student.label
        results[folder].notes = [*student.notes, *results[folder].notes]
        results[folder].student = asdict(student.owner) if student.owner.platform else {}
    return [results[folder] for folder in folders]


def seed_so_far(known, keys):
    """The seed of the latest grading of one of the students that the state file knows; None if there is none."""
    paths = set(keys)
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
            lines += [*reports.terminal(result, style, options.all, options.hints or 0), ""]
    if len(gradings) > 1:
        lines += ["", *reports.summary_lines(gradings, style)]
    print_lines(lines, stream)


def left_over_lines(files):
    """What a download holds that belongs to no student."""
    more = f" and {len(files) - 10} more" if len(files) > 10 else ""
    listed = ", ".join(map(reports.clean, files[:10]))
    return ["", *reports.wrapped(f"Left over, because no student's name is on it: {listed}{more}", "  ", first="")]


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
    texts = {
        "json": lambda found: reports.json_text(found, options.hints),
        "junit": reports.junit,
        "csv": reports.csv_text,
        "html": class_page.page,
        "canvas": lambda found: gradebooks.canvas(found, options.column),
        "moodle": gradebooks.moodle,
    }
    for name, text in texts.items():
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
    try:
        from tests.checker import starter  # not needed for grading, and left behind where the checker is copied
    except ImportError:
        raise WrongUsage(f"--starter: {ONLY_GRADES}") from None
    try:
        starter.write(folder)
    except (OSError, ValueError) as error:
        raise WrongUsage(f"--starter: {getattr(error, 'strerror', None) or error} ({folder})") from None


def write_package(service, target):
    try:
        from tests.checker import packages
    except ImportError:
        raise WrongUsage(f"--package: {ONLY_GRADES}") from None
    if service not in packages.SERVICES:
        raise WrongUsage(f"--package: expected {' or '.join(packages.SERVICES)}, got {service!r}")
    try:
        packages.SERVICES[service](target)
    except (OSError, ValueError) as error:
        raise WrongUsage(f"--package: {getattr(error, 'strerror', None) or error} ({target})") from None


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
        if options.package is not None:
            write_package(*options.package)
            print(f"The package for {options.package[0]} is {options.package[1]}", file=out)
            return PASSED
        settings = chosen_settings(options)
        check_outputs(options)
        with intake.Intake() as taken:
            students = chosen_students(options, settings, taken)
            gradings = grade_all(students, options, settings, grade, errors)
        failed = write_reports(gradings, options)  # first: whoever reads the terminal may stop reading
        show(gradings, options, out)
        if taken.left_over:
            print_lines(left_over_lines(taken.left_over), out)
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
