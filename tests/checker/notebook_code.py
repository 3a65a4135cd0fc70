"""The Python in a notebook that defines something: read from its JSON, without running it.

A notebook also trains, draws and prints. Of its code cells only what a task file may hold is taken: imports, the
classes and functions of the tasks, and whatever these need.
"""

import ast
import json
import re
import symtable
import sys
import warnings
from importlib.machinery import PathFinder

from tests.checker import inputs

# Python 3.9 crashes on an expression that is nested some hundred thousand times, so on 1+1+1+...; a solution has some
# thousand bytes.
LARGEST_TEXT = 100_000
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
KEPT = (*DEFINITIONS, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.Try, ast.With)
ROOTS = {*inputs.CLASSES.values(), "convolutional_GenDiscr"}
MAGIC = re.compile(r"^(\s*)(%|!|\?|.*\?\s*$)")
ASSIGNED_MAGIC = re.compile(r"^(\s*)[\w, ]+=\s*[%!]")


def cells_of(content):
    """The texts of the code cells; None if the content is no notebook."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    sheets = document.get("worksheets") or [document]  # before version 4
    if not isinstance(sheets, list) or not any(isinstance(one, dict) and "cells" in one for one in sheets):
        return None
    texts = []
    for sheet in sheets:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        for cell in cells if isinstance(cells, list) else ():
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                source = cell.get("source", cell.get("input", ""))
                text = "".join(map(str, source)) if isinstance(source, list) else str(source)
                texts.append(text)
    return texts


def without_magics(text):
    """A cell without what only IPython understands: magics, shell commands, questions."""
    first = text.lstrip().split("\n", 1)[0]
    if first.startswith("%%"):
        if not re.match(r"%%(time|timeit|capture|writefile|taskfile|prun)\b", first):
            return ""  # another language
        text = text.lstrip()[len(first) :]
    lines = []
    for line in text.splitlines():
        found = MAGIC.match(line) or ASSIGNED_MAGIC.match(line)
        lines.append(f"{found[1]}pass" if found else line)
    return "\n".join(lines)


def parsed(text):
    """The tree of a Python text; None if it is none, or too long to be read in the grader's own process."""
    if len(text) > LARGEST_TEXT:
        return None
    try:
        with warnings.catch_warnings():  # on "\d" and the like, which would be told to the grader as "<unknown>:1"
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def needed_by(text):
    """The names of the module that functions and classes in a text look for."""
    found = set()

    def look(table):
        for symbol in table.get_symbols():
            if symbol.is_global() and symbol.is_referenced():
                found.add(symbol.get_name())
        for child in table.get_children():
            look(child)

    tree = parsed(text)
    try:
        children = symtable.symtable(text, "notebook", "exec").get_children()
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # it is nested deeper than Python compiles
        return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for child in children:
        look(child)
    for node in ast.walk(tree):  # bases, decorators and default values belong to the module itself
        if isinstance(node, DEFINITIONS):
            own = [*node.decorator_list, *getattr(node, "bases", ()), *getattr(node, "keywords", ())]
            own += [getattr(node, "args", None)] * hasattr(node, "args")
            found |= {name.id for one in own for name in ast.walk(one) if isinstance(name, ast.Name)}
    return found


def bound(statement):
    """The names that a statement of a module binds, or whose attributes it sets."""
    if isinstance(statement, DEFINITIONS):
        return {statement.name}
    found = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            found.add(node.value.id)
    return found


def code(content):
    """The Python text of a notebook; None if it is none.

    A cell that cannot be read as Python is taken as it is if it defines something: the grading then says what is wrong.
    """
    cells = cells_of(content)
    if cells is None:
        return None
    statements = []  # (tree or None, text), in order
    for cell in map(without_magics, cells):
        tree = parsed(cell)
        if tree is None:
            if re.search(r"^\s*(class|def)\s", cell, re.M):
                statements.append((None, cell))
            continue
        for node in tree.body:
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
            statements.append((node, "\n".join(cell.splitlines()[first - 1 : node.end_lineno])))
    defined = {node.name for node, _ in statements if isinstance(node, DEFINITIONS)}
    wanted = ROOTS & defined or defined
    kept = [node is None or isinstance(node, IMPORTS) for node, _ in statements]
    binding = {}  # name -> the statements that bind it
    for i, (node, _) in enumerate(statements):
        for name in bound(node) if isinstance(node, KEPT) else ():
            binding.setdefault(name, []).append(i)
    seen, waiting = set(wanted), list(wanted)
    while waiting:
        for i in binding.get(waiting.pop(), ()):
            if kept[i]:
                continue
            kept[i] = True
            node, text = statements[i]
            names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            needed = needed_by(text) if isinstance(node, DEFINITIONS) else names
            waiting += needed - seen
            seen |= needed
    if all(node for node, _ in statements):  # else nobody knows what is needed
        kept = [keep and not idle(node, seen) for (node, _), keep in zip(statements, kept)]
    return "\n\n".join(text for (_, text), keep in zip(statements, kept) if keep) + "\n"


def idle(statement, needed):
    """Whether it imports what the solution does not use and the grader does not have: `check`, widgets, Colab."""
    if not isinstance(statement, IMPORTS):
        return False
    names = {(one.asname or one.name).split(".")[0] for one in statement.names}
    modules = [getattr(statement, "module", None) or one.name for one in statement.names]
    return not names & {"*", *needed} and not all(module != "check" and there(module) for module in modules)


def there(module):
    """Whether the grader's Python has a module, found without running anything of it: `google` is no `google.colab`."""
    folders = None
    for part, name in enumerate(module.split(".")):
        if part == 0 and name in sys.builtin_module_names:
            return True
        spec = PathFinder.find_spec(".".join(module.split(".")[: part + 1]), folders)
        if spec is None:
            return False
        folders = spec.submodule_search_locations
    return True


def defines(text, name):
    """Whether a text, given as bytes, defines a class or function of this name at its top."""
    return bool(re.search(rf"^(class|def)\s+{name}\b".encode(), text, re.M))
