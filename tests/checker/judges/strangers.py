"""Files that hold something else than the task asks for: another GAN, or a main script."""

from tests.checker.records import identifiers


def main_script(records):
    """A sentence if the file makes and trains an object instead of defining what the task asks for."""
    record, seen = records["import"], identifiers(records)
    defines = {"train_step", "convolutional_GenDiscr", "replace_weights", "replace_weight"} & seen
    runs = {
        "fit",
        "__import__",
        "visualize_2D",
        "visualize_5D",
        "fully_connected_GenDiscr",
        "train",
        "train_on_batch",
    } & seen
    if len(runs) > 1 - bool(record.get("aborted")) and not defines - (
        {"convolutional_GenDiscr"} if "fit" in seen else set()
    ):
        return f"{record.get('file', 'The file')} is a main script, which runs a task: the file must define it."
    return None


CROSS_ENTROPY = {
    "BinaryCrossentropy", "binary_crossentropy", "sigmoid_cross_entropy_with_logits", "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy", "BCELoss",
}  # fmt: skip


TUTORIALS = (  # names that give away another GAN, and what it is
    ({"discriminator_extra_steps"}, "the WGAN-GP of Keras's examples"),
    ({"d_loss_fn", "g_loss_fn"}, "the WGAN-GP of Keras's examples"),
    ({"random_latent_vectors", "misleading_labels"}, "the GAN of Keras's examples"),
    ({"make_generator_model", "make_discriminator_model"}, "the DCGAN of TensorFlow's tutorial"),
    ({"train_on_batch"}, "which trains a compiled discriminator and a stack of both networks (train_on_batch)"),
    ({"BCELoss"}, "written for PyTorch"),
    ({"torch"}, "written for PyTorch"),
)


def another_gan(task, records):
    """A sentence if the file holds another GAN than the course's."""
    seen = identifiers(records)
    wanted = {
        0: "squared errors: mean (D(real) - 1)^2 + mean (D(fake) + 1)^2 for the discriminator, mean (D(fake) - 1)^2 "
        "for the generator"
    }.get(task, "no labels: mean D(fake) - mean D(real) for the critic, -mean D(fake) for the generator")
    entropy = seen & CROSS_ENTROPY
    for names, words in TUTORIALS:
        if names <= seen:
            also = f", with the binary cross-entropy ({sorted(entropy)[0]})" if entropy else ""
            return f"This is another GAN, {words}{also}. Task {task} has a class of its own, and losses of {wanted}"
    if entropy:
        return (
            f"This is another GAN: it trains with the binary cross-entropy ({sorted(entropy)[0]}). Task {task} has "
            f"losses of {wanted}"
        )
    return None
