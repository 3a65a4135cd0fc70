"""Pictures of the faces. A function that draws returns its matplotlib figure."""

from gan.backend import matplotlib, plt  # before TensorFlow, because Keras 3 imports pyplot

# isort: split
import numpy as np

from gan.figures import plot_losses


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
            axis.stairs(np.histogram(pictures[:, row, column], bins)[0], bins, fill=True)
            axis.set(yticks=[], xticks=[], xlim=(bins[0], bins[-1]))
    figure.suptitle(f"distribution of each pixel, from {bins[0]:.2f} to {bins[-1]:.2f}")
    return figure


def visualize_coordinates(coordinates):
    """Histograms of standardised principal coordinates (n, 49) with the density of the normal law (appendix)."""
    from scipy.stats import norm  # here, because it takes longer to load than most pictures to draw
    figure, axes = plt.subplots(7, 7, figsize=(21, 11), sharex=True)
    x = np.linspace(-5, 5, 101)
    for axis, values in zip(axes.flat, np.asarray(coordinates).T):
        axis.hist(values, density=True, bins=40)
        axis.plot(x, norm.pdf(x), color="magenta")
    figure.suptitle("principal coordinates and the normal law")
    return figure


def visualize_chi2(panels, degrees):
    """Histograms of sums of squares with the density of the chi-square law (appendix).

    Args:
        panels: list of (title, values).
        degrees: of freedom of the law.
    """
    from scipy.stats import chi2  # here, because it takes longer to load than most pictures to draw
    figure, axes = plt.subplots(1, len(panels), figsize=(5 * len(panels), 4), sharex=True, sharey=True, squeeze=False)
    x = np.linspace(0, 200, 201)
    for axis, (title, values) in zip(axes[0], panels):
        axis.hist(values, bins=np.linspace(0, 200, 101), density=True)
        axis.plot(x, chi2.pdf(x, degrees))
        axis.set_title(title)
    figure.suptitle(f"sum of squares of {degrees} standardised principal coordinates, and the chi-square law")
    figure.tight_layout()
    return figure


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
    figure = plt.figure(figsize=(20, 4))
    width = 4
    grid = matplotlib.gridspec.GridSpec(width * 2, width * 10)
    faces = recover(np.asarray(G.generator(lat_vecs, training=False))[:10, :, :, 0])
    for i, face in enumerate(faces):
        axis = figure.add_subplot(grid[:width - 1, i * width:(i + 1) * width - 1])
        axis.imshow(face, cmap="gray", vmin=0, vmax=1)
        axis.axis("off")

    samples = (("real", G.with_channel(G.get_real_sample(400))), ("fake", G.get_fake_sample(400)))
    for i, (name, sample) in enumerate(samples):
        axis = figure.add_subplot(grid[width:, i * (3 * width + 1):i * (3 * width + 1) + 3 * width])
        axis.hist(np.asarray(G.discriminator(sample, training=False))[:, 0], bins=20)
        axis.set_title(f"values of disc on {name}")
    if show_history:
        axis = figure.add_subplot(grid[width:, 6 * width + 2:9 * width + 3])
        plot_losses(axis, G.history.history)
        axis.set_title("losses")
        axis.legend()
    return figure


def visualize_quality(rows):
    """The indicators over a training: one panel each; `rows`: list of dicts with "epoch" and the indicators."""
    names = ["sliced_wasserstein", "frechet", "precision", "recall", "sum_of_squares"]
    figure, axes = plt.subplots(1, len(names), figsize=(4 * len(names), 3.2))
    for axis, name in zip(axes, names):
        axis.plot([row["epoch"] for row in rows], [row[name] for row in rows], marker=".")
        axis.set(title=name.replace("_", " "), xlabel="epoch")
    figure.tight_layout()
    return figure
