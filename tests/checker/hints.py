"""Three hints for every behaviour, each closer than the one before; none of them is the solution.

1: where to look, or which idea it is about. 2: what should happen, in words. 3: an experiment that shows it, or the
function whose documentation helps.
"""

STEPS = 3

SAME_FOR_ALL = {  # name of a behaviour -> hints, where the task makes no difference
    "import": (
        "Look at what the file does when Python reads it from top to bottom, before anybody calls anything.",
        "Reading the file should only define things. Training, drawing and printing belong into a main script; and "
        "every import must name something that is there.",
        "Start Python in the folder of the file and import it with `__import__`: the last line of the error message "
        "says what is wrong, the lines above say where.",
    ),
    "class": (
        "Compare the name of the class, its parent and the names of its methods with the text of the task.",
        "The class carries the name of the task, derives from Keras's Model, and has every method that the text "
        "mentions, with the same spelling.",
        "Import your file and call `dir()` on the class, or look at its `__mro__`: what is missing in the list?",
    ),
    "construct": (
        "Look at the first line of your constructor, and at what it keeps.",
        "The course makes the object with the arguments of the task, in that order and with those names, and later "
        "uses both networks, the latent generator and the examples as attributes of the object.",
        "Make an object as the main script does, once with arguments by place and once by keyword, and read its "
        "attributes. Is each of them the very object that you gave?",
    ),
    "samples": (
        "Look at the two methods that give samples: how many rows, and where do they come from?",
        "A real sample consists of different rows of the examples, drawn anew at each call. A fake sample is what the "
        "generator makes of fresh latent vectors. Both have the batch size, or the size that is asked for.",
        "With ten numbered examples draw eight several times and look for a number that comes twice, or a sample that "
        "never changes. The documentation of `tf.random.shuffle` and of `tf.gather` helps.",
    ),
    "runs": (
        "Something in the training step stops it, or it ends without moving a weight.",
        "The step calls networks and losses inside a tape, asks the tape for gradients, and hands pairs of gradient "
        "and variable to the optimizer of the network.",
        "Call the training step once, outside fit, and print each intermediate value and its shape. A gradient that "
        "is None belongs to something that was computed outside its tape; see the guide of `tf.GradientTape`.",
    ),
    "updates": (
        "Count the updates of each network in one training step. Which lines are inside the loop?",
        "The discriminator is updated as often as its number of iterations says; then, once and after the loop, the "
        "generator. The step returns when all of this is done.",
        "Let disc_iter be 3 and look at `iterations` of both optimizers after one step: 3 and 1 are right. What do "
        "you find with disc_iter 1?",
    ),
    "fresh_fakes": (
        "Look where samples are drawn, and how often each of them is used.",
        "Each update of the discriminator sees a real and a fake sample of its own, and the generator's a fake one; "
        "all of them were drawn for it.",
        "Wrap your latent generator in a function that counts its calls: a step with disc_iter 3 needs at least four.",
    ),
    "own_weights": (
        "Look at the variables that each update is given, and at everything that writes into weights.",
        "An update of one network leaves the other one exactly as it was, and between updates nothing moves, except "
        "where the task itself asks for it.",
        "Keep a copy of both networks' weights (`get_weights`) before and after every update, and print which of the "
        "two has changed.",
    ),
    "returned_keys": (
        "Look at the last line of the training step.",
        "The step gives Keras a dictionary. Its keys are the names that the task's text and the progress bar show; "
        "each value is one number.",
        "Call the training step once and print the type of what comes back, then its keys and the shape of each value.",
    ),
    "float64": (
        "Your class works with numbers of 32 bits. The clouds of the main scripts come from NumPy, which has 64.",
        "Real examples may be float64 while the generator makes float32. Nothing may put the two into one sum, "
        "difference or list before they have the same type.",
        "Make an object from examples that NumPy has drawn, look at their dtype, and call the training step. The "
        "documentation of `tf.cast` helps.",
    ),
    "trains": (
        "Nothing is asked here that is not asked above: look at the first behaviour that failed.",
        "These points are for a training that is right from the samples to the updates. They are lost once, however "
        "many of its parts are wrong.",
        "Mend one behaviour after the other, from the top of the report to its end, and run the checker after each.",
    ),
    "fit": (
        "Do what a main script does: compile, then fit.",
        "Fit calls the training step for every batch, collects the numbers that it returns in a history, and after it "
        "both networks have moved.",
        "Fit for one epoch of two steps, print the keys of `History.history`, and compare weights before and after. "
        "If only fit fails, try `run_eagerly` in compile: the message then points to your line.",
    ),
    "discriminator_loss": (
        "Look at the loss that the discriminator's tape differentiates: which values go in, and with which sign?",
        "The critic gives numbers, not probabilities. What it minimises falls when its mean on real examples rises "
        "and when its mean on fake ones sinks; nothing is squared.",
        "Put in numbers by hand: with the values 3 and 5 on real examples and 1 and 2 on fakes your loss should be "
        "-2.5. Then check that the step computes it on the discriminator's outputs, not on samples.",
    ),
    "generator_loss": (
        "Look at the loss that the generator's tape differentiates: what does the generator want?",
        "The generator wants the critic's mean on its fakes to rise; the real examples play no part in that.",
        "Put in numbers by hand: with the critic's values 1 and 2 on fakes your loss should be -1.5. Then check that "
        "it is computed from the critic's outputs, with the fakes drawn inside this tape.",
    ),
    "adam": (
        "Look at the lines that make the two optimizers.",
        "Both are Adam's, with the learning rate that the object was given; each network has an optimizer of its own, "
        "made once.",
        "Print `get_config` of both optimizers of an object that you made with an unusual learning rate: is it there? "
        "Is the name Adam?",
    ),
    "defaults": (
        "Look at the values behind the equals signs in the constructor's first line, and whether they are used.",
        "An object made with the four required arguments alone behaves as the text of the task says: its size of "
        "batches, number of iterations and learning rate.",
        "Apply `inspect.signature` to the class and compare with the text; then print the attributes of an object "
        "made without options.",
    ),
    "returned_values": (
        "Look which iteration the returned numbers come from, and what they consist of.",
        "The numbers are the losses that the last update of each network worked with: no mean, no sum, not computed "
        "anew after the update.",
        "Let disc_iter be 3, print the loss in every iteration, and compare the printed numbers with what the step "
        "returns.",
    ),
}

