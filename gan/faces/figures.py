"""Pictures of the faces. A function that draws returns its matplotlib figure."""

from gan.backend import plt  # before TensorFlow, because Keras 3 imports pyplot

# isort: split
import numpy as np

from gan.figures import GENERATOR, REAL, finish, plot_losses


def visualize_pixels(pictures):
    """The distribution of the values of every pixel: one small histogram a pixel; pictures (n, h, w)."""
    _, height, width = pictures.shape
    figure, axes = plt.subplots(height, width, figsize=(width, height), squeeze=False)
    figure.subplots_adjust(left=.02, right=.98, bottom=.03, top=.93)
    bins = np.linspace(pictures.min(), pictures.max(), 31)
    for row in range(height):
        for column in range(width):
            axis = axes[row, column]
            # a filled outline: 256 histograms of 30 bars each would take half a minute to draw
            axis.stairs(np.histogram(pictures[:, row, column], bins)[0], bins, fill=True, color=REAL)
            axis.set(yticks=[], xticks=[], xlim=(bins[0], bins[-1]))
    figure.suptitle(f"how often each pixel of {len(pictures)} faces, less the mean face, has which value, from "
                    f"{bins[0]:.2f} (left) to {bins[-1]:.2f} (right); each panel has a height of its own",
                    fontsize="x-large")
    return finish(figure, show=False)


def visualize_coordinates(coordinates):
    """Histograms of standardised principal coordinates (n, 49) with the density of the normal law (appendix)."""
    from scipy.stats import norm  # here, because it takes longer to load than most pictures to draw
    figure, axes = plt.subplots(7, 7, figsize=(14, 10), sharex=True, sharey=True, layout="constrained")
    x = np.linspace(-5, 5, 101)
    for number, (axis, values) in enumerate(zip(axes.flat, np.asarray(coordinates).T), start=1):
        axis.stairs(*np.histogram(values, density=True, bins=40), fill=True, color=REAL, label="real faces")
        axis.plot(x, norm.pdf(x), color="magenta", label="normal law")
        axis.text(.05, .8, number, transform=axis.transAxes)
    axes[0, 0].set(xlim=(-5, 5))  # of all 49: setting it for each would update all of them every time
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.suptitle("density of the first 49 principal coordinates of the faces, each divided by its spread")
    return finish(figure, show=False)


def visualize_chi2(panels, degrees):
    """Histograms of sums of squares with the density of the chi-square law (appendix).

    Args:
        panels: list of (title, values).
        degrees: of freedom of the law.
    """
    from scipy.stats import chi2  # here, because it takes longer to load than most pictures to draw
    figure, axes = plt.subplots(1, len(panels), figsize=(5 * len(panels), 4), sharex=True, sharey=True, squeeze=False,
                             layout="constrained")
    x = np.linspace(0, 200, 201)
    for axis, (title, values) in zip(axes[0], panels):
        axis.hist(values, bins=np.linspace(0, 200, 101), density=True, label="pictures",
                  color=GENERATOR if title.startswith("fake") else REAL)
        axis.plot(x, chi2.pdf(x, degrees), color="magenta", label="chi-square law")
        axis.set(title=title, xlabel="sum of squares")
    axes[0, 0].set_ylabel("density")
    axes[0, 0].legend()
    figure.suptitle(f"sum of squares of {degrees} standardised principal coordinates, and the chi-square law")
    return finish(figure, show=False)


def visualize_faces(G, lat_vecs, recover, show_history=True):
    """Ten faces, the discriminator's values on real and on fake ones, both losses (task 3).

    Args:
        G: a trained GAN on faces.
        lat_vecs: at least ten latent vectors, (n, 16).
        recover: function from the generator's pictures (n, 16, 16) to pictures in [0, 1].
        show_history: draw the losses too.

    The course applies `recover` to (10, 16, 16, 1), which broadcasts every face against every row of the mean face;
    here the channel is taken off first.
    """
    name = type(G).__name__
    figure = plt.figure(figsize=(16, 5.5), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[1, 1.6])
    faces = recover(np.asarray(G.generator(lat_vecs, training=False))[:10, :, :, 0])
    for axis, face in zip(above.subplots(1, 10), faces):
        axis.imshow(face, cmap="gray", vmin=0, vmax=1)
        axis.axis("off")
    above.suptitle(f"{name}: ten fake faces; black is 0, white is 1")

    axes = below.subplots(1, 3 if show_history else 2)
    samples = (("real", G.with_channel(G.get_real_sample(400)), REAL), ("fake", G.get_fake_sample(400), GENERATOR))
    values = [np.asarray(G.discriminator(sample, training=False))[:, 0] for _, sample, _ in samples]
    bins = np.histogram_bin_edges(np.concatenate(values), bins=40)  # one scale for both
    for axis, (kind, _, color), found in zip(axes, samples, values):
        axis.hist(found, bins=bins, color=color)
        axis.set(title=f"{name}: the discriminator's values of 400 {kind} faces", xlim=(bins[0], bins[-1]),
                 xlabel="value", ylabel="faces")
    if show_history:
        plot_losses(axes[2], G.history.history)
        axes[2].set_title(f"{name}: losses")
    return finish(figure, show=False)


def visualize_quality(rows):
    """The indicators over a training: one panel each; `rows`: list of dicts with "epoch" and the indicators."""
    names = ["sliced_wasserstein", "frechet", "precision", "recall", "sum_of_squares"]
    figure, axes = plt.subplots(1, len(names), figsize=(4 * len(names), 3.6), layout="constrained")
    for axis, name in zip(axes, names):
        axis.plot([row["epoch"] for row in rows], [row[name] for row in rows], marker=".", color=GENERATOR)
        axis.set(title=name.replace("_", " "), xlabel="epoch", ylabel="indicator")
        axis.xaxis.get_major_locator().set_params(integer=True)
    figure.suptitle("indicators of the averaged generator; precision and recall should be high, the others low")
    return finish(figure, show=False)
