"""What the text of a solution says, and where its exceptions come from; a part of the worker (see worker.py)."""

import ast
import builtins
import contextlib
import os
import re
import traceback

__builtins__ = dict(vars(builtins))  # our own: a solution that replaces float or isinstance replaces its own only

LONGEST_MESSAGE = 3000  # of an exception; the judges cut it to what says something


IDENTIFIERS = 2000  # of a file, at most


class TrainsAtImport(BaseException):
    """Ends the import of a file that trains, wherever it has come to. No `except Exception` of the file stops it."""


class TooLong(BaseException):
    """Ends the import of a file that goes on and on."""


def described(error, folder):
    """An exception as its kind, its first line, and the place in the solution where it came up."""
    place, own = None, []
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.abspath(frame.filename).startswith(folder):
            place = [os.path.relpath(frame.filename, folder), frame.lineno, frame.line]
            own.append((frame.name, *place))
    if isinstance(error, SyntaxError) and error.filename and not place:
        place = [os.path.basename(error.filename), error.lineno, (error.text or "").strip()]
    try:
        text = str(error).replace(folder + os.sep, "")  # a temporary copy, whose name tells nobody anything
    except Exception:  # a solution may raise what it likes
        text = ""
    if isinstance(error, RecursionError) and own:  # which line is the last one is chance
        name, *place = max(own, key=own.count)
        text = f"{name} calls itself again and again, without end"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return {"error": type(error).__name__, "message": " ".join(lines)[:LONGEST_MESSAGE], "place": place}


def loop_of(error, folder):
    """The head of the outermost loop that the exception left, as a place; None without a loop in the solution's files.

    Which statement of an endless loop runs when the time is up is chance."""
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.abspath(frame.filename).startswith(folder):
            with contextlib.suppress(Exception), open(frame.filename, "rb") as file:
                text = file.read()
                around = [
                    node
                    for node in ast.walk(ast.parse(text))
                    if isinstance(node, (ast.While, ast.For)) and node.lineno <= frame.lineno <= node.end_lineno
                ]
                if around:
                    line = min(node.lineno for node in around)
                    head = text.decode("utf-8", "replace").splitlines()[line - 1].strip()
                    return [os.path.relpath(frame.filename, folder), line, head]
    return None


def letters(name):
    """A name without case and underscores: WGAN_gp and WGANGP are wgangp."""
    return name.replace("_", "").lower()


def source_facts(path):
    """What a file says without being run: its identifiers and short strings, and its loops outside all functions."""
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    found = set()
    for node in ast.walk(tree):
        for value in (getattr(node, name, None) for name in ("id", "attr", "arg", "name", "value")):
            if isinstance(value, str) and len(value) < 60:
                found.add(value)
    loops = [node.lineno for node in tree.body if isinstance(node, (ast.For, ast.While))]
    return {"identifiers": sorted(found)[:IDENTIFIERS], "loops": loops[:3], "argument": used_argument(tree)}


def used_argument(tree):
    """The name of what `train_step` is called with if it is used there for more than to be handed on, else None."""
    for method in ast.walk(tree):
        if isinstance(method, ast.FunctionDef) and method.name == "train_step" and len(method.args.args) > 1:
            name = method.args.args[1].arg
            uses = {one for one in ast.walk(method) if isinstance(one, ast.Name) and one.id == name}
            for call in ast.walk(method):  # super().train_step(data)
                if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "train_step":
                    uses -= set(call.args)
            if any(isinstance(one.ctx, ast.Load) for one in uses):
                return name
    return None


BEGINNINGS = ("__init__", "__new__", "compile")  # run before any step
CHANGES = ("append", "extend", "insert", "pop", "popleft", "remove", "clear", "add", "update", "setdefault")


def keeps_state(data):
    """Whether a function of a file may leave something in Python that its next call finds, such as a counter."""
    functions = [node for node in ast.walk(ast.parse(data)) if isinstance(node, (ast.FunctionDef, ast.Lambda))]
    for function in functions:
        if getattr(function, "name", "") in BEGINNINGS:
            continue
        inside = list(ast.walk(function))
        own = {one.id for one in inside if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        for node in inside:
            stored = not isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
            called = getattr(node, "func", None)
            if isinstance(node, (ast.Global, ast.Nonlocal)) or getattr(called, "id", "") in ("next", "setattr"):
                return True
            if stored and isinstance(node, ast.Attribute):
                return True
            changed = node if stored and isinstance(node, ast.Subscript) else called
            changes = changed is node or getattr(called, "attr", "") in CHANGES
            if changed is not None and changes and getattr(changed.value, "id", "") not in own:
                return True
    return False


FIRST = {"gen_h5", "disc_h5", "real_sample", "interpolated_sample", "useless_argument", "generator"}  # none is a self
METHOD = re.compile(rb"(async\s+)?def\s+\w+\s*\(\s*")


def with_self(data):
    """(the text of a file with a self for each method that must have one and has none, the names of those methods).

    That is one that speaks of self, or begins with an argument of the course's that comes second.

    Only the line of the method's name changes, so that every place in the file keeps its number.
    """
    found, lines = [], data.splitlines(True)
    for node in ast.walk(ast.parse(data)):
        for method in node.body if isinstance(node, ast.ClassDef) else ():
            if not isinstance(method, ast.FunctionDef) or method.decorator_list and bound_otherwise(method):
                continue
            inside = list(ast.walk(method))
            given = {one.arg for one in inside if isinstance(one, ast.arg)}
            uses = [one.ctx for one in inside if isinstance(one, ast.Name) and one.id == "self"]
            first = method.args.args[0].arg if method.args.args else ""
            if "self" in given or not (uses or first in FIRST) or not all(isinstance(one, ast.Load) for one in uses):
                continue
            line = lines[method.lineno - 1]
            head = METHOD.match(line, method.col_offset)
            if head:
                comma = b"" if line[head.end() : head.end() + 1] == b")" else b", "
                lines[method.lineno - 1] = line[: head.end()] + b"self" + comma + line[head.end() :]
                found.append(method.name)
    return b"".join(lines), found


def bound_otherwise(method):
    return any(getattr(one, "id", "") in ("staticmethod", "classmethod") for one in method.decorator_list)