OF_ONE_TASK = {
    "0.discriminator_loss": (
        "Look at the loss that the discriminator's tape differentiates: what should it say to a real example, and "
        "what to a fake one?",
        "There are two targets, one for each kind of example, and they are of opposite sign. The loss is the mean "
        "squared distance to the first, plus that to the second.",
        "Put in numbers by hand: values that hit both targets give 0, and zeros everywhere give 2. The documentation "
        "of `tf.keras.losses.MeanSquaredError` and of `tf.ones_like` helps.",
    ),
    "0.generator_loss": (
        "Look at the loss that the generator's tape differentiates: what does the generator want to hear?",
        "The generator wants its fakes to be taken for real: the loss is the mean squared distance of the "
        "discriminator's values on fakes to the target of real examples.",
        "Put in numbers by hand: if the discriminator says 1 to every fake your loss should be 0, if it says -1 it "
        "should be 4. Then check that the fakes are drawn inside this tape.",
    ),
    "1.clip": (
        "This task adds one thing to the training step. Find the moment at which it has to happen.",
        "Whenever the discriminator has been updated, all its trainable variables, kernels and biases, are brought "
        "back into the interval of the task before anything else happens. The generator is left alone.",
        "Set a few weights of the discriminator to 3, do one step with disc_iter 2, and print the largest weight "
        "after every update. The documentation of `tf.clip_by_value` and of `tf.Variable.assign` helps.",
    ),
    "2.class": (
        "Compare the name of the class, its parent and the names of its methods with the text: task 2 has two "
        "methods more than task 1.",
        "The class derives from Keras's Model. Besides the two methods for samples and the training step it can "
        "interpolate between samples, and compute the penalty.",
        "Import your file and call `dir()` on the class: compare the list with the names in the text, letter by "
        "letter.",
    ),
    "2.interpolation": (
        "Look at the random numbers with which real and fake examples are mixed: how many are there?",
        "For every pair of a real and a fake example one point of the segment between them is chosen, all points "
        "equally likely. All coordinates of the pair share the number; the next pair has another one.",
        "Let the real examples be all ones and the fakes all zeros: the result shows the weights themselves. They "
        "should agree within a row, differ between rows and calls, and lie in [0, 1]. See `tf.random.uniform`.",
    ),
    "2.penalty": (
        "Read the formula of the penalty once more, from the inside to the outside: gradient, norm, difference, "
        "square, mean.",
        "Each point has one gradient, with respect to the point; its length is the root of the sum of the squares "
        "over all axes but the first. The penalty is the mean over the points of the squared distance from 1.",
        "Let the critic be linear with weights (3, 4): the gradient has length 5 at every point, so the penalty "
        "should be 16, for any number of points. The documentation of `tf.GradientTape.watch` helps.",
    ),
    "2.penalty_in_loss": (
        "Look where the penalty is computed, and whether the discriminator's tape sees it.",
        "What the critic minimises is its loss plus the penalty, weighted with the object's own weight; the tape that "
        "gives the discriminator's gradients must have recorded both.",
        "Print the discriminator's gradients of one step for a penalty weight of 0, 10 and 100 with the same weights "
        "and samples: they should move apart in proportion. If they agree, the penalty is outside the tape.",
    ),
    "2.penalty_points": (
        "Look at the points that are handed to the penalty in the training step.",
        "The penalty is measured neither at real nor at fake examples, but at points between the two samples of this "
        "very iteration.",
        "Print the real sample, the fake sample and the points that the penalty is given, for a batch of three: each "
        "point should lie between its two ends.",
    ),
    "2.pictures": (
        "Your class was made for rows of numbers. What changes when an example is a picture, with three axes?",
        "The number that mixes two pictures is one for the whole picture, and the length of a gradient takes all axes "
        "of the picture together.",
        "Call both methods on a batch of two pictures of 4 x 3 pixels and print all shapes. `tf.reduce_sum` takes a "
        "list of axes; a shape with ones in it is stretched by broadcasting.",
    ),
    "2.returned_keys": (
        "Look at the last line of the training step: this task returns one number more.",
        "The step gives Keras a dictionary with both losses and the penalty, under the names that the text and the "
        "progress bar show; each value is one number.",
        "Call the training step once and print the keys of what comes back and the shape of each value.",
    ),
    "2.returned_values": (
        "Look which iteration the returned numbers come from, and whether the penalty is mixed into one of them.",
        "The numbers are those of the last update of each network. The discriminator's loss is returned without the "
        "penalty, and the penalty without its weight.",
        "Let disc_iter be 3, print loss and penalty separately in every iteration, and compare with what the step "
        "returns, once with a penalty weight of 10 and once with 0.",
    ),
    "2.defaults": (
        "Look at the values behind the equals signs in the constructor's first line; one argument is new in this task.",
        "An object made with the four required arguments alone behaves as the text says: size of batches, number of "
        "iterations, learning rate, and the weight of the penalty.",
        "Apply `inspect.signature` to the class and compare with the text; then print the attributes of an object "
        "made without options.",
    ),
    "3.function": (
        "Compare the name of the function, and what it returns, with the text of the task.",
        "The function takes no arguments, makes both networks anew at each call, and returns them as a pair, the "
        "generator first.",
        "Call the function, print the type of the result and of its parts, and `summary` of both.",
    ),
    "3.generator_layers": (
        "Compare the summary of your generator with that of the text, line by line.",
        "Sixteen numbers grow into a block of small pictures with many channels; then three times the picture is "
        "doubled, convolved into fewer channels and normalised, until one channel of 16 x 16 is left.",
        "Print `summary` and check the output shape and the number of parameters of every line: 339,493 in all. A "
        "wrong kernel or number of filters shows in the first line that differs.",
    ),
    "3.discriminator_layers": (
        "Compare the summary of your discriminator with that of the text, line by line.",
        "Four times the picture is convolved into more channels and halved, until a single row of numbers is left, "
        "from which one number is computed.",
        "Print `summary` and check the output shape and the number of parameters of every line: 388,097 in all. "
        "Convolutions with padding keep height and width, see `tf.keras.layers.Conv2D`.",
    ),
    "3.generator": (
        "The layers have the right sizes, but something between them differs: look at activations.",
        "In each of the three blocks the order is doubling, convolving, normalising, and only then the activation, "
        "once. The text asks for the activation in every layer that has one, dense layers included.",
        "The summary does not show activations: walk over `layers` and print the attribute `activation` of those that "
        "have it. Then look at the smallest and largest value that your generator makes.",
    ),
    "3.discriminator": (
        "The layers have the right sizes, but something between them differs: look at activations and pooling.",
        "In each of the four blocks a convolution, the largest value of each two by two, and the activation. The last "
        "number has the same activation as everything else.",
        "The summary does not show activations: walk over `layers` and print the attribute `activation`. Then look "
        "whether your discriminator ever leaves the interval from -1 to 1.",
    ),
    "4.class": (
        "Task 4 builds upon the class of task 2. Look at its name and at how your file gets at it.",
        "The file offers a class of the same name as in task 2, a Keras Model that can do all that the earlier one "
        "can, and one thing more.",
        "Import your file and look at `__mro__` and `dir()` of the class. A module whose name begins with a digit is "
        "imported with `__import__`.",
    ),
    "4.faces": (
        "Make an object with the convolutional networks of task 3 and with pictures, as this task's main script does.",
        "The class takes the same arguments as in task 2; that the examples are pictures, with or without a last axis, "
        "must not stop it.",
        "Make an object from ten pictures of 16 x 16 pixels and from the same ones with a last axis of 1, and read the "
        "line that the error message names.",
    ),
    "4.method": (
        "Compare the name of the new method with the text of the task and with the main script that calls it.",
        "The object has a method that takes the names of two files of weights; both spellings of its name that the "
        "course uses are accepted.",
        "Import your file and call `dir()` on the class: does the list hold the name that the main script calls? Is "
        "the method indented as the others are?",
    ),
    "4.generator_weights": (
        "Look what is done with the first of the two files.",
        "The weights in the first file go into the generator, layer after layer in the order in which they stand "
        "there; the names of the layers play no part.",
        "Keep a copy of `get_weights` before the call and compare after it: has every array changed? The "
        "documentation of `load_weights` says when it goes by the names of layers.",
    ),
    "4.discriminator_weights": (
        "Look what is done with the second of the two files.",
        "The weights in the second file go into the discriminator, just as those of the first go into the generator; "
        "both files are used in one call.",
        "Keep a copy of the discriminator's `get_weights` before the call and compare after it. If the message speaks "
        "of shapes or of a number of layers, print which file goes into which network.",
    ),
}


def of(behaviour):
    """The three hints for a behaviour of the rubric. What task 4 has from task 2 has the hints of task 2."""
    key = behaviour.key.replace("4.", "2.", 1)
    return OF_ONE_TASK.get(behaviour.key) or OF_ONE_TASK.get(key) or SAME_FOR_ALL.get(behaviour.name, ())
