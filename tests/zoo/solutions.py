"""The zoo: what people write, each entry for one row of the lists below. unusual.py has more, and the whole list.

`RIGHT` holds solutions that differ from one another in ways that must never cost a point; `WRONG` holds solutions with
one mistake each, the behaviour that must fail first, and words that the sentence to the student must contain.
"""

from dataclasses import dataclass

from tests.zoo import bases
from tests.zoo.bases import D_APPLY, G_APPLY, changed, dense, plain, tidy, without

FILES = {
    0: "0-simple_gan.py",
    1: "1-wgan_clip.py",
    2: "2-wgan_gp.py",
    3: "3-generate_faces.py",
    4: "4-wgan_gp_faces.py",
}


@dataclass(frozen=True)
class Entry:
    """One solution of one task.

    Attributes:
        name: of the entry, unique.
        task: 0 to 4.
        text: the source.
        rows: the rows of HARMLESS (all that it shows) or MISTAKES (one) that it stands for.
        root: key of the behaviour that must fail first; empty for a right solution.
        words: what its sentence must contain; of a right solution, its remarks.
        file: name of the file.
        beside: (name, text) of the files that stand beside it.
    """

    name: str
    task: int
    text: str
    rows: tuple
    root: str = ""
    words: tuple = ()
    file: str = ""
    beside: tuple = ()


# ------------------------------------------------------------- right solutions

HARMLESS = {
    "training true": "networks are called with training=True",
    "training false": "networks are called with training=False",
    "training unset": "networks are called without saying whether it is training",
    "draws inside": "the discriminator's samples are drawn inside its tape",
    "draws outside": "the discriminator's samples are drawn before its tape",
    "order of draws": "fakes are drawn before real examples",
    "more draws": "more latent vectors are drawn than are needed",
    "fake first": "the discriminator sees the fakes first, or both in one call",
    "loss in other order": "discriminator.loss takes the fakes first, in its definition and in its call",
    "loss by keyword": "discriminator.loss is called by keyword",
    "loss inlined": "the losses stand in train_step and .loss is never called",
    "lambdas": "the losses are lambdas",
    "functions": "the losses are functions",
    "methods": "the losses are methods",
    "reduce_mean": "tf.reduce_mean",
    "math.reduce_mean": "tf.math.reduce_mean",
    "one mean": "the mean of the difference instead of the difference of the means",
    "ones_like": "tf.ones_like in place of tf.ones of a shape",
    "gradient inside": "tape.gradient stands inside its with",
    "tf.function": "@tf.function on train_step",
    "argument": "the argument of train_step has another name",
    "none filtered": "gradients that are None are left out",
    "optimizers kept": "the optimizers are attributes of the class as well",
    "not compiled": "generator and discriminator are not compiled",
    "betas renamed": "beta values under other names",
    "betas not stored": "beta values in the call only",
    "clip variables": "clipping over trainable_variables",
    "clip weights": "clipping over trainable_weights",
    "clip layers": "clipping layer by layer",
    "clip set_weights": "clipping with get_weights and set_weights, training without graphs",
    "axis tuple": "axis is a tuple",
    "scal_shape list": "scal_shape is a list",
    "epsilon": "a small number under the root",
    "size or": "size or self.batch_size",
    "is None": "if size is None",
    "sequential": "Sequential networks",
    "functional": "functional networks",
    "layer names": "layers have names of their own, or none",
    "tanh string": "tanh as a string",
    "tanh function": "tanh as a function",
    "tanh layer": "tanh as a layer",
    "tanh after pooling": "tanh after the pooling",
    "tanh before pooling": "tanh before the pooling",
    "tf.keras": "tf.keras without an import of its own",
    "tensorflow keras": "from tensorflow import keras, import tensorflow.keras",
    "import keras": "import keras",
    "replace_weights": "the method is called replace_weights",
    "replace_weight": "the method is called replace_weight",
    "prints": "messages are printed",
    "crlf": "line ends of Windows",
    "file name": "task 4 under its other file name",
    # and beyond the table
    "own base class": "a class of the student's between keras.Model and the class",
    "compile": "the optimizers are made in compile, which the main scripts call",
    "one draw": "the latent vectors of all iterations are drawn at once",
    "networks inside": "a network made of smaller networks",
    "train_on arrays": "real examples kept as a NumPy array",
    "tape watches": "the tape watches the variables it watches anyway, one by one",
    "returns more": "the returned dictionary has further entries",
    "trainable": "the discriminator is not trainable while the generator learns",
    "clip optimizer": "an optimizer of one's own clips right after it has moved the weights",
    "clip constraint": "the variables have a constraint, which the optimizer obeys",
    "numpy eagerly": "NumPy draws, and compile switches graphs off",
    "numpy, no graphs": "NumPy draws, and the file switches all graphs off",
    "numpy in a graph": "NumPy draws behind tf.numpy_function",
    "one tape": "one persistent tape around everything",
    "beta_1": "another beta_1: the course leaves it to the student",
    "beta_2": "another beta_2: worth a remark",
    "epsilon of Adam": "another epsilon of Adam",
    "float64": "examples are cast to float32, or work as they are",
    "pictures": "task 4 as task 2: vectors and pictures, whatever the style",
    "subclass": "task 4 is a subclass of what stands beside it",
    "Adam by hand": "Adam written out, its moments in variables: worth a remark",
    "other draws": "random numbers drawn in other ways",
    "other sums": "means, squares and norms written in other ways",
    "other loops": "while, a loop of TensorFlow, recursion",
    "other classes": "properties, functions outside the class, inheritance, metrics, copies",
    "other layers": "other layers of Keras that do the same",
    "byte-order mark": "the file begins with a byte-order mark, and is indented by tabs",
}

RIGHT = []


def right(name, task, text, *rows, file="", words=(), beside=()):
    RIGHT.append(Entry(name, task, text, rows, words=words, file=file, beside=beside))


