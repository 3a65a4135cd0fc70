"""Error messages of Python, Keras and TensorFlow without what tells a student nothing, and numbers in words."""

import re

LONGEST = 280

# What is taken out of a message wherever it stands.
NOISE = (
    r"\x1b\[[0-9;]*m|\[[01]m(?=\W|\w)",  # colours of a terminal
    r"\{\{[^{}]*\}\}",  # {{function_node __wrapped__AddV2_device_...}}
    r"\s*\[Op:\w+\](\s*name:\s*\S*)?",
    r"\s*\[\[\{?\{?node [^\]]*\]\]",
    r"\s*Call arguments received by layer .*",
    r"\s*Arguments received by [\w.]+\(\).*",
    r"\s*(Detected at node|Original stack trace|Stack trace for op definition|Errors may have originated) .*",
    r"\s*\[\[.*?\]\](?=\s|$)",
    r" at 0x[0-9a-fA-F]+",
    r" for '[^']*'(?= with input shapes)",  # ' = Mul[T=DT_FLOAT](random_uniform, GatherV2)'
    r"/job:\S+/device:\S+",
    r"\s*Received: \S+=<.*",
    r"<locals>\.",
)
WRAPPED = re.compile(
    r"^(Exception encountered when calling )?(layer \S+ (\S+ )?\(type \w+\)\.|[\w.]+\.call\(\)\.|\w+\.call\(\)\.)\s*"
)
# Messages that are better said in other words: what is found in them -> the words.
SAID_BETTER = (
    (r"forgot to call `?super|must call `super|super\(\)\.__init__\(\)` (first|before)|call `super\(\)\.__init__|"
     r"no attribute '_(dtype_policy|loss_tracker|tracker|is_compiled|distribute_strategy|built|layers)'",
     "the constructor must call super().__init__() before anything else"),
    (r"[Kk]eyword arguments? passed to `?\w*[^`]*are not supported|Unrecognized keyword arguments? passed to|"
     r"not understood by.*keyword|Keyword argument not understood|Unrecognized keyword arguments",
     "Keras's own constructor was called with these arguments: does the class have an __init__ of its own, with two "
     "underscores at each end, and does it keep the arguments to itself?"),
    (r"Unknown variable.*optimizer can only be called|optimizer cannot recognize variable",
     "an optimizer is given variables that it does not know: each network needs an optimizer of its own"),
    (r"Tensor' object has no attribute '(_unique_id|_shared_name|_in_graph_mode|path|handle)'",
     "an optimizer is given a tensor where it needs a variable: its pairs are (gradient, variable), in this order"),
    (r"only supports singleton tf\.Variables",
     "a tf.Variable is made in every train_step; fit makes a graph of it, which can make none: make it once, in the "
     "constructor, or take a tensor"),
    (r"Argument `?target`? should be .*received None",
     "the loss is None: the function that computes it gives nothing back. Does it lack its return?"),
    (r"Watching\.latent\(\)",
     "latent_generator is called with other arguments than one number, the size of the sample: latent_generator(size)"),
    (r"Invalid reduction dimension",
     "an axis is named that the array has not. All axes but the first are meant, however many there are: 1 for "
     "vectors; 1, 2 and 3 for pictures"),
    (r"No model config found in the file",
     "the file holds the weights of a network, not a network: load_weights of the network reads them"),
    (r"out of scope and cannot be used here",
     "a tensor that one step has kept is used in a later one: fit makes a graph of train_step, which cannot keep it; a "
     "tf.Variable can"),
    (r"bound method Watching\.latent",
     "the function latent_generator itself stands where its vectors are meant: call it, with the size of the sample"),
    (r"[Uu]nable to (synchronously )?open file.*No such file",
     "a file is opened that is not there: open the one whose name is given, just under that name, with no folder of "
     "your own before it"),
    (r"partially known TensorShape|Cannot convert .* to a Tensor.*TensorShape",
     "x.shape is not known in full in the graph that fit makes of train_step: take tf.shape(x), or tf.ones_like(x) for "
     "targets of its shape"),
    (r"Passed in object .* not tf\.Tensor or tf\.Variable",
     "a tape watches tensors. A variable of Keras it watches by itself: leave this watch out, or give it the "
     "variable's .value"),
    (r"No gradients provided for any variable",
     "there is no gradient for any variable: what the loss depends on was computed outside the tape"),
    (r"[Cc]onvert a value \(None\)|None values not supported",
     "None stands where a tensor is meant. A gradient is None if what it is taken of was computed outside the tape, or "
     "does not depend on what it is taken by; a function gives None without a return"),
    (r"numpy\(\) is only available when eager execution|object has no attribute 'numpy'",
     "numpy() works step by step only; fit makes a graph of train_step, where a tensor has no numbers yet"),
    (r"expected to be a (float|double|half) tensor but is a (float|double|half) tensor",
     "numbers of 32 bits (float32) and of 64 bits (float64) meet in one operation"),
    (r"deserialization of a Python `?lambda",
     "Keras does not copy a network that was compiled with a lambda as its loss"),
    (r"output size would be zero or negative|Negative dimension size caused by subtracting",
     "a picture has become too small for this layer: every convolution of the task keeps height and width, with "
     'padding="same"'),
    (r"argument must be .* not '(Symbolic)?Tensor'",
     "float() and int() of a tensor work step by step only; fit makes a graph of train_step, where a tensor has no "
     "number yet"),
    (r"Using a symbolic `?tf\.Tensor`? as a Python `?bool|iterating over a symbolic|Iterating over a symbolic",
     "fit makes a graph of train_step, where Python's if and for cannot look into a tensor: use tf.cond, tf.where or "
     "a number of Python"),
)  # fmt: skip


def plain(kind, message):
    """(kind, message) of an exception: one line, no addresses, no names of nodes, of bearable length."""
    text = " ".join(message.split())
    inner = re.findall(r"(?:^|\s)((?:\w+\.)*\w*(?:Error|Exception)): ", text)
    if text.startswith("in user code:") and inner:  # the message at the end of a trace through a graph
        text = text[text.rindex(f"{inner[-1]}: ") + len(inner[-1]) + 2 :]
        kind = inner[-1].rpartition(".")[2]
    for pattern, words in SAID_BETTER:
        if re.search(pattern, text):
            return kind, words
    for pattern in NOISE:
        text = re.sub(pattern, "", text)
    previous = None
    while text != previous:
        previous, text = text, WRAPPED.sub("", text.strip(), count=1).strip()
    text = re.sub(r"\s+([.,;:])(?=\s|$)", r"\1", " ".join(text.split())).strip(" :;")
    return kind, text if len(text) <= LONGEST else text[: LONGEST - 4].rsplit(" ", 1)[0] + " ..."


def share_of(x):
    """A relative difference in words: two digits that count, so never "0 %"."""
    if not x < 1e6:
        return "so much that it is no number any more"
    if x >= 10:
        return f"a factor of {x:,.0f}"
    text = f"{100 * x:.0f} %" if x >= 0.1 else f"{100 * x:.2g} %"
    return text
