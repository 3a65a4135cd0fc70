"""Independent runs, such as the same training from several seeds, shared out over processes or over machines.

    for number, result in jobs.results(function, calls, options):   # options of a parser with `add_jobs`
        ...

joblib does the work. With `--dask ADDRESS` it hands the runs to a cluster of Dask, whose workers have this package.
"""

import contextlib
import io
import re
import sys

from gan.options import whole_number

PATIENCE = 20  # seconds that a scheduler has to answer


def add_jobs(parser, what="runs"):
    """The options `--jobs` and `--dask`."""
    parser.add_argument("--jobs", type=whole_number(1, 1024), default=1, metavar="N",
                        help=f"share the {what} out over N processes of this machine (default 1)")
    parser.add_argument("--dask", metavar="ADDRESS",
                        help=f"share the {what} out over the Dask cluster whose scheduler has this address, such as "
                             "tcp://10.0.0.5:8786; needs the package distributed")


def results(function, calls, options):
    """Yield (number of the call, what `function(*call)` returned) for each of the calls, as soon as it has ended.

    With one process they run here, one after the other. Else they end in any order. A run must not depend on those
    before it: it seeds what it draws. What has been yielded is safe if a later one fails or is stopped.

    Args:
        function: of a module, not of a script: other processes import it.
        calls: list of tuples of arguments.
        options: of a command line with `add_jobs`.
    """
    if options.jobs == 1 and not options.dask:
        for number, call in enumerate(calls):
            yield number, function(*call)
        return
    from joblib import Parallel, delayed, parallel_config
    with contextlib.ExitStack() as stack:
        if options.dask:
            stack.enter_context(_client(options.dask))
            stack.enter_context(parallel_config("dask"))
        else:
            stack.enter_context(parallel_config("loky", n_jobs=options.jobs))
        numbered = (delayed(_numbered)(function, number, call) for number, call in enumerate(calls))
        parallel = Parallel(return_as="generator_unordered", pre_dispatch="all", batch_size=1)
        try:
            yield from parallel(numbered)
        except SystemExit as error:  # of a run that ended in a sentence, which is lost on the way
            sys.exit(*error.args)


def _client(address):
    """The connection to a Dask cluster; ends the program in one sentence where there is none."""
    try:
        from distributed import Client
    except ImportError:
        sys.exit("--dask: the package distributed is not installed: pip install distributed")
    wrong = f"--dask: expected the address of a running Dask scheduler, such as tcp://10.0.0.5:8786, got {address!r}"
    if not re.fullmatch(r"((tcp|tls|wss?)://)?[\w.\[\]:-]+:\d+", address):  # distributed may wait for ever for others
        sys.exit(wrong)
    try:
        return Client(address, timeout=PATIENCE)
    except (OSError, ValueError, TypeError) as error:
        sys.exit(f"{wrong} ({str(error).splitlines()[0] if str(error) else type(error).__name__})")


def _numbered(function, number, call):
    with contextlib.redirect_stdout(_Lines(sys.stdout)):
        return number, function(*call)


class _Lines(io.TextIOBase):
    """Whole lines only, and no screen: several processes write to the same one."""

    def __init__(self, stream):
        super().__init__()
        self.stream, self.begun = stream, ""

    def write(self, text):
        *lines, self.begun = (self.begun + text).split("\n")
        self.stream.write("".join(f"{line}\n" for line in lines))
        self.stream.flush()
        return len(text)