right("plain 0", 0, plain(0), "training true", "draws inside", "lambdas", "tensorflow keras")
right("plain 1", 1, plain(1), "math.reduce_mean", "clip variables")
right("plain 2", 2, plain(2), "lambdas")
right(
    "tidy 0",
    0,
    tidy(0),
    "training unset",
    "order of draws",
    "loss in other order",
    "methods",
    "gradient inside",
    "argument",
    "none filtered",
    "optimizers kept",
    "not compiled",
    "betas renamed",
    "is None",
)
right("tidy 1", 1, tidy(1), "one mean", "reduce_mean", "clip layers")
right("tidy 2", 2, tidy(2), "axis tuple", "scal_shape list", "epsilon")
right(
    "dense 0",
    0,
    dense(0),
    "training false",
    "draws outside",
    "loss inlined",
    "tf.function",
    "betas not stored",
    "size or",
    "ones_like",
    "import keras",
    "fake first",
)
right("dense 1", 1, dense(1), "clip weights")
right("dense 2", 2, dense(2), "training false", "betas not stored")
right(
    "loss by keyword",
    1,
    changed(plain(1), ("loss(real_out, fake_out)", "loss(y=fake_out, x=real_out)")),
    "loss by keyword",
)
right(
    "losses as functions, prints",
    0,
    changed(
        plain(0),
        ("\n\nclass", "\n\ndef to(target, scores):\n    return tf.reduce_mean((scores - target) ** 2)\n\n\nclass"),
        ("lambda x: tf.keras.losses.MeanSquaredError()(x, tf.ones(x.shape))", "gen_loss"),
        ("lambda x, y: " + bases.PLAIN_LOSSES[0][1], "discr_loss"),
        (
            "        super().__init__()\n",
            "        super().__init__()\n\n"
            "        def gen_loss(scores):\n            return to(1., scores)\n\n"
            "        def discr_loss(of_real, of_fake):\n            return to(1., of_real) + to(-1., of_fake)\n\n"
            "        print('a new GAN', batch_size)\n",
        ),
        ("        return {", "        print('one step done')\n        return {"),
    ),
    "functions",
    "prints",
)
right(
    "both samples in one call",
    1,
    changed(
        dense(1),
        (
            "Dy, Dx = D(y, training=False), D(x, training=False)",
            "Dy, Dx = tf.split(D(tf.concat([y, tf.cast(x, y.dtype)], axis=0), training=True), 2)",
        ),
    ),
    "fake first",
)
right(
    "tf.keras, line ends of Windows",
    1,
    without(plain(1), "from tensorflow import keras\n").replace("keras.", "tf.keras.").replace("\n", "\r\n"),
    "tf.keras",
    "crlf",
)
right(
    "clips with numpy",
    1,
    changed(
        plain(1),
        (
            bases.PLAIN_CLIP,
            "            for layer in self.discriminator.layers:\n"
            "                layer.set_weights([np.clip(w, -1, 1) for w in layer.get_weights()])\n",
        ),
        (
            "    def train_step(",
            "    def compile(self, **options):\n        super().compile(run_eagerly=True, **options)\n\n"
            "    def train_step(",
        ),
    ),
    "clip set_weights",
)
right(
    "clips the whole model at once",
    1,
    changed(
        tidy(1),
        (
            "            for layer in self.discriminator.layers:\n                for w in layer.trainable_weights:\n"
            "                    w.assign(tf.clip_by_value(w, -1, 1))\n",
            "            for w in self.discriminator.weights:\n"
            "                w.assign(tf.minimum(1., tf.maximum(-1., w)))\n",
        ),
    ),
    "clip weights",
)
right(
    "more latent vectors than needed",
    0,
    changed(
        plain(0),
        ("        return {", "        self.monitor = tf.reduce_mean(self.get_fake_sample(16))\n        return {"),
        (
            "                real = self.get_real_sample()\n"
            "                fake = self.get_fake_sample(training=True)\n",
            "                unused = self.latent_generator(self.batch_size)\n"
            "                fake = self.get_fake_sample(training=True)\n"
            "                real = self.get_real_sample()\n",
        ),
    ),
    "more draws",
    "order of draws",
)
right(
    "all latent vectors in one draw",
    0,
    changed(
        plain(0),
        (
            "        for _ in",
            "        z = self.latent_generator((self.disc_iter + 1) * self.batch_size)\n        for i in",
        ),
        (
            "                fake = self.get_fake_sample(training=True)\n                real_out",
            "                fake = self.generator(z[i * self.batch_size:(i + 1) * self.batch_size], training=True)\n"
            "                real_out",
        ),
        (
            "            fake = self.get_fake_sample(training=True)\n            gen_loss",
            "            fake = self.generator(z[-self.batch_size:], training=True)\n            gen_loss",
        ),
    ),
    "one draw",
)
right(
    "optimizers made in compile",
    2,
    changed(
        tidy(2),
        ("        self.g_opt, self.d_opt = self.new_optimizer(), self.new_optimizer()\n", ""),
        ("        self.generator.optimizer, self.discriminator.optimizer = self.g_opt, self.d_opt\n", ""),
        (
            "    def new_optimizer(",
            "    def compile(self):\n        super().compile()\n"
            "        self.g_opt, self.d_opt = self.new_optimizer(), self.new_optimizer()\n"
            "        self.generator.optimizer, self.discriminator.optimizer = self.g_opt, self.d_opt\n\n"
            "    def new_optimizer(",
        ),
    ),
    "compile",
)
right(
    "a base class of one's own",
    2,
    changed(
        plain(2),
        (
            "class WGAN_GP(keras.Model):\n",
            "class Base(keras.Model):\n    def helper(self, x):\n        return tf.reduce_mean(x)\n\n\n"
            "class WGAN_GP(Base):\n",
        ),
        (
            "lambda x, y: tf.math.reduce_mean(y) - tf.math.reduce_mean(x)",
            "lambda x, y: self.helper(y) - self.helper(x)",
        ),
        ('"gp": gp}', '"gp": gp, "penalty": self.lambda_gp * gp, "total": new_discr_loss}'),
    ),
    "own base class",
    "returns more",
)
right(
    "watches variables one by one",
    1,
    changed(
        dense(1),
        (
            "                Dy, Dx = ",
            "                for v in D.trainable_variables:\n"
            "                    t.watch(v.value if hasattr(v, 'path') else v)\n"
            "                Dy, Dx = ",
        ),
    ),
    "tape watches",
)
right(
    "real examples as an array",
    1,
    changed(
        plain(1),
        ("self.real_examples = real_examples", "self.real_examples = np.array(real_examples)"),
        ("tf.shape(self.real_examples)[0]", "self.real_examples.shape[0]"),
    ),
    "train_on arrays",
)
right(
    "a gradient of the sum, on a persistent tape",
    2,
    changed(
        dense(2),
        (
            "        with tf.GradientTape() as t:\n            t.watch(interpolated_sample)\n"
            "            p = self.discriminator(interpolated_sample)\n        g = ",
            "        with tf.GradientTape(persistent=True) as t:\n            t.watch(interpolated_sample)\n"
            "            p = tf.reduce_sum(self.discriminator(interpolated_sample, training=True))\n        g = ",
        ),
        ("            with tf.GradientTape() as t:\n", "            with tf.GradientTape(persistent=True) as t:\n"),
    ),
    "gradient inside",
)
right(
    "discriminator not trainable while the generator learns",
    0,
    changed(
        plain(0),
        ("        for _ in", "        self.discriminator.trainable = True\n        for _ in"),
        (
            "        with tf.GradientTape() as g_tape",
            "        self.discriminator.trainable = False\n        with tf.GradientTape() as g_tape",
        ),
    ),
    "trainable",
)
right(
    "an optimizer that clips",
    1,
    changed(
        without(plain(1), bases.PLAIN_CLIP),
        (
            "class WGAN_clip(",
            "class ClippingAdam(keras.optimizers.Adam):\n"
            "    def apply_gradients(self, pairs, *args, **options):\n"
            "        pairs = list(pairs)\n"
            "        super().apply_gradients(pairs, *args, **options)\n"
            "        for _, w in pairs:\n"
            "            w.assign(tf.clip_by_value(w, -1.0, 1.0))\n\n\n"
            "class WGAN_clip(",
        ),
        ("self.discriminator.optimizer = keras.optimizers.Adam(", "self.discriminator.optimizer = ClippingAdam("),
    ),
    "clip optimizer",
)
right(
    "constraints that clip",
    1,
    changed(
        without(plain(1), bases.PLAIN_CLIP),
        (
            "        self.discriminator.loss =",
            "        class Box(keras.constraints.Constraint):\n"
            "            def __call__(self, w):\n"
            "                return tf.clip_by_value(w, -1.0, 1.0)\n\n"
            "        for w in self.discriminator.trainable_variables:\n"
            "            setattr(w, '_constraint' if isinstance(w, tf.Variable) else 'constraint', Box())\n"
            "        self.discriminator.loss =",
        ),
    ),
    "clip constraint",
)
SHUFFLE = "        order = tf.random.shuffle(tf.range(tf.shape(self.real_examples)[0]))\n"
U = "tf.random.uniform(self.scal_shape)"
NUMPY_U = "np.random.uniform(size=tuple(self.scal_shape)).astype('float32')"
COMPILE_EAGERLY = (
    "    def compile(self, *args, **options):\n        super().compile(*args, run_eagerly=True, **options)\n\n"
)
right(
    "interpolation by NumPy, without graphs",
    2,
    changed(plain(2), (U, NUMPY_U), ("    def train_step(", COMPILE_EAGERLY + "    def train_step(")),
    "numpy eagerly",
)
right(
    "samples by NumPy, no graphs at all",
    0,
    changed(
        plain(0),
        (SHUFFLE, "        order = np.random.permutation(len(self.real_examples))\n"),
        ("\n\nclass Simple", "\ntf.config.run_functions_eagerly(True)\n\n\nclass Simple"),
    ),
    "numpy, no graphs",
)
right(
    "samples by NumPy, behind numpy_function",
    0,
    changed(
        plain(0),
        (
            SHUFFLE,
            "        n = len(self.real_examples)\n"
            "        order = tf.numpy_function(lambda: np.random.permutation(n), [], tf.int64)\n"
            "        order.set_shape([n])\n",
        ),
        ("return tf.gather(self.real_examples, order[:size])", "return tf.gather(self.real_examples, order)[:size]"),
    ),
    "numpy in a graph",
)
right(
    "one persistent tape",
    2,
    changed(
        plain(2).replace("d_tape.gradient", "tape.gradient").replace("g_tape.gradient", "tape.gradient"),
        (
            "        for _ in range(self.disc_iter):\n            with tf.GradientTape() as d_tape:\n",
            "        with tf.GradientTape(persistent=True) as tape:\n"
            "          for _ in range(self.disc_iter):\n            if True:\n",
        ),
        ("        with tf.GradientTape() as g_tape:\n            fake", "          if True:\n            fake"),
    ),
    "one tape",
)
right(
    "a byte-order mark and tabs",
    1,
    "\ufeff" + "\n".join("\t" * ((len(x) - len(x.lstrip(" "))) // 4) + x.lstrip(" ") for x in plain(1).split("\n")),
    "byte-order mark",
)
right("functional", 3, bases.PAIR_FUNCTIONAL, "functional", "tanh string", "tanh after pooling", "layer names")
right(
    "sequential",
    3,
    bases.PAIR_SEQUENTIAL,
    "sequential",
    "tanh function",
    "tanh before pooling",
    "tf.keras",
    "tanh layer",
)
right(
    "one block for each size",
    3,
    '''\
import keras
from keras.layers import *
from keras import Model


def up(h, filters):
    """Twice the size."""
    h = UpSampling2D(size=2, interpolation="nearest")(h)
    h = Conv2D(filters=filters, kernel_size=(3, 3), strides=(1, 1), padding="SAME", activation="linear")(h)
    return Activation(keras.activations.tanh)(BatchNormalization(axis=-1)(h))


def down(h, filters):
    """Half the size."""
    return MaxPooling2D(2)(Activation("tanh")(Conv2D(filters, 3, 1, "same")(h)))


def convolutional_GenDiscr():
    """Both."""
    z, x = Input((16,), name="latent"), Input((16, 16, 1), name="picture")
    body = keras.Sequential([Input((16,)), Dense(2048, "tanh", name="first"), Reshape([2, 2, 512])])
    y = up(up(up(body(z), 64), 16), 1)
    s = Flatten()(down(down(down(down(x, 32), 64), 128), 256))
    gen, discr = Model(inputs=z, outputs=y), Model(inputs=x, outputs=Activation("tanh")(Dense(1)(s)))
    gen.summary()
    print(discr.name)
    return [gen, discr]
''',
    "networks inside",
    "tanh layer",
    "tanh before pooling",
    "import keras",
    "prints",
)
right("faces", 4, bases.FACES, "replace_weights")
right("faces by hand", 4, bases.FACES_BY_HAND, "replace_weight", "file name", file="4-wgan_gp.py")
right(
    "faces under the other name",
    4,
    changed(
        bases.FACES,
        (
            "        self.generator.load_weights(gen_h5)\n",
            "        for net, path in zip([self.generator, self.discriminator], [gen_h5, disc_h5]):\n"
            "            net.load_weights(path)\n            print('loaded', path)\n",
        ),
        ("        self.discriminator.load_weights(disc_h5)\n", "        return self\n"),
    ),
    "file name",
    "prints",
    file="4-wgan_gp.py",
)

# ------------------------------------------------------------- wrong solutions

MISTAKES = {
    "class misnamed": "the class has another name",
    "parameters renamed": "arguments of the constructor have other names",
    "helpers missing": "a helper is missing, or does not take a size",
    "keys renamed": "a key of the returned dictionary has another name",
    "keys missing": "a key of the returned dictionary is missing",
    "plain class": "the class is not a keras.Model",
    "empty": "the file is empty",
    "syntax": "the file is not Python",
    "work at import": "a network is trained at import",
    "pictures at import": "pictures are drawn at import",
    "cross-entropy": "binary cross-entropy on values of a tanh",
    "joint step": "one joint step on one batch of fakes",
    "target +1": "fakes have the target +1",
    "target 0": "fakes have the target 0",
    "mean returned": "the mean over the iterations is returned",
    "first returned": "the first iteration's loss is returned",
    "generator in loop": "the generator's update stands inside the loop",
    "return in loop": "the generator's update and the return stand inside the loop",
    "update outside loop": "the discriminator's update stands outside the loop",
    "disc_iter ignored": "disc_iter is not used",
    "disc_iter inverted": "disc_iter updates of the generator and one of the discriminator",
    "critic sign": "the sign of the critic's loss",
    "generator sign": "the sign of the generator's loss",
    "squares left in": "the squared errors of task 0 in a Wasserstein loss",
    "raw samples": "a loss of the samples instead of the discriminator's outputs",
    "clipped once": "clipped once after the loop",
    "clipped before": "clipped before the update",
    "kernels only": "only the kernels are clipped",
    "generator clipped": "the generator is clipped, too",
    "clipped to .01": "clipped to another number",
    "gradients clipped": "gradients are clipped instead of weights",
    "not clipped": "nothing is clipped",
    "penalised returned": "discr_loss is returned with its penalty",
    "no lambda": "the penalty has no lambda",
    "penalty not minimised": "the gradient is that of the loss without penalty",
    "penalty outside": "the penalty is computed outside the tape",
    "not watched": "the interpolated sample is not watched",
    "clipping left in": "the clipping of task 1 in task 2",
    "weight normal": "the interpolation weight is normal",
    "weight per pixel": "an interpolation weight for each number",
    "weight per batch": "one interpolation weight for the batch",
    "weight constant": "a constant interpolation weight",
    "norm of one axis": "a norm over one axis",
    "norm of batch": "one norm over the whole batch",
    "no root": "no root",
    "no minus one": "no minus one",
    "not squared": "no square",
    "summed": "a sum instead of a mean",
    "norm for vectors": "the norm works for vectors only",
    "interpolation for vectors": "the interpolation works for vectors only",
    "last dense": "the last Dense has no tanh",
    "first dense": "the first Dense has no tanh",
    "relu": "relu in place of tanh",
    "double tanh": "tanh in the generator's convolutions, too",
    "activation missing": "an Activation is missing",
    "other kernels": "other kernels",
    "other architecture": "another architecture",
    "by name": "loading by name",
    "wrong order": "files in the wrong order",
    "one file": "only one file is loaded",
    "method misnamed": "the method has another name",
    "moves the discriminator": "the generator's step also moves the discriminator",
    "moves the generator": "the discriminator's step also moves the generator",
    "fakes outside tape": "the generator's fakes are drawn outside its tape",
    "fakes reused": "one batch of fakes for several updates",
    # and beyond the table
    "constants": "other constants of Adam, or other defaults",
    "graph": "works step by step, but not in fit",
    "data reused": "one batch of real examples for several updates",
    "stale": "the generator's loss from before the discriminator's updates",
    "running mean": "a running mean over the steps is returned",
    "not filled in": "train_step is as it was given, or missing",
    "points": "the penalty is taken at other points",
    "replacement": "real examples are drawn with replacement",
    "frozen draws": "what NumPy or Python draws is a constant in the graph of fit",
    "size of the difference": "a Wasserstein loss without its sign",
    "another distance": "absolute errors, a hinge, or a factor",
    "noise": "a layer that makes noise in training only",
    "constructor misspelled": "__init__ lacks underscores, self or super().__init__()",
    "other optimizer": "another optimizer than Adam, or a variant of it",
    "other scores": "a loss of atanh(D), sigmoid(D) and the like",
    "sample in the loss": "the real or the fake sample itself in place of D",
    "other targets": "label smoothing",
    "another GAN": "another GAN altogether, from a tutorial",
    "main script": "a main script in place of the solution",
    "endless import": "an import that does not end",
    "precision": "mixed_float16",
    "float64": "float64 examples stop it",
    "training of task 4": "task 4 loads weights, but cannot train",
    "penalty inlined": "a wrong penalty or interpolation in train_step, beside right helpers or without any",
}

WRONG = []


def wrong(name, task, text, row, root, *words, file=""):
    WRONG.append(Entry(name, task, text, (row,), f"{task}.{root}", words, file))


CLASS_0 = "class Simple_GAN(keras.Model):"
D_DRAWS = "                real = self.get_real_sample()\n                fake = self.get_fake_sample(training=True)\n"
G_STEP = plain(0)[plain(0).index("        with tf.GradientTape() as g_tape") : plain(0).index("\n        return {")]
RETURN = '\n        return {"discr_loss": discr_loss, "gen_loss": gen_loss}\n'


def indented(block):
    return "".join(f"    {line}" if line.strip() else line for line in block.splitlines(True))


# --- any task: the file and the class
wrong(
    "class misnamed", 0, plain(0).replace("Simple_GAN", "SimpleGAN"), "class misnamed", "class", "no class Simple_GAN"
)
wrong(
    "latent generator renamed",
    0,
    plain(0).replace("latent_generator", "latent_gen"),
    "parameters renamed",
    "construct",
    "latent_generator",
    "arguments",
)
wrong(
    "lambda_gp renamed",
    2,
    plain(2).replace("lambda_gp", "lambd"),
    "parameters renamed",
    "construct",
    "lambda_gp",
    "arguments",
)
wrong(
    "no get_real_sample",
    1,
    plain(1).replace("get_real_sample", "real_sample"),
    "helpers missing",
    "class",
    "no method get_real_sample",
)
wrong(
    "no gradient_penalty",
    2,
    plain(2).replace("gradient_penalty", "penalty_of"),
    "helpers missing",
    "class",
    "no method gradient_penalty",
)
wrong(
    "get_real_sample without a size",
    0,
    changed(
        plain(0),
        ("def get_real_sample(self, size=None)", "def get_real_sample(self)"),
        (
            '        """Real examples, in random order."""\n        if not size:\n            size = self.batch_size\n',
            "        size = self.batch_size\n",
        ),
    ),
    "helpers missing",
    "samples",
    "get_real_sample",
    "size",
)
wrong(
    "get_fake_sample returns nothing",
    1,
    changed(plain(1), ("        return self.generator(self.latent", "        self.generator(self.latent")),
    "helpers missing",
    "samples",
    "get_fake_sample",
    "return",
)
wrong(
    "disc_loss for discr_loss",
    0,
    changed(plain(0), ('{"discr_loss"', '{"disc_loss"')),
    "keys renamed",
    "returned_keys",
    "no discr_loss",
    "disc_loss",
)
wrong("no gp", 2, changed(plain(2), (', "gp": gp}', "}")), "keys missing", "returned_keys", "no gp")
wrong(
    "a tuple returned",
    1,
    changed(plain(1), ('{"discr_loss": discr_loss, "gen_loss": gen_loss}', "discr_loss, gen_loss")),
    "keys missing",
    "returned_keys",
    "tuple",
    "dictionary",
)
wrong(
    "a plain class",
    1,
    changed(plain(1), ("class WGAN_clip(keras.Model):", "class WGAN_clip:")),
    "plain class",
    "class",
    "keras.Model",
    "fit",
)
wrong("empty file", 0, "\n", "empty", "import", "empty")
wrong(
    "syntax error",
    1,
    changed(plain(1), ("for _ in range(self.disc_iter):", "for _ in range(self.disc_iter)")),
    "syntax",
    "import",
    "cannot be read as Python",
    "SyntaxError",
)
wrong(
    "the course's lambda with pass",
    2,
    changed(plain(2), ("lambda x: -tf.math.reduce_mean(x)", "lambda x: pass")),
    "syntax",
    "import",
    "cannot be read as Python",
)
wrong(
    "trains at import",
    0,
    plain(0)
    + """

gen = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
dis = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
G = Simple_GAN(gen, dis, lambda k: tf.random.normal((k, 1)), tf.random.normal((50, 2)), batch_size=5)
G.compile()
G.fit(G.real_examples, epochs=1, steps_per_epoch=2, verbose=0)
""",
    "work at import",
    "import",
    "trains",
    "main script",
)
wrong(
    "draws at import",
    3,
    bases.PAIR_FUNCTIONAL
    + "\n\nimport matplotlib.pyplot as plt\n\nplt.imshow([[0, 1], [1, 0]])\nplt.savefig('a.png')\nplt.show()\n",
    "pictures at import",
    "import",
    "figures",
    "main script",
)
wrong(
    "train_step missing",
    1,
    changed(plain(1), ("def train_step(", "def training_step(")),
    "not filled in",
    "class",
    "train_step",
)
wrong(
    "train_step as given",
    0,
    plain(0)[: plain(0).index("        for _ in")] + "        pass\n",
    "not filled in",
    "runs",
    "changes no weights",
)

# --- task 0: losses
wrong(
    "cross-entropy of tanh",
    0,
    changed(
        plain(0),
        (
            bases.PLAIN_LOSSES[0][1],
            "(keras.losses.BinaryCrossentropy()(tf.ones_like(x), x)\n"
            "            + keras.losses.BinaryCrossentropy()(tf.zeros_like(y), y))",
        ),
    ),
    "cross-entropy",
    "discriminator_loss",
    "cross-entropy",
)
wrong(
    "cross-entropy in the generator",
    0,
    changed(
        plain(0),
        (
            "= lambda x: " + bases.PLAIN_LOSSES[0][0],
            "= lambda x: keras.losses.BinaryCrossentropy()(tf.ones_like(x), x)",
        ),
    ),
    "cross-entropy",
    "generator_loss",
    "cross-entropy",
)
wrong(
    "cross-entropy from logits",
    0,
    changed(
        dense(0),
        (
            bases.DENSE_LOSSES[0][1],
            "sum(keras.losses.BinaryCrossentropy(from_logits=True)(u, v)\n"
            "                        for u, v in ((tf.ones_like(Dx), Dx), (tf.zeros_like(Dy), Dy)))",
        ),
    ),
    "cross-entropy",
    "discriminator_loss",
    "cross-entropy",
)
wrong(
    "target of fakes +1",
    0,
    changed(plain(0), ("-1 * tf.ones(y.shape)", "tf.ones(y.shape)")),
    "target +1",
    "discriminator_loss",
    "+1 as the target of fakes",
)
wrong(
    "target of fakes 0",
    0,
    changed(plain(0), ("-1 * tf.ones(y.shape)", "tf.zeros(y.shape)")),
    "target 0",
    "discriminator_loss",
    "0 as the target of fakes",
)
wrong(
    "loss called in the wrong order",
    0,
    changed(plain(0), ("loss(real_out, fake_out)", "loss(fake_out, real_out)")),
    "target +1",
    "discriminator_loss",
    "the other way round",
)
wrong(
    "generator moved by the discriminator's loss",
    0,
    changed(
        plain(0),
        (
            "gen_loss = self.generator.loss(self.discriminator(fake, training=True))",
            "gen_loss = self.discriminator.loss(self.discriminator(self.get_real_sample()), self.discriminator(fake))",
        ),
    ),
    "target +1",
    "generator_loss",
    "discriminator's loss",
)
JOINT = """\
        with tf.GradientTape(persistent=True) as tape:
            real, fake = self.get_real_sample(), self.get_fake_sample(training=True)
            real_out, fake_out = self.discriminator(real), self.discriminator(fake)
            discr_loss = self.discriminator.loss(real_out, fake_out)
            gen_loss = self.generator.loss(fake_out)
        d_grads = tape.gradient(discr_loss, self.discriminator.trainable_variables)
        g_grads = tape.gradient(gen_loss, self.generator.trainable_variables)
"""
START, END = "        for _ in range(self.disc_iter):\n", '        return {"discr_loss"'


def with_step(text, step):
    """The text with another body of train_step, up to its return."""
    return text[: text.index(START)] + step + text[text.index(END) :]


wrong(
    "one joint step",
    0,
    with_step(plain(0), JOINT + 8 * " " + D_APPLY + 8 * " " + G_APPLY),
    "joint step",
    "updates",
    "1 update of the discriminator",
    "same batch of fakes",
)
wrong(
    "one joint step, one tape for the sum of both losses",
    1,
    with_step(
        plain(1),
        JOINT[: JOINT.index("        d_grads")] + "            total = discr_loss + gen_loss\n"
        "        grads = tape.gradient(total, self.trainable_variables)\n"
        "        self.generator.optimizer.apply_gradients(zip(grads, self.trainable_variables))\n",
    ),
    "joint step",
    "updates",
    "both at once",
)

# --- number and order of updates
wrong(
    "generator's update in the loop",
    0,
    changed(plain(0), (G_STEP, indented(G_STEP))),
    "generator in loop",
    "updates",
    "inside the loop",
)
wrong(
    "return in the loop",
    1,
    changed(plain(1), (G_STEP, indented(G_STEP)), (RETURN, indented(RETURN))),
    "return in loop",
    "updates",
    "return inside",
)
wrong(
    "discriminator's update after the loop",
    2,
    changed(
        plain(2),
        (
            "            d_grads = d_tape.gradient(new_discr_loss, self.discriminator.trainable_variables)\n"
            f"            {D_APPLY}",
            "        d_grads = d_tape.gradient(new_discr_loss, self.discriminator.trainable_variables)\n"
            f"        {D_APPLY}",
        ),
    ),
    "update outside loop",
    "updates",
    "outside the loop",
)
wrong(
    "only apply_gradients after the loop",
    0,
    changed(plain(0), ("            " + D_APPLY, "        " + D_APPLY)),
    "update outside loop",
    "updates",
    "outside the loop",
)
wrong(
    "no loop",
    2,
    changed(plain(2), ("for _ in range(self.disc_iter):", "if self.disc_iter:")),
    "disc_iter ignored",
    "updates",
    "disc_iter is ignored",
)
wrong(
    "an update for real examples, another for fakes",
    0,
    changed(
        plain(0),
        ("tf.GradientTape() as d_tape", "tf.GradientTape(persistent=True) as d_tape"),
        (
            "                discr_loss = self.discriminator.loss(real_out, fake_out)\n",
            "                on_real = tf.reduce_mean((real_out - 1) ** 2)\n"
            "                on_fake = tf.reduce_mean((fake_out + 1) ** 2)\n"
            "                discr_loss = on_real + on_fake\n",
        ),
        (
            "            d_grads = d_tape.gradient(discr_loss, self.discriminator.trainable_variables)\n",
            "            d_grads = d_tape.gradient(on_real, self.discriminator.trainable_variables)\n"
            f"            {D_APPLY}"
            "            d_grads = d_tape.gradient(on_fake, self.discriminator.trainable_variables)\n",
        ),
    ),
    "disc_iter ignored",
    "updates",
    "updates of the discriminator",
    "sum of the losses",
)
wrong(
    "always five",
    1,
    changed(plain(1), ("range(self.disc_iter)", "range(5)")),
    "disc_iter ignored",
    "updates",
    "5 updates of the discriminator",
    "expected",
)
wrong(
    "loop around the generator",
    0,
    changed(
        plain(0),
        (
            "        for _ in range(self.disc_iter):\n            with tf.GradientTape() as d_tape",
            "        if True:\n            with tf.GradientTape() as d_tape",
        ),
        (G_STEP, "        for _ in range(self.disc_iter):\n" + indented(G_STEP)),
    ),
    "disc_iter inverted",
    "updates",
    "1 update of the discriminator",
    "the loop belongs around",
)
wrong(
    "generator once every disc_iter steps",
    1,
    changed(
        plain(1),
        ("        super().__init__()\n", "        super().__init__()\n        self.count = 0\n"),
        (
            "        for _ in range(self.disc_iter):\n            with",
            "        self.count += 1\n        gen_loss = 0.0\n        if True:\n            with",
        ),
        (G_STEP, "        if self.count % self.disc_iter == 0:\n" + indented(G_STEP)),
    ),
    "disc_iter inverted",
    "updates",
    "1 update of the discriminator and 0 of the generator",
)
wrong(
    "generator first",
    0,
    changed(
        changed(plain(0), (G_STEP, "")),
        ("        for _ in range(self.disc_iter):\n", G_STEP + "        for _ in range(self.disc_iter):\n"),
    ),
    "disc_iter inverted",
    "updates",
    "another order",
)

# --- what is returned
wrong(
    "mean over the iterations",
    1,
    changed(
        plain(1),
        ("        for _ in range(self.disc_iter):\n", "        seen = []\n        for _ in range(self.disc_iter):\n"),
        ("loss(real_out, fake_out)\n", "loss(real_out, fake_out)\n                seen.append(discr_loss)\n"),
        ('{"discr_loss": discr_loss,', '{"discr_loss": tf.reduce_mean(seen),'),
    ),
    "mean returned",
    "returned_values",
    "discr_loss",
    "mean over the iterations",
)
wrong(
    "first iteration",
    0,
    changed(
        plain(0),
        ("range(self.disc_iter):\n            with", "range(self.disc_iter):\n            with"),
        ("for _ in", "for k in"),
        (
            "loss(real_out, fake_out)\n",
            "loss(real_out, fake_out)\n                if k == 0:\n                    shown = discr_loss\n",
        ),
        ('{"discr_loss": discr_loss,', '{"discr_loss": shown,'),
    ),
    "first returned",
    "returned_values",
    "discr_loss",
    "first iteration",
)
wrong(
    "mean of gp over the iterations",
    2,
    changed(
        plain(2),
        ("        for _ in range(self.disc_iter):\n", "        total = 0.0\n        for _ in range(self.disc_iter):\n"),
        ("gp = self.gradient_penalty(between)\n", "gp = self.gradient_penalty(between)\n                total += gp\n"),
        ('"gp": gp}', '"gp": total / self.disc_iter}'),
    ),
    "mean returned",
    "returned_values",
    "gp",
    "mean over the iterations",
)
wrong(
    "running mean of Keras",
    1,
    changed(
        plain(1),
        (
            "        self.beta_1 = .5\n",
            "        self.d_metric = keras.metrics.Mean(name='discr_loss')\n        self.beta_1 = .5\n",
        ),
        ("        return {", "        self.d_metric.update_state(discr_loss)\n        return {"),
        ('{"discr_loss": discr_loss,', '{"discr_loss": self.d_metric.result(),'),
    ),
    "running mean",
    "returned_values",
    "discr_loss",
    "steps",
)
wrong(
    "penalised loss returned",
    2,
    changed(plain(2), ('{"discr_loss": discr_loss,', '{"discr_loss": new_discr_loss,')),
    "penalised returned",
    "returned_values",
    "discr_loss contains the penalty",
)
wrong(
    "penalised loss under the same name",
    2,
    changed(
        tidy(2),
        (
            "        self.parts = (self.disc",
            "        gp = self.gradient_penalty(self.get_interpolated_sample(real, fake))\n"
            "        self.parts = (self.disc",
        ),
        ("self.discriminator(real)),\n", "self.discriminator(real)) + self.lambda_gp * gp, gp)\n"),
        ("                      self.gradient_penalty(self.get_interpolated_sample(real, fake)))\n", ""),
        ("        return self.parts[0] + self.lambda_gp * self.parts[1]\n", "        return self.parts[0]\n"),
    ),
    "penalised returned",
    "returned_values",
    "discr_loss contains the penalty",
)
wrong(
    "gp returned with lambda",
    2,
    changed(plain(2), ('"gp": gp}', '"gp": self.lambda_gp * gp}')),
    "penalised returned",
    "returned_values",
    "gp",
    "multiplied by lambda_gp",
)

# --- Wasserstein losses
CRITIC = bases.PLAIN_LOSSES[1][1]
SWAPPED = "tf.math.reduce_mean(x) - tf.math.reduce_mean(y)"
wrong("critic's sign", 1, changed(plain(1), (CRITIC, SWAPPED)), "critic sign", "discriminator_loss", "wrong sign")
wrong("critic's sign", 2, changed(plain(2), (CRITIC, SWAPPED)), "critic sign", "discriminator_loss", "wrong sign")
wrong(
    "arguments of the critic's loss exchanged",
    2,
    changed(plain(2), ("loss(real_out, fake_out)", "loss(fake_out, real_out)")),
    "critic sign",
    "discriminator_loss",
    "wrong sign",
)
wrong(
    "generator's sign",
    1,
    changed(plain(1), ("lambda x: -tf", "lambda x: tf")),
    "generator sign",
    "generator_loss",
    "wrong sign",
)
wrong(
    "generator's sign",
    2,
    changed(plain(2), ("lambda x: -tf", "lambda x: tf")),
    "generator sign",
    "generator_loss",
    "wrong sign",
)
wrong(
    "squares in the critic",
    1,
    changed(plain(1), (CRITIC, bases.PLAIN_LOSSES[0][1])),
    "squares left in",
    "discriminator_loss",
    "squared error of task 0",
)
wrong(
    "squares in the generator",
    2,
    changed(plain(2), ("-tf.math.reduce_mean(x)\n        self.gen", f"{bases.PLAIN_LOSSES[0][0]}\n        self.gen")),
    "squares left in",
    "generator_loss",
    "squared error of task 0",
)
wrong(
    "critic's loss of raw samples",
    1,
    changed(plain(1), ("loss(real_out, fake_out)", "loss(real, fake)")),
    "raw samples",
    "runs",
    "discriminator",
    "outputs",
)
wrong(
    "critic's loss of raw samples",
    2,
    changed(plain(2), ("loss(real_out, fake_out)", "loss(real, fake)")),
    "raw samples",
    "discriminator_loss",
    "samples",
    "outputs",
)
wrong(
    "generator's loss of raw samples",
    1,
    changed(plain(1), ("loss(self.discriminator(fake, training=True))", "loss(fake)")),
    "raw samples",
    "generator_loss",
    "fake sample itself",
)
wrong(
    "generator's loss with the real examples",
    2,
    changed(
        plain(2),
        (
            "gen_loss = self.generator.loss(self.discriminator(fake, training=True))",
            "real = self.discriminator(self.get_real_sample())\n"
            "            gen_loss = -self.discriminator.loss(real, self.discriminator(fake))",
        ),
    ),
    "generator sign",
    "returned_values",
    "gen_loss",
    "minus the discriminator's loss",
)

for task in (1, 2):
    wrong(
        "size of the critic's loss",
        task,
        changed(plain(task), (CRITIC, f"tf.abs({CRITIC})")),
        "size of the difference",
        "discriminator_loss",
        "is the size of the difference",
    )
wrong(
    "minus the size of the critic's loss",
    1,
    changed(plain(1), (CRITIC, f"-tf.abs({CRITIC})")),
    "size of the difference",
    "discriminator_loss",
    "is minus the size of the difference",
)
wrong(
    "minus the size of the critic's loss",
    2,
    changed(plain(2), (CRITIC, f"-tf.abs({CRITIC})")),
    "size of the difference",
    "discriminator_loss",
    "is minus the size of the difference",
)
wrong(
    "size of the generator's loss",
    1,
    changed(plain(1), ("lambda x: -tf.math.reduce_mean(x)", "lambda x: tf.abs(tf.math.reduce_mean(x))")),
    "size of the difference",
    "generator_loss",
    "is the size of the mean",
)
wrong(
    "a hinge loss",
    1,
    changed(plain(1), (CRITIC, "tf.reduce_mean(tf.nn.relu(1 - x)) + tf.reduce_mean(tf.nn.relu(1 + y))")),
    "another distance",
    "discriminator_loss",
    "hinge",
)
wrong(
    "absolute errors",
    0,
    changed(plain(0), (bases.PLAIN_LOSSES[0][1], "tf.reduce_mean(tf.abs(x - 1)) + tf.reduce_mean(tf.abs(y + 1))")),
    "another distance",
    "discriminator_loss",
    "absolute errors",
)
wrong(
    "absolute errors in the generator",
    0,
    changed(plain(0), (f"lambda x: {bases.PLAIN_LOSSES[0][0]}\n", "lambda x: tf.reduce_mean(tf.abs(x - 1))\n")),
    "another distance",
    "generator_loss",
    "absolute error",
)

# --- task 1: clipping
wrong(
    "clipped after the loop",
    1,
    changed(
        plain(1),
        (
            bases.PLAIN_CLIP,
            bases.PLAIN_CLIP.replace("            for", "        for").replace("                w.", "            w."),
        ),
    ),
    "clipped once",
    "clip",
    "every update",
    "not once after the loop",
)
wrong(
    "clipped at the end of the step",
    1,
    changed(
        plain(1),
        (bases.PLAIN_CLIP, ""),
        (
            RETURN,
            bases.PLAIN_CLIP.replace("            for", "        for").replace("                w.", "            w.")
            + RETURN,
        ),
    ),
    "clipped once",
    "clip",
    "every update",
    "end of train_step",
)
wrong(
    "clipped before the update",
    1,
    changed(plain(1), (f"            {D_APPLY}{bases.PLAIN_CLIP}", f"{bases.PLAIN_CLIP}            {D_APPLY}")),
    "clipped before",
    "clip",
    "before the update",
)
wrong(
    "only the kernels clipped",
    1,
    changed(
        plain(1), ("                w.assign", "                if len(w.shape) > 1:\n                    w.assign")
    ),
    "kernels only",
    "clip",
    "bias",
)
wrong(
    "generator clipped, too",
    1,
    changed(plain(1), ("for w in self.discriminator.trainable_variables:", "for w in self.trainable_variables:")),
    "generator clipped",
    "clip",
    "generator's weights are clipped",
)
wrong(
    "generator clipped after its update",
    1,
    changed(
        plain(1),
        (
            G_APPLY,
            G_APPLY + "        for w in self.generator.trainable_variables:\n"
            "            w.assign(tf.clip_by_value(w, -1, 1))\n",
        ),
    ),
    "generator clipped",
    "clip",
    "generator's weights are clipped",
)
wrong(
    "clipped to .01",
    1,
    changed(plain(1), ("-1.0, 1.0)", "-0.01, 0.01)")),
    "clipped to .01",
    "clip",
    "0.01",
    "[-1, 1]",
)
wrong(
    "gradients clipped to .01",
    1,
    changed(
        plain(1),
        (bases.PLAIN_CLIP, ""),
        (
            "            " + D_APPLY,
            "            d_grads = [tf.clip_by_value(g, -0.01, 0.01) for g in d_grads]\n            " + D_APPLY,
        ),
    ),
    "gradients clipped",
    "discriminator_loss",
    "gradients",
    "weights",
)
wrong(
    "gradients clipped to 1",
    1,
    changed(
        plain(1),
        (bases.PLAIN_CLIP, ""),
        (
            "            " + D_APPLY,
            "            d_grads = [tf.clip_by_value(g, -1.0, 1.0) for g in d_grads]\n            " + D_APPLY,
        ),
    ),
    "gradients clipped",
    "clip",
    "gradients",
    "weights",
)
wrong(
    "gradients clipped by the optimizer",
    1,
    changed(
        plain(1),
        (bases.PLAIN_CLIP, ""),
        (
            "self.beta_2)\n        self.discriminator.compile",
            "self.beta_2,\n            clipvalue=1.0)\n        self.discriminator.compile",
        ),
    ),
    "gradients clipped",
    "clip",
    "gradients",
    "weights",
)
wrong(
    "gradients clipped as well",
    1,
    changed(
        plain(1),
        (
            "            " + D_APPLY,
            "            d_grads = [tf.clip_by_norm(g, 1.0) for g in d_grads]\n            " + D_APPLY,
        ),
    ),
    "gradients clipped",
    "clip",
    "gradients",
    "weights",
)
wrong("nothing clipped", 1, without(plain(1), bases.PLAIN_CLIP), "not clipped", "clip", "[-1, 1]", "every update")
wrong(
    "clipped values are not kept",
    1,
    changed(plain(1), ("w.assign(tf.clip_by_value(w, -1.0, 1.0))", "tf.clip_by_value(w, -1.0, 1.0)")),
    "not clipped",
    "clip",
    "[-1, 1]",
    "every update",
)

# --- task 2: interpolation and penalty
wrong(
    "weight normal",
    2,
    changed(plain(2), ("tf.random.uniform(self.scal_shape)", "tf.random.normal(self.scal_shape)")),
    "weight normal",
    "interpolation",
    "uniform",
    "normal",
)
wrong(
    "weight for each number",
    2,
    changed(tidy(2), ("tf.random.uniform(self.scal_shape)", "tf.random.uniform(tf.shape(a))")),
    "weight per pixel",
    "interpolation",
    "varies inside an example",
)
wrong(
    "one weight for the batch",
    2,
    changed(tidy(2), ("tf.random.uniform(self.scal_shape)", "tf.random.uniform([])")),
    "weight per batch",
    "interpolation",
    "one for the whole batch",
)
wrong(
    "constant weight",
    2,
    changed(tidy(2), ("tf.random.uniform(self.scal_shape)", "0.5")),
    "weight constant",
    "interpolation",
    "always 0.5",
)
wrong(
    "interpolation of vectors only",
    2,
    changed(tidy(2), ("tf.random.uniform(self.scal_shape)", "tf.random.uniform([self.batch_size, 1])")),
    "interpolation for vectors",
    "pictures",
    "on pictures",
)
NORM = "tf.sqrt(tf.reduce_sum(tf.square(grads), axis=self.axis))"
FINAL = "tf.reduce_mean((norm - 1.0) ** 2)"
for name, old, new, row, *words in (
    ("norm over the last axis", "axis=self.axis", "axis=-1", "norm of one axis", "last axis"),
    ("norm over the batch axis", "axis=self.axis", "axis=0", "norm of one axis", "batch axis"),
    ("norm of vectors only", NORM, "tf.norm(grads, axis=1)", "norm for vectors", "first axis of an example"),
    ("one norm for the batch", ", axis=self.axis", "", "norm of batch", "whole batch"),
    ("no root", NORM, NORM[8:-1], "no root", "no square root"),
    ("no minus one", FINAL, "tf.reduce_mean(norm ** 2)", "no minus one", "lacks the - 1"),
    ("not squared", FINAL, "tf.reduce_mean(norm - 1.0)", "not squared", "not squared"),
    ("size, not square", FINAL, "tf.reduce_mean(tf.abs(norm - 1.0))", "not squared", "takes the size"),
    ("one-sided", FINAL, "tf.reduce_mean(tf.nn.relu(norm - 1.0) ** 2)", "not squared", "below 1"),
    (
        "gradient of the mean",
        "pred = self.discriminator(interpolated_sample, training=True)",
        "pred = tf.reduce_mean(self.discriminator(interpolated_sample, training=True))",
        "norm of batch",
        "gradient of the mean",
    ),
    ("summed", FINAL, "tf.reduce_sum((norm - 1.0) ** 2)", "summed", "summed over the batch"),
):
    only_pictures = name in ("norm of vectors only", "norm over the last axis")
    wrong(name, 2, changed(plain(2), (old, new)), row, "pictures" if only_pictures else "penalty", *words)
wrong(
    "not watched",
    2,
    without(plain(2), "            gp_tape.watch(interpolated_sample)\n"),
    "not watched",
    "penalty",
    "watch",
)
wrong(
    "no lambda",
    2,
    changed(plain(2), ("discr_loss + self.lambda_gp * gp", "discr_loss + gp")),
    "no lambda",
    "penalty_in_loss",
    "without lambda_gp",
)
wrong(
    "lambda is always 10",
    2,
    changed(plain(2), ("discr_loss + self.lambda_gp * gp", "discr_loss + 10 * gp")),
    "no lambda",
    "penalty_in_loss",
    "fixed weight of 10",
)
wrong(
    "penalty not minimised",
    2,
    changed(plain(2), ("d_tape.gradient(new_discr_loss,", "d_tape.gradient(discr_loss,")),
    "penalty not minimised",
    "penalty_in_loss",
    "does not move the critic",
)
wrong(
    "penalty before the tape",
    2,
    changed(
        plain(2),
        (
            "            with tf.GradientTape() as d_tape:\n" + D_DRAWS,
            indented(
                "        real = self.get_real_sample()\n"
                "        fake = self.get_fake_sample(training=True)\n"
                "        between = self.get_interpolated_sample(real, fake)\n"
                "        gp = self.gradient_penalty(between)\n"
                "        with tf.GradientTape() as d_tape:\n"
            ),
        ),
        (
            "                between = self.get_interpolated_sample(real, fake)\n"
            "                gp = self.gradient_penalty(between)\n",
            "",
        ),
    ),
    "penalty outside",
    "penalty_in_loss",
    "inside the tape",
)
wrong(
    "penalty added to the generator",
    2,
    changed(
        plain(2),
        ("d_tape.gradient(new_discr_loss,", "d_tape.gradient(discr_loss,"),
        ("discr_loss + self.lambda_gp * gp", "discr_loss"),
        (
            "self.generator.loss(self.discriminator(fake, training=True))\n",
            "self.generator.loss(self.discriminator(fake, training=True)) + self.lambda_gp * gp\n",
        ),
    ),
    "penalty not minimised",
    "penalty_in_loss",
    "does not move the critic",
)
wrong(
    "penalty at the fakes",
    2,
    changed(plain(2), ("self.gradient_penalty(between)", "self.gradient_penalty(fake)")),
    "points",
    "penalty_points",
    "at the fakes",
)
wrong(
    "clipping left in",
    2,
    changed(plain(2), (D_APPLY, D_APPLY + bases.PLAIN_CLIP)),
    "clipping left in",
    "own_weights",
    "clipped",
    "task 1",
)

# --- any class: whose weights move, and fakes
wrong(
    "generator's step moves both",
    0,
    changed(
        plain(0),
        (
            "g_tape.gradient(gen_loss, self.generator.trainable_variables)",
            "g_tape.gradient(gen_loss, self.trainable_variables)",
        ),
        (G_APPLY, "self.generator.optimizer.apply_gradients(zip(g_grads, self.trainable_variables))\n"),
    ),
    "moves the discriminator",
    "updates",
    "generator's update also moves the discriminator",
)
wrong(
    "generator's step moves the discriminator, too",
    1,
    changed(
        plain(1),
        ("tf.GradientTape() as g_tape", "tf.GradientTape(persistent=True) as g_tape"),
        (
            G_APPLY,
            G_APPLY
            + "        d_grads = g_tape.gradient(gen_loss, self.discriminator.trainable_variables)\n        "
            + D_APPLY,
        ),
    ),
    "moves the discriminator",
    "updates",
    "generator's update also moves the discriminator",
)
wrong(
    "discriminator's step moves both",
    2,
    changed(
        plain(2),
        (
            "d_tape.gradient(new_discr_loss, self.discriminator.trainable_variables)",
            "d_tape.gradient(new_discr_loss, self.trainable_variables)",
        ),
        (D_APPLY, "self.discriminator.optimizer.apply_gradients(zip(d_grads, self.trainable_variables))\n"),
    ),
    "moves the generator",
    "updates",
    "discriminator's update also moves the generator",
)
G_DRAW = "        with tf.GradientTape() as g_tape:\n            fake = self.get_fake_sample(training=True)\n"
OUTSIDE = (G_DRAW, "        fake = self.get_fake_sample(training=True)\n        with tf.GradientTape() as g_tape:\n")
wrong(
    "generator's fakes outside its tape",
    0,
    changed(plain(0), OUTSIDE),
    "fakes outside tape",
    "runs",
    "outside its tape",
)
wrong(
    "generator's fakes outside its tape, None left out",
    1,
    changed(
        plain(1),
        OUTSIDE,
        (
            "zip(g_grads, self.generator.trainable_variables)",
            "[(g, v) for g, v in zip(g_grads, self.generator.trainable_variables) if g is not None]",
        ),
    ),
    "fakes outside tape",
    "runs",
    "outside its tape",
)
wrong(
    "fakes of the discriminator used by the generator",
    2,
    changed(plain(2), (G_DRAW, "        with tf.GradientTape() as g_tape:\n")),
    "fakes outside tape",
    "runs",
    "outside its tape",
)
wrong(
    "one batch of fakes for the discriminator",
    0,
    changed(
        plain(0),
        (D_DRAWS, D_DRAWS[: D_DRAWS.index("\n") + 1]),
        ("        for _ in", "        fake = self.get_fake_sample(training=True)\n        for _ in"),
    ),
    "fakes reused",
    "fresh_fakes",
    "latent vectors",
    "a fake sample of its own",
)
wrong(
    "one latent sample for all",
    1,
    changed(
        plain(1),
        ("        for _ in", "        z = self.latent_generator(self.batch_size)\n        for _ in"),
        (
            "self.get_fake_sample(training=True)\n                real_out",
            "self.generator(z, training=True)\n                real_out",
        ),
        (G_DRAW, G_DRAW.replace("self.get_fake_sample(training=True)", "self.generator(z, training=True)")),
    ),
    "fakes reused",
    "fresh_fakes",
    "latent vectors",
    "a fake sample of its own",
)
wrong(
    "one batch of real examples",
    0,
    changed(
        plain(0),
        ("                real = self.get_real_sample()\n", ""),
        ("        for _ in", "        real = self.get_real_sample()\n        for _ in"),
    ),
    "data reused",
    "fresh_fakes",
    "real",
)
wrong(
    "real examples drawn with replacement",
    1,
    changed(
        plain(1),
        (
            "tf.random.shuffle(tf.range(tf.shape(self.real_examples)[0]))",
            "tf.random.uniform([size], 0, self.real_examples.shape[0], dtype=tf.int32)",
        ),
    ),
    "replacement",
    "samples",
    "twice",
    "replacement",
)
for task, old, new in (
    (0, SHUFFLE[:-1] + "\n        return tf.gather(self.real_examples, order[:size])",
     "        order = np.random.randint(0, len(self.real_examples), size)\n"
     "        return tf.gather(self.real_examples, order)"),
    (2, SHUFFLE, "        order = tf.random.uniform([size], 0, self.real_examples.shape[0], dtype=tf.int32)\n"),
):  # fmt: skip
    wrong(
        "real examples drawn with replacement",
        task,
        changed(plain(task), (old, new)),
        "replacement",
        "samples",
        "twice",
    )
wrong(
    "drawn with replacement in the step alone",
    0,
    changed(
        plain(0),
        (
            "                real = self.get_real_sample()\n",
            "                order = tf.random.uniform([self.batch_size], 0, len(self.real_examples), dtype=tf.int32)\n"
            "                real = tf.gather(self.real_examples, order)\n",
        ),
    ),
    "replacement",
    "fresh_fakes",
    "twice",
    "replacement",
)
wrong(
    "real examples drawn by NumPy",
    0,
    changed(plain(0), (SHUFFLE, "        order = np.random.permutation(len(self.real_examples))\n")),
    "frozen draws",
    "fit",
    "get_real_sample",
    "same numbers in every step",
)
wrong(
    "real examples drawn by Python",
    1,
    changed(
        plain(1),
        (SHUFFLE, "        order = random.sample(range(self.real_examples.shape[0]), size)\n"),
        ("import numpy as np\n", "import random\nimport numpy as np\n"),
    ),
    "frozen draws",
    "fit",
    "get_real_sample",
    "same numbers in every step",
)
wrong(
    "interpolation weights drawn by NumPy",
    2,
    changed(dense(2), ("tf.random.uniform(tf.concat([[n], tf.ones(len(self.dims) - 1, \"int32\")], 0), 0.0, 1.0)",
                       "np.random.uniform(size=[real_sample.shape[0]] + [1] * (len(self.dims) - 1)).astype('float32')"),
            ("        n = tf.shape(real_sample)[0]\n", ""),
            ("import keras\n", "import keras\nimport numpy as np\n")),
    "frozen draws",
    "fit",
    "get_interpolated_sample",
    "same numbers in every step",
)  # fmt: skip
wrong(
    "generator's loss before the discriminator's updates",
    1,
    changed(
        changed(plain(1), (G_STEP, "        " + G_APPLY)),
        (
            "        for _ in",
            G_STEP.replace("        " + G_APPLY, "") + "        for _ in",
        ),
    ),
    "stale",
    "generator_loss",
    "before the discriminator's updates",
)

# --- constants, fit
wrong(
    "learning rate fixed",
    0,
    plain(0).replace("learning_rate=self.learning_rate", "learning_rate=.005"),
    "constants",
    "adam",
    "learning rate 0.005",
)
wrong(
    "another default of lambda_gp",
    2,
    changed(plain(2), ("lambda_gp=10)", "lambda_gp=1)")),
    "constants",
    "defaults",
    "lambda_gp",
    "10",
)
wrong(
    "another default of disc_iter",
    1,
    changed(plain(1), ("disc_iter=2,", "disc_iter=5,")),
    "constants",
    "defaults",
    "disc_iter",
    "default is 2",
)
wrong(
    "numbers of Python in the step",
    1,
    changed(plain(1), ('{"discr_loss": discr_loss,', '{"discr_loss": discr_loss.numpy(),')),
    "graph",
    "fit",
    "numpy",
)
wrong(
    "clips with numpy in a graph",
    1,
    changed(
        plain(1),
        (
            bases.PLAIN_CLIP,
            "            self.discriminator.set_weights(\n"
            "                [np.clip(w, -1, 1) for w in self.discriminator.get_weights()])\n",
        ),
    ),
    "graph",
    "fit",
    "fit",
)

# --- task 3
LAST_DENSE, FIRST_DENSE = 'Dense(1, activation="tanh")', 'Dense(2048, activation="tanh")'
BATCH_NORMALIZATION = "        h = layers.BatchNormalization()(h)\n"
POOLED = ((32, "x"), (64, "h"), (128, "h"), (256, "h"))  # filters and input of the discriminator's convolutions


def activation(number, function="tanh"):
    """The line of an Activation of PAIR_FUNCTIONAL; 1 to 3 are the generator's."""
    return f'        h = layers.Activation("{function}", name="activation_{number}")(h)\n'


def wrong_pair(name, row, root, words, *changes):
    wrong(name, 3, changed(bases.PAIR_FUNCTIONAL, *changes), row, root, *words)


wrong_pair(
    "last Dense without tanh", "last dense", "discriminator", ["last Dense", "no tanh"], (LAST_DENSE, "Dense(1)")
)
wrong_pair(
    "last Dense with a sigmoid",
    "last dense",
    "discriminator",
    ["last Dense", "sigmoid"],
    (LAST_DENSE, 'Dense(1, activation="sigmoid")'),
)
wrong_pair(
    "first Dense without tanh", "first dense", "generator", ["Dense layer has no tanh"], (FIRST_DENSE, "Dense(2048)")
)
wrong_pair(
    "both Dense without tanh",
    "first dense",
    "generator",
    ["Dense layer has no tanh"],
    (FIRST_DENSE, "Dense(2048)"),
    (LAST_DENSE, "Dense(1)"),
)
wrong_pair(
    "first Dense with relu",
    "relu",
    "generator",
    ["Dense layer has relu"],
    (FIRST_DENSE, 'Dense(2048, activation="relu")'),
)
wrong_pair(
    "relu in the discriminator",
    "relu",
    "discriminator",
    ["activations are relu"],
    *((activation(i), activation(i, "relu")) for i in (4, 5, 6, 7)),
)
wrong_pair(
    "relu in the generator",
    "relu",
    "generator",
    ["activations are relu", "but for the last"],
    *((activation(i), activation(i, "relu")) for i in (1, 2)),
)
wrong_pair(
    "relu in all of the generator",
    "relu",
    "generator",
    ["relu in place of tanh", "activations are relu", "and the last is a sigmoid"],
    (FIRST_DENSE, 'Dense(2048, activation="relu")'),
    *((activation(i), activation(i, "relu")) for i in (1, 2)),
    (activation(3), activation(3, "sigmoid")),
)
wrong_pair(
    "double tanh",
    "double tanh",
    "generator",
    ["convolutions have a tanh of their own"],
    *(
        (
            f'Conv2D({n}, (3, 3), padding="same")(h)\n{BATCH_NORMALIZATION}',
            f'Conv2D({n}, (3, 3), padding="same", activation="tanh")(h)\n{BATCH_NORMALIZATION}',
        )
        for n in (64, 16, 1)
    ),
)
wrong_pair(
    "generator's last Activation missing", "activation missing", "generator", ["last activation"], (activation(3), "")
)
wrong_pair(
    "discriminator's second Activation missing",
    "activation missing",
    "discriminator",
    ["second activation"],
    (activation(5), ""),
)
wrong_pair(
    "kernels of 5",
    "other kernels",
    "generator_layers",
    ["(5, 5, 512, 64)", "(3, 3, 512, 64)"],
    (
        'Conv2D(64, (3, 3), padding="same")(h)\n        h = layers.B',
        'Conv2D(64, 5, padding="same")(h)\n        h = layers.B',
    ),
)
wrong_pair(
    "kernels of 4",
    "other kernels",
    "discriminator_layers",
    ["(4, 4, 1, 32)", "(3, 3, 1, 32)"],
    ("Conv2D(32, (3, 3), ", "Conv2D(32, (4, 4), "),
)
wrong_pair(
    "no bias",
    "other kernels",
    "discriminator_layers",
    ["bias"],
    ("Conv2D(32, (3, 3), ", "Conv2D(32, (3, 3), use_bias=False, "),
)
wrong_pair(
    "other filters",
    "other architecture",
    "discriminator_layers",
    ["64", "128"],
    ("Conv2D(128, (3, 3)", "Conv2D(64, (3, 3)"),
)
wrong_pair(
    "no batch normalisation",
    "other architecture",
    "generator_layers",
    ["BatchNormalization"],
    (BATCH_NORMALIZATION + activation(2), activation(2)),
)
wrong_pair(
    "transposed convolutions",
    "other architecture",
    "generator_layers",
    ["Conv2DTranspose"],
    (
        '        h = layers.UpSampling2D((2, 2))(h)\n        h = layers.Conv2D(1, (3, 3), padding="same")(h)',
        '        h = layers.Conv2DTranspose(1, (3, 3), strides=2, padding="same")(h)',
    ),
)
wrong_pair(
    "average pooling",
    "other architecture",
    "discriminator",
    ["mean of each 2 x 2 block"],
    *(
        (
            f'({n}, (3, 3), padding="same")({x})\n        h = layers.Max',
            f'({n}, (3, 3), padding="same")({x})\n        h = layers.Average',
        )
        for n, x in POOLED
    ),
)
wrong_pair(
    "strides instead of pooling",
    "other architecture",
    "discriminator",
    ["strides"],
    *(
        (
            f'({n}, (3, 3), padding="same")({x})\n        h = layers.MaxPooling2D((2, 2))(h)\n',
            f'({n}, (3, 3), strides=2, padding="same")({x})\n',
        )
        for n, x in POOLED
    ),
)
wrong_pair(
    "smooth up-sampling",
    "other architecture",
    "generator",
    ["bilinear"],
    *(
        (
            f"UpSampling2D((2, 2))(h)\n        h = layers.Conv2D({n},",
            f'UpSampling2D((2, 2), interpolation="bilinear")(h)\n        h = layers.Conv2D({n},',
        )
        for n in (64, 16, 1)
    ),
)
wrong_pair(
    "tanh before the normalisation",
    "other architecture",
    "generator",
    ["before the batch normalisation"],
    *((BATCH_NORMALIZATION + activation(n), activation(n) + BATCH_NORMALIZATION) for n in (1, 2, 3)),
)
wrong_pair(
    "up-sampling behind the convolutions",
    "other architecture",
    "generator",
    ["up-sampling comes after the convolution"],
    *(
        (
            f'        h = layers.UpSampling2D((2, 2))(h)\n        h = layers.Conv2D({n}, (3, 3), padding="same")(h)\n',
            f'        h = layers.Conv2D({n}, (3, 3), padding="same")(h)\n        h = layers.UpSampling2D((2, 2))(h)\n',
        )
        for n in (64, 16, 1)
    ),
)
wrong_pair(
    "a Dropout layer",
    "noise",
    "discriminator",
    ["training=True", "Dropout"],
    (activation(7), activation(7) + "        h = layers.Dropout(0.3)(h)\n"),
)
PAIR_RETURN = "return get_generator(), get_discriminator()"
wrong_pair(
    "exchanged",
    "other architecture",
    "generator_layers",
    ["wrong order"],
    (PAIR_RETURN, "return get_discriminator(), get_generator()"),
)
wrong_pair(
    "function misnamed",
    "class misnamed",
    "function",
    ["no convolutional_GenDiscr"],
    ("def convolutional_GenDiscr", "def convolutional_gen_discr"),
)
wrong_pair(
    "functions returned",
    "other architecture",
    "function",
    ["two Keras models"],
    (PAIR_RETURN, "return get_generator, get_discriminator"),
)

# --- task 4
LOADS = "        self.generator.load_weights(gen_h5)\n        self.discriminator.load_weights(disc_h5)\n"


def wrong_faces(name, row, root, words, old, new):
    wrong(name, 4, changed(bases.FACES, (old, new)), row, root, *words)


wrong_faces(
    "by name",
    "by name",
    "generator_weights",
    ["by name", "loads nothing"],
    LOADS,
    LOADS.replace("h5)", "h5, by_name=True)"),
)
wrong_faces(
    "files exchanged",
    "wrong order",
    "generator_weights",
    ["gen_h5", "exchanged"],
    LOADS,
    LOADS.replace("gen_h5", "?").replace("disc_h5", "gen_h5").replace("?", "disc_h5"),
)
wrong_faces(
    "parameters exchanged",
    "wrong order",
    "generator_weights",
    ["gen_h5", "exchanged"],
    "(self, gen_h5, disc_h5)",
    "(self, disc_h5, gen_h5)",
)
wrong_faces(
    "the generator's file only",
    "one file",
    "discriminator_weights",
    ["not loaded"],
    LOADS,
    LOADS[: LOADS.index("\n") + 1],
)
wrong_faces(
    "the generator's file for both",
    "wrong order",
    "discriminator_weights",
    ["disc_h5", "twice"],
    LOADS,
    LOADS.replace("disc_h5", "gen_h5"),
)
wrong_faces(
    "one file as argument",
    "one file",
    "generator_weights",
    ["two files"],
    "(self, gen_h5, disc_h5)",
    "(self, gen_h5, *, disc_h5=None)",
)
wrong_faces(
    "method misnamed",
    "method misnamed",
    "method",
    ["no method replace_weights"],
    "def replace_weights",
    "def load_both",
)


# ------------------------------------------------- what is named, what is trained, and where it is written

right("beta_1 of tasks 0 and 1", 2, changed(plain(2), ("beta_1 = .3", "beta_1 = .5")), "beta_1")
right("beta_1 of nobody", 0, changed(plain(0), ("beta_1 = .5", "beta_1 = .72")), "beta_1")
right(
    "Adam's own betas",
    1,
    plain(1).replace(", beta_1=self.beta_1, beta_2=self.beta_2", ""),
    "beta_2",
    words=("beta_2 is 0.999", "costs nothing"),
)
right(
    "betas exchanged",
    0,
    plain(0).replace("beta_1=self.beta_1, beta_2=self.beta_2", "beta_1=.9, beta_2=.5"),
    "beta_2",
    words=("beta_2 is 0.5", "costs nothing"),
)
right(
    "epsilon of another library",
    0,
    plain(0).replace("beta_2=self.beta_2)", "beta_2=self.beta_2, epsilon=1e-8)"),
    "epsilon of Adam",
)
right(
    "casts what it is given",
    0,
    changed(
        dense(0),
        ("self.real_examples = real_examples", "self.real_examples = tf.cast(real_examples, tf.float32)"),
        (
            "Dy, Dx = D(y, training=False), D(x, training=False)",
            "Dy, Dx = tf.split(D(tf.concat([y, x], axis=0), training=True), 2)",
        ),
    ),
    "float64",
)

LOADS_BOTH = """
    def replace_weights(self, gen_h5, disc_h5):
        self.generator.load_weights(gen_h5)
        self.discriminator.load_weights(disc_h5)
"""
IMPORTS_TASK_2 = """\
import os
import sys

sys.path.append(os.path.dirname(__file__))
"""
right("tidy faces", 4, tidy(2) + LOADS_BOTH, "pictures", "replace_weights")
right("dense faces", 4, dense(2) + LOADS_BOTH.replace("weights(self", "weight(self"), "pictures", "replace_weight")
right(
    "a subclass of task 2",
    4,
    f"{IMPORTS_TASK_2}\nWGAN = __import__('2-wgan_gp').WGAN_GP\n\n\nclass WGAN_GP(WGAN):{LOADS_BOTH}",
    "subclass",
    beside=((FILES[2], plain(2)),),
)
right(
    "a subclass by importlib, both names",
    4,
    "import importlib\n\n\n"
    f"class WGAN_GP(importlib.import_module('2-wgan_gp').WGAN_GP):\n"
    "    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n"
    f"{LOADS_BOTH}\n    replace_weight = replace_weights\n",
    "subclass",
    file="4-wgan_gp.py",
    beside=((FILES[2], tidy(2)),),
)
right(
    "functions for the losses, size or",
    4,
    bases.FACES.replace("if not size:\n            size = self.batch_size", "size = size or self.batch_size"),
    "pictures",
)
right("beta_1 of task 0 in task 4", 4, changed(bases.FACES, ("beta_1 = .3", "beta_1 = .5")), "pictures", "beta_1")
right(
    "one persistent tape, faces",
    4,
    changed(
        bases.FACES,
        ("with tf.GradientTape() as gp_tape", "with tf.GradientTape(persistent=True) as gp_tape"),
        ("-tf.math.reduce_mean(x)", "tf.reduce_mean(-x)"),
    ),
    "pictures",
)
right(
    "gradient of a reshaped picture",
    4,
    changed(
        dense(2) + LOADS_BOTH,
        ("        g = tf.reshape(g, (tf.shape(g)[0], -1))\n", "        g = tf.keras.layers.Flatten()(g)\n"),
    ),
    "pictures",
)

RIGHT_INLINED = changed(
    plain(2),
    (
        "                between = self.get_interpolated_sample(real, fake)\n"
        "                gp = self.gradient_penalty(between)\n",
        """\
                u = tf.random.uniform([self.batch_size] + [1] * (len(real.shape) - 1))
                between = u * real + (1. - u) * fake
                with tf.GradientTape() as inner:
                    inner.watch(between)
                    scores = self.discriminator(between, training=True)
                slopes = inner.gradient(scores, between)
                squares = tf.reduce_sum(slopes ** 2, axis=list(range(1, len(real.shape))))
                gp = tf.reduce_mean((tf.sqrt(squares) - 1.) ** 2)
""",
    ),
)
HELPERS = RIGHT_INLINED[RIGHT_INLINED.index("    def get_interp") : RIGHT_INLINED.index("    def train_s")]
BARE = without(RIGHT_INLINED, HELPERS)
right("penalty inlined, helpers beside it", 2, RIGHT_INLINED, "loss inlined")
wrong("penalty inlined, no helpers", 2, BARE, "helpers missing", "class", "no method get_interpolated_sample")
SHAPE_OF_U = "[self.batch_size] + [1] * (len(real.shape) - 1)"
for where, text in (("beside right helpers", RIGHT_INLINED), ("without helpers", BARE)):
    wrong(
        f"inlined for vectors only, {where}",
        2,
        changed(text, (SHAPE_OF_U, "[self.batch_size, 1]")),
        "penalty inlined",
        "pictures",
        "On pictures",
    )
    wrong(
        f"normal weights inlined, {where}",
        2,
        changed(text, (f"tf.random.uniform({SHAPE_OF_U})", f"tf.random.normal({SHAPE_OF_U})")),
        "penalty inlined",
        "interpolation",
        "In train_step",
        "uniform on [0, 1]",
    )
    wrong(
        f"no root inlined, {where}",
        2,
        changed(text, ("(tf.sqrt(squares) - 1.)", "(squares - 1.)")),
        "penalty inlined",
        "penalty",
        "no square root",
        "train_step",
    )
wrong("another case", 2, plain(2).replace("WGAN_GP", "WGAN_gp"), "class misnamed", "class", "no class WGAN_GP")
wrong("any name", 1, plain(1).replace("WGAN_clip", "MyGan"), "class misnamed", "class", "MyGan", "in its place")
wrong(
    "misnamed, and the sign swapped",
    1,
    changed(plain(1), (CRITIC, SWAPPED)).replace("WGAN_clip", "WGAN"),
    "critic sign",
    "discriminator_loss",
    "wrong sign",
)
wrong(
    "arguments in another order",
    0,
    changed(plain(0), ("self, generator, discriminator, latent", "self, discriminator, generator, latent")),
    "parameters renamed",
    "construct",
    "discriminator",
)
for name, old, new, *words in (
    ("__init", "def __init__(", "def __init(", "__init", "two underscores"),
    ("_init_", "def __init__(", "def _init_(", "_init_", "two underscores"),
    ("__int__", "def __init__(", "def __int__(", "__int__", "two underscores"),
    ("no self", "def __init__(self, ", "def __init__(", "no self", "first argument"),
):
    wrong(name, 1, changed(plain(1), (old, new)), "constructor misspelled", "construct", *words)
wrong(
    "clipping left in task 0", 0, changed(plain(0), (D_APPLY, D_APPLY + bases.PLAIN_CLIP)), "clipping left in",
    "own_weights", "clipped", "task 1",
)  # fmt: skip
ADAM = "Adam(\n            learning_rate=self.learning_rate, beta_1=self.beta_1, beta_2=self.beta_2)"
for name, *words in (
    ("RMSprop", "RMSprop", "Adam"),
    ("SGD", "SGD", "Adam"),
    ("Nadam", "Nadam", "Adam"),
    ("Adamax", "Adamax", "Adam"),
):
    wrong(
        name, 0, plain(0).replace(ADAM, f"{name}(learning_rate=self.learning_rate)"), "other optimizer", "adam", *words
    )
wrong(
    "AMSGrad", 1, plain(1).replace("beta_2=self.beta_2)", "beta_2=self.beta_2, amsgrad=True)"), "other optimizer",
    "adam", "AMSGrad",
)  # fmt: skip
wrong(
    "no optimizer at all",
    0,
    changed(
        plain(0),
        (D_APPLY.strip(), "[v.assign_sub(g) for g, v in zip(d_grads, self.discriminator.trainable_variables)]"),
        (G_APPLY.strip(), "[v.assign_sub(g) for g, v in zip(g_grads, self.generator.trainable_variables)]"),
    ),
    "other optimizer",
    "adam",
    "plain gradient descent",
    "Adam",
)
ATANH = "tf.math.reduce_mean(tf.atanh(x)) - tf.math.reduce_mean(tf.atanh(y))"
for task in (1, 2):
    wrong(
        "atanh and the wrong sign", task, changed(plain(task), (CRITIC, ATANH)), "other scores", "discriminator_loss",
        "atanh(D)", "wrong sign",
    )  # fmt: skip
    wrong(
        "the real sample in the loss",
        task,
        changed(plain(task), ("loss(real_out, fake_out)", "loss(real, fake_out)")),
        "sample in the loss",
        "discriminator_loss",
        "real sample itself",
    )
wrong(
    "the fake sample in the loss",
    0,
    changed(plain(0), ("loss(real_out, fake_out)", "loss(real_out, fake)")),
    "sample in the loss",
    "discriminator_loss",
    "fake sample itself",
)
wrong(
    "label smoothing",
    0,
    changed(plain(0), ("(x, tf.ones(x.shape))\n            +", "(x, .9 * tf.ones(x.shape))\n            +"),
            ("-1 * tf.ones", "-.9 * tf.ones")),
    "other targets",
    "discriminator_loss",
    "0.9 as the target of real",
    "-0.9 as that of fakes",
)  # fmt: skip
ENTROPY = "keras.losses.BinaryCrossentropy(from_logits=True)"
wrong(
    "cross-entropy with one smoothed label",
    0,
    changed(plain(0), (bases.PLAIN_LOSSES[0][1], f"({ENTROPY}(.9 * tf.ones_like(x), x)\n"
                                                 f"            + {ENTROPY}(tf.zeros_like(y), y))")),
    "other targets",
    "discriminator_loss",
    "cross-entropy",
    "0.9 for real",
)  # fmt: skip
DCGAN = """\
import tensorflow as tf

cross_entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)


def make_generator_model():
    return tf.keras.Sequential([tf.keras.Input((100,)), tf.keras.layers.Dense(784)])


def make_discriminator_model():
    return tf.keras.Sequential([tf.keras.Input((784,)), tf.keras.layers.Dense(1)])


def generator_loss(fake_output):
    return cross_entropy(tf.ones_like(fake_output), fake_output)


@tf.function
def train_step(images):
    pass
"""
wrong("a DCGAN with functions", 0, DCGAN, "another GAN", "class", "another GAN", "cross-entropy")
wrong(
    "a GAN with another constructor",
    0,
    """\
from tensorflow import keras
import tensorflow as tf


class Simple_GAN(keras.Model):
    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator, self.generator, self.latent_dim = discriminator, generator, latent_dim

    def compile(self, d_optimizer, g_optimizer):
        super().compile()
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, keras.losses.BinaryCrossentropy()

    def train_step(self, real_images):
        z = tf.random.normal((tf.shape(real_images)[0], self.latent_dim))
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(tf.ones((1, 1)), self.discriminator(self.generator(z)))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights))
        return {"d_loss": d_loss}
""",
    "another GAN",
    "runs",
    "another GAN",
    "cross-entropy",
)
wrong(
    "compiled and stacked, at import",
    0,
    """\
import tensorflow as tf
from tensorflow import keras

gen = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
dis = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
dis.compile(optimizer="adam", loss="binary_crossentropy")
for epoch in range(100000):
    dis.train_on_batch(gen(tf.random.normal((16, 1))), tf.zeros((16, 1)))
""",
    "another GAN",
    "import",
    "another GAN",
    "cross-entropy",
    "trains",
)
wrong(
    "the main script under the task's name",
    0,
    """\
import tensorflow as tf
Simple_GAN = __import__("0-simple_gan").Simple_GAN
G = Simple_GAN(*fully_connected_GenDiscr([1, 10, 10, 2], None), None, None)
G.compile()
G.fit(None, epochs=16, steps_per_epoch=100)
""",
    "main script",
    "import",
    "is a main script",
)
wrong(
    "trains for hours at import",
    0,
    plain(0)
    + """

gen = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
dis = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
G = Simple_GAN(gen, dis, lambda k: tf.random.normal((k, 1)), tf.random.normal((50, 2)), batch_size=5)
for step in range(10 ** 9):
    G.train_step(None)
""",
    "work at import",
    "import",
    "trains",
    "main script",
)
wrong(
    "counts for ever at import",
    3,
    bases.PAIR_FUNCTIONAL + "\n\nk = 0\nwhile True:\n    k += 1\n",
    "endless import",
    "import",
    "no end within",
    "while True",
)
wrong(
    "mixed_float16",
    1,
    changed(plain(1), ("\n\nclass", "\nkeras.mixed_precision.set_global_policy('mixed_float16')\n\n\nclass")),
    "precision",
    "import",
    "mixed_float16",
)
wrong(
    "both samples in one list",
    1,
    changed(
        dense(1),
        (
            "Dy, Dx = D(y, training=False), D(x, training=False)",
            "Dy, Dx = tf.split(D(tf.concat([y, x], axis=0), training=True), 2)",
        ),
    ),
    "float64",
    "float64",
    "64 bits",
    "Cast",
)

# --- task 4 trains as task 2 does
for name, root, words, *changes in (
    ("stops in train_step", "runs", ["nothing"], ("between = self.get", "between = self.nothing.get")),
    ("stops on vectors", "penalty", ["gradient_penalty fails"], ("axis=self.axis", "axis=[1, 2, 3]")),
    (
        "other keys and defaults", "defaults", ["default is 2"],
        ('"discr_loss"', '"d_loss"'), ("batch_size=200, disc_iter=2", "batch_size=32, disc_iter=5"),
    ),
    (
        "stops on pictures", "pictures", ["on pictures"],
        ("tf.random.uniform(self.scal_shape)", "tf.random.uniform([self.batch_size, 1])"),
        ("tf.ones(self.scal_shape) - u", "1 - u"),
    ),
    ("raw samples", "discriminator_loss", ["outputs"], ("loss(real_out, fake_out)", "loss(real, fake)")),
    (
        "penalised loss returned", "returned_values", ["contains the penalty"],
        ('{"discr_loss": discr_loss,', '{"discr_loss": new_discr_loss,'),
    ),
    ("no gp", "returned_keys", ["no gp"], (', "gp": gp}', "}")),
    ("critic's sign, faces", "discriminator_loss", ["wrong sign"], (CRITIC, SWAPPED)),
    ("clipping left in, faces", "own_weights", ["clipped"], (D_APPLY, D_APPLY + bases.PLAIN_CLIP)),
):  # fmt: skip
    wrong(f"faces: {name}", 4, changed(bases.FACES, *changes), "training of task 4", root, *words)
