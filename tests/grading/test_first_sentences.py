"""What the first sentence to a student names, for mistakes of many kinds: judges alone, no solution is run."""

import numpy as np
import pytest
import tensorflow as tf

from tests.checker import effects, finding, inputs, reference, reference_networks, source, watching
from tests.checker.judges import interpolation, losses, networks, returned, steps, weights
from tests.checker.outcomes import Remark
from tests.checker.records import arrays, fakes

layers = tf.keras.layers


def test_squares_that_are_left_out_are_told_as_such():
    """mean (D(real) - 1) + mean (D(fake) + 1) was "the mean of both together"; its value tells it from a mean."""
    with inputs.use(effects.key(1, 0)):
        d, g = arrays(inputs.discriminator_weights()), arrays(inputs.generator_weights())
        x, y = reference.scores(d, inputs.examples()), reference.scores(d, fakes(g))
        for which, weights_of, of, values in (
            ("discriminator", d, lambda w: [reference.scores(w, one) for one in (inputs.examples(), fakes(g))], (x, y)),
            ("generator", g, lambda w: (reference.scores(d, fakes(w)),), (y,)),
        ):  # fmt: skip

            def gradient(loss, weights_of=weights_of, of=of):
                return reference.gradient_at_once(lambda w: loss(*of(w)), weights_of)

            known = {"discriminator": reference.DISCRIMINATOR_WITHOUT_SQUARES}.get(
                which, reference.GENERATOR_WITHOUT_SQUARES
            )
            for loss in known:
                case, shown = (gradient, gradient(loss)), float(loss(*values))
                assert losses.without_squares(which, case, None, shown, values)
                assert not losses.without_squares(which, case, None, shown + 0.5, values)
                assert not losses.without_squares(which, case, "is Huber's loss", shown, values)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_squares_are_told_with_their_targets_and_shares(seed):
    """Errors on fakes that are subtracted were told as targets that differ from example to example."""
    with inputs.use(effects.key(seed, 0)):
        d, fake = arrays(inputs.discriminator_weights()), fakes(arrays(inputs.generator_weights()))

        def gradient(loss):
            return reference.gradient_at_once(
                lambda w: loss(reference.scores(w, inputs.examples()), reference.scores(w, fake)), d
            )

        for loss, words in (
            (lambda x, y: reference.squared(x, 1) - reference.squared(y, 1), "of D(fake) from 1 -1 times"),
            (lambda x, y: reference.squared(x, 1) + 3 * reference.squared(y, -1), "of D(fake) from -1 3 times"),
            (lambda x, y: reference.squared(x, 0.5) * 2 + reference.squared(y, -1), "of D(real) from 0.5 2 times"),
            (lambda x, y: reference.squared(x, 1) + reference.mean(y), "the mean of D(fake) 1 times"),
            (lambda x, y: -reference.squared(y, 1), "D(real) not at all and the squared distance of D(fake) from 1 -1"),
            (lambda x, y: reference.squared(x, -1) + reference.squared(y, -1), "-1 as the target of real examples"),
        ):
            assert words in losses.with_other_targets("squares", (gradient, gradient(loss)))


def test_a_gradient_of_zero_is_of_one_sample_only_if_there_is_one():
    """Logarithms of what is cut at 0 have a gradient of zero, too: with some seeds they were told as one sample."""
    real, fake = np.random.default_rng(3).normal(size=(2, 5, 2))
    assert losses.of_one_sample([real, real]) and losses.of_one_sample([real])
    assert not losses.of_one_sample([real, fake]) and not losses.of_one_sample([])


def test_what_is_done_to_weights_instead_of_clipping_is_told():
    """Norms, tanh and signs also stay within [-1, 1]: "values that are inside must stay" says nothing of that."""
    rng = np.random.default_rng(5)
    before = [rng.normal(size=shape, scale=2) for shape in ((4, 5), (5,), (5, 1), (1,))]
    for words, cut in weights.OTHER_CUTS.items():
        states = [({"discriminator": before}, {"discriminator": cut(before)})]
        assert [name for name, other in weights.OTHER_CUTS.items() if weights.made_by(other, states)] == [words]


