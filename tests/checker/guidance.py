"""Help in the right order: what the numbers show, then three hints on the cause, and what to do at the very end.

The judges' sentences tell what was found and, behind a colon, a semicolon or a full stop, what should be. Only the
first part is an observation; the whole sentence is kept for the last step.
"""

import re

from tests.checker import hints, inputs
from tests.checker.rubric import FAILED, NOT_STARTED

STEPS = hints.STEPS + 1  # the last one says what to do

# An error message is an observation as a whole, with all its colons.
MESSAGE = re.compile(
    r"(stops (before .*?)?with|fails with|cannot be read as Python|cannot be called|cannot be tried|No module named"
    r"|is not graded)"
)
REMEDY = re.compile(
    r"[:;] (?=[a-z`(]|Adam\b|D\()|\. (?=[A-Z])|, (?=(?:and )?(?:it|they|each|its|the latter) (?:must|should|needs?)\b)"
    r"| (?:instead of|rather than) (?!the task)|, (?=must|should)|, not "
)
# What a judge names although only a number has been seen: pattern -> what has been seen.
NAMED = (
    (
        r"The loss that moves the (discriminator|generator)\b|The (discriminator|generator)'s loss is given",
        "On the same weights and samples the gradient that moves the {} is not that of the task's loss",
    ),
)
# A title that would give away what the task asks for, in tasks whose starter leaves the formula out.
TITLES = {
    "discriminator_loss": "the discriminator minimises the loss of the task",
    "generator_loss": "the generator minimises the loss of the task",
    "penalty": "gradient_penalty is the penalty of the task",
}


def observed(sentence):
    """The part of a sentence that tells what the numbers show."""
    sentence = " ".join(str(sentence).split())
    for pattern, words in NAMED:
        found = re.match(pattern, sentence)
        if found:
            return words.format(next(filter(None, found.groups())))
    message = MESSAGE.search(sentence)
    if message:
        end = re.search(r"\)\. (?=[A-Z])|; the \w+'s weights", sentence[message.end() :])
        return sentence[: message.end() + end.start() + 1].rstrip(";. ") if end else sentence
    found = REMEDY.search(sentence, 12)
    return sentence[: found.start()] if found else sentence


def title(behaviour):
    """A behaviour's title without the formula that the task asks for."""
    return TITLES.get(behaviour.name, behaviour.title) if behaviour.task else behaviour.title


# Pattern in a sentence -> hints on that cause, where those on the behaviour that failed would lead elsewhere.
CAUSES = (
    (
        r"SyntaxError|IndentationError|TabError|cannot be read as Python",
        (
            "Look at the line that the message names, and at the end of the line before it.",
            "Python has not understood how the text is put together: something that a line needs, such as a colon, a "
            "bracket, a quote or its indentation, is missing or too much.",
            "Run `python` with the options -m py_compile and the name of the file: it prints the line and marks the "
            "place. Take lines out until it is content, and put them back one by one.",
        ),
    ),
    (
        r"is updated by the \w+'s optimizer|optimizer is given variables that it does not know|Unknown variable"
        r"|moves the discriminator's weights instead|also moves the \w+'s weights|generator's update also moves",
        (
            "Look at the lines that apply the gradients: which optimizer, which gradients, which variables?",
            "Three things belong together in each update: the gradients with respect to a network's variables, these "
            "variables, and the optimizer of this network. None of them comes from the other network.",
            "Print the number of the variables and the shapes of the gradients right before they are applied, once for "
            "each network, and compare them with the network's `summary`.",
        ),
    ),
    (
        r"No module named",
        (
            "Look at the imports of the file, and at the names of the files that you hand in.",
            "Everything that the file imports must be installed, or lie beside it under the name that the import says.",
            "Start Python in an empty folder with nothing but a copy of your files, and import the one that fails.",
        ),
    ),
    (
        r"NameError|UnboundLocalError",
        (
            "Look at the name that the message quotes, in the line that it names.",
            "A name must have been given a value before it is used: by an import, an argument, or a line above, and "
            "within the same function. What an object keeps is reached through self.",
            "Search the file for the name, letter by letter: is it written differently somewhere?",
        ),
    ),
    (
        r"gradients are all None|there is no gradient|without any gradient",
        (
            "Look which lines stand inside the block of the tape, and which variables its gradient is asked for.",
            "Everything between a network's weights and the loss is computed inside the tape: the fake sample of the "
            "generator's update too.",
            "Call the training step once, outside fit, and print the list of gradients. One that is None belongs to "
            "something that was computed before the tape began. See the guide of `tf.GradientTape`.",
        ),
    ),
    (
        r"must call super|__init__ of its own",
        (
            "Look at the first lines of your constructor.",
            "A Keras model must set itself up before anything is kept in it, and its constructor keeps the task's own "
            "arguments to itself.",
            "Make the smallest class that derives from Keras's Model and has a constructor, and look which of its "
            "lines are needed.",
        ),
    ),
)
UNFILLED = (
    "Open {file} and look for {holes}: the place is marked, and still empty.",
    "The comment there lists the steps in words, in their order. Write them one by one; where two of them belong "
    "together the comment is indented, and so is the code.",
    "Begin with the first step only, call it once in Python with a small sample, and look at the shape of what comes "
    "back. Then add the next one.",
)


def hints_on(verdict):
    """The three hints on a verdict's cause; none if it passed or could not be checked."""
    if verdict.status == NOT_STARTED:
        names = verdict.sentence.partition(": ")[2].partition(" is not")[0].partition(" are not")[0]
        file = inputs.FILES[verdict.behaviour.task][-1]
        return tuple(hint.format(file=file, holes=names or "the hole") for hint in UNFILLED)
    if verdict.status != FAILED:
        return ()
    for pattern, found in CAUSES:
        if re.search(pattern, verdict.sentence):
            return found
    return tuple(hints.of(verdict.behaviour))


def text(verdict, level, sentence):
    """What is told of a verdict at a level from 0 to 4, as a list of sentences.

    Args:
        sentence: the whole sentence, with its full stop.
    """
    if verdict.status not in (FAILED, NOT_STARTED):
        return [sentence]
    first = observed(sentence)
    told = [first if first.endswith((".", "!", "?")) else f"{first}."]
    told += [f"Hint {step}: {hint}" for step, hint in enumerate(hints_on(verdict)[:level], 1)]
    if level >= STEPS and told[0] != sentence:
        told.append(f"What to do: {sentence}")
    return told
