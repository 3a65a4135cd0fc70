"""What the course asks a student to fill in, and whether it is still open: read from the text, nothing is run."""

import ast
import contextlib

from tests.checker import inputs, notebook_code

# Task -> the functions with a hole. The first one is what everything else of the task waits for.
HOLES = {
    0: ("train_step",),
    1: ("train_step", "generator_loss", "discriminator_loss"),
    2: ("train_step", "generator_loss", "discriminator_loss"),
    3: ("get_generator", "get_discriminator"),
    4: ("replace_weights",),
}
AS_A_WHOLE = {3: "convolutional_GenDiscr", 4: "replace_weight"}  # what somebody may leave open instead
GIVEN = {  # by the course; what else it gives stands in gan/
    0: ("generator_loss", "discriminator_loss"),
    2: ("get_interpolated_sample", "gradient_penalty"),
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def is_error(node):
    """Whether a statement raises NotImplementedError."""
    raised = getattr(node, "exc", None) if isinstance(node, ast.Raise) else None
    return getattr(raised.func if isinstance(raised, ast.Call) else raised, "id", "") == "NotImplementedError"


def says_nothing(node):
    """Whether a statement does nothing: pass, a text, ..., return, return None, a message on the screen."""
    if isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return getattr(node.value.func, "id", "") == "print"
    if isinstance(node, ast.Return):
        value = node.value
        nothing = value is None or (isinstance(value, ast.Constant) and value.value in (None, ...))
        return nothing or getattr(value, "id", "") == "NotImplemented"
    return False


def is_open(function):
    """Whether a function has nothing in it."""
    return all(says_nothing(node) or is_error(node) for node in function.body)


class Holes:
    """The holes of one task in the text of a file.

    Attributes:
        open: the names of functions that are still open.
        filled: the names of those that are not.
        forgotten: the names of filled ones that still raise the starter's NotImplementedError.
        untouched: whether nothing of what the student has to write is there.
    """

    def __init__(self, task, content):
        self.task, self.open, self.filled, self.forgotten, self.untouched = task, [], [], [], False
        with contextlib.suppress(Exception):  # what is no Python says so when it is imported
            self.look(notebook_code.parsed(content))

    def look(self, tree):
        wanted, whole = HOLES[self.task], AS_A_WHOLE.get(self.task)
        last = {node.name: node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)}
        self.open = [name for name in wanted if name in last and is_open(last[name])]
        self.filled = [name for name in wanted if name in last and not is_open(last[name])]
        if not self.open and not self.filled and whole in last and is_open(last[whole]):
            self.open = [whole]
        self.forgotten = [name for name in self.filled if any(map(is_error, last[name].body))]
        own = set(last) - {*wanted, whole, *GIVEN.get(self.task, ())}
        if any(getattr(node, "module", "") in ("gan", "gan.model") for node in ast.walk(tree)):
            own.discard("__init__")  # the starter's
        written = [name for name in own if not is_open(last[name])]
        self.untouched = bool(self.open) and not self.filled and (self.task == 3 or not written)

    def sentence(self):
        """What is said of the holes that are open."""
        names = " and ".join(filter(None, [", ".join(self.open[:-1]), self.open[-1]]))
        return f"{names} {'is' if len(self.open) == 1 else 'are'} not filled in yet"

    def reminder(self):
        """What is said of a line that was forgotten."""
        return (
            f"{self.forgotten[0]} is filled in, but the starter's line `raise NotImplementedError(...)` still stands "
            "in it and stops it: delete that line"
        )


def of(task, contents):
    """The holes of a task in a submission's files; of task 4's two files the one that defines something."""
    found = [Holes(task, contents[name]) for name in inputs.FILES[task] if name in contents]
    return next((one for one in found if one.open or one.filled), found[0] if found else Holes(task, ""))