def test_other_layers_of_task_3_work_as_those_of_keras():
    """A name is told by what a layer gives: so dilations, sizes and the order of channels must be Keras's."""
    rng = np.random.default_rng(6)
    x, kernel, bias = rng.normal(size=(2, 8, 8, 3)), rng.normal(size=(3, 3, 3, 4)), rng.normal(size=4)
    layer = layers.Conv2D(4, 3, padding="same", dilation_rate=2)
    layer.build((None, 8, 8, 3))
    layer.set_weights([kernel, bias])
    dilated = reference_networks.convolution(x, kernel, bias, 2)
    np.testing.assert_allclose(dilated, layer(x.astype("float32")), atol=1e-4)
    np.testing.assert_allclose(reference_networks.repeated(x, 4), layers.UpSampling2D(4)(x), atol=1e-6)
    bicubic = layers.UpSampling2D(2, interpolation="bicubic")(x.astype("float32"))
    np.testing.assert_allclose(reference_networks.bicubic(x), bicubic, atol=1e-5)
    np.testing.assert_allclose(
        reference_networks.blocks(x, 2, reference_networks.overlapping), layers.MaxPooling2D(3, 2, "same")(x), atol=1e-6
    )
    layer = layers.Conv2D(4, 3)
    layer.build((None, 10, 10, 3))
    layer.set_weights([kernel, bias])
    for padding, sides, mode in (
        ("puts all zeros below and to the right of the picture", (0, 2), "CONSTANT"),
        ("puts all zeros above and to the left of the picture", (2, 0), "CONSTANT"),
        ("reflects the picture at its border, without the border itself", (1, 1), "REFLECT"),
        ("repeats the border of the picture outside", (1, 1), "SYMMETRIC"),
    ):
        padded = tf.pad(x.astype("float32"), [[0, 0], sides, sides, [0, 0]], mode)
        np.testing.assert_allclose(
            reference_networks.convolution(x, kernel, bias, padding=padding), layer(padded), atol=1e-4
        )
    row = rng.normal(size=(2, 2048))
    folded = layers.Permute((2, 3, 1))(layers.Reshape((512, 2, 2))(row))
    np.testing.assert_allclose(reference_networks.channels_first(row), folded, atol=1e-6)


@pytest.mark.parametrize("which", [0, 1])
def test_other_layers_of_task_3_are_told_apart(which):
    """Up-sampling by 4, 2, 1 has the layers and the weights of the task: only the values show it."""
    name = ("generator", "discriminator")[which]
    with inputs.use(effects.key(1, 3)):
        known, x = inputs.stored_weights(name), inputs.latent_vectors(2, 16)
        x = x if which == 0 else inputs.table("faces", 2, 16, 16, 1)
        function = (reference_networks.generator_of_task_3, reference_networks.discriminator_of_task_3)[which]
        right = function(known, x, *[False] * (which == 0))
        chosen = list(reference_networks.other_layers(which).items())
        for sentence, wrong in (*chosen[:2], *chosen[-10:]):
            made = function(known, x, *[False] * (which == 0), **wrong)
            assert made.shape == right.shape and not reference.close([made], [right]), sentence


def test_statistics_of_the_batch_without_training_are_told():
    """A layer that is called with training=True when the network is built keeps to that in Keras 2."""
    with inputs.use(effects.key(1, 3)):
        known, z = inputs.stored_weights("generator"), inputs.latent_vectors(inputs.FACES, 16)
        use, always = (reference_networks.generator_of_task_3(known, z, training) for training in (False, True))
        judge = networks.judge_values(0)
        assert judge({"generator": {"use": use, "training": always}}) is None
        assert "training=False, too" in judge({"generator": {"use": always, "training": always}})
        assert "ignores training=True" in judge({"generator": {"use": use, "training": use}})
        assert judge({"generator": {"use": use, "training": always, "unset": use}}) is None
        kept = judge({"generator": {"use": use, "training": always, "unset": always}})
        assert isinstance(kept, Remark) and "costs nothing" in kept


def test_a_softmax_of_one_value_is_told():
    """It makes 1 of whatever it is given, as do activations that are saturated."""
    with inputs.use(effects.key(1, 3)):
        ones = np.ones((inputs.FACES, 1)).tolist()
        said = networks.judge_values(1)({"discriminator": {"use": ones, "training": ones}})
    assert "gives 1 for every input" in said and "softmax" in said


def test_what_stands_behind_the_last_tanh_is_told():
    """A picture in [0, 255], or cut at 0, is a right network with a layer more."""
    right = np.tanh(np.random.default_rng(7).normal(size=(3, 16, 16, 1)))
    for found, words in (
        (np.maximum(right, 0), "(relu)"),
        (np.tanh(right), "(tanh)"),
        (127.5 * right + 127.5, "127.5 times those of the task plus 127.5"),
        (np.clip(right, -0.4, 0.6), "cut to [-0.4, 0.6]"),
        (1.7159 * np.tanh(2 / 3 * np.arctanh(right)), "1.716 tanh(0.6667 x)"),
        (np.tanh(2 * np.arctanh(right)), "1 tanh(2 x)"),
        (right[:, ::-1], "upside down"),
        (np.swapaxes(right, 1, 2), "with rows for columns"),
    ):
        assert words in networks.put_behind(found, right)
    assert networks.put_behind(np.random.default_rng(8).normal(size=right.shape), right) is None


def test_weights_of_interpolation_that_are_cut_are_told():
    """Clipped normal numbers have nearly the mean and the deviation of uniform ones, and lost nothing."""
    for seed in range(50):
        rng = np.random.default_rng(seed)
        uniform = rng.uniform(size=(20, 80, 1)).astype("float32")
        assert interpolation.wrong_weights(uniform) is None
        cut = np.clip(rng.normal(0.5, 0.35, size=(20, 80, 1)), 0, 1)
        assert "cut there" in interpolation.wrong_weights(cut)
    assert "either 0 or 1" in interpolation.wrong_weights(np.round(uniform))


@pytest.mark.parametrize(
    "line, name",
    [
        ("real = data", "data"),
        ("n = tf.shape(data)[0]", "data"),
        ("return super().train_step(data)", None),
        ("data = None", None),
        ("return {}", None),
    ],
)
def test_a_step_that_works_with_its_argument_is_told(line, name):
    """Keras's own examples do; the course hands over what is of no use, and draws its samples itself."""
    text = f"class A:\n    def train_step(self, data):\n        {line}\n"
    found = source.used_argument(source.ast.parse(text))
    assert found == name
    records = {"import": {"source": {"argument": found}}}
    stopped = {"error": "ValueError", "message": "None values not supported.", "place": ["0.py", 3, "D(real)"]}
    sentence = steps.works_with_its_argument(records, stopped)
    assert (sentence is not None) == (name is not None)
    other = {"error": "NameError", "message": "name 'q' is not defined", "place": ["0.py", 9, "q.x"]}
    assert steps.works_with_its_argument(records, other) is None


def test_a_function_that_calls_itself_is_named(tmp_path):
    """The line in which the depth is exceeded is any line of whatever it calls."""
    path = tmp_path / "own.py"
    path.write_text("def deep(k):\n    len(str(k))\n    return deep(k + 1)\n\n\ndef begin():\n    deep(0)\n")
    namespace = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    with pytest.raises(RecursionError) as caught:
        namespace["begin"]()
    found = source.described(caught.value, str(tmp_path))
    assert found["message"].startswith("deep calls itself") and found["place"][:2] == ["own.py", 3]


def test_a_method_that_begins_with_an_argument_of_the_course_has_no_self():
    """`def replace_weights(gen_h5, disc_h5)` was told as "takes 2 positional arguments but 3 were given"."""
    text = b"class A:\n    def replace_weights(gen_h5, disc_h5):\n        pass\n    def size_of(k, n):\n        pass\n"
    mended, found = source.with_self(text)
    assert found == ["replace_weights"] and b"def replace_weights(self, gen_h5, disc_h5)" in mended


def test_methods_with_other_arguments_are_those_that_cannot_be_called():
    """A penalty of two samples trains as well as one of their mixture: it is judged in the training."""
    find = finding.Finding(source)
    assert find.other_arguments(lambda real, fake: 0, "gradient_penalty") == ["real", "fake"]
    assert find.other_arguments(lambda: 0, "get_interpolated_sample") == []
    for fine in (lambda x: 0, lambda *x: 0, lambda x, more=1: 0):
        assert find.other_arguments(fine, "gradient_penalty") is None
    assert find.other_arguments(lambda: 0, "train_step") is None


@pytest.mark.parametrize("value, kind", [(2.5, None), (np.float32(2.5), None), ([2.5], "list"), ("2.5", "text")])
def test_a_list_or_a_text_is_no_loss(value, kind):
    """History would hold lists, and the main scripts draw numbers."""
    seen = watching.Watching.__new__(watching.Watching)
    seen.asarray = np.asarray
    seen = {"returned": {"discr_loss": seen.number(value), "gen_loss": seen.number(1.5)}, "events": []}
    sentence = returned.judge_returned_keys(0)({"step": {"steps": [seen]}})
    assert (sentence is None) == (kind is None) and (kind is None or f"stands in a {kind}" in sentence)
