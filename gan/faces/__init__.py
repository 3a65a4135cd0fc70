"""What serves only the faces of tasks 3 and 4.

* `pictures`: the faces, from their file to what the networks take.
* `options`: the command line's `--faces` and `--weights`.
* `figures`: pictures about faces: pixels, principal coordinates, values, quality over a training.
* `quality`: indicators of faces as a table, calibrated; the PCA generator.
* `latent`, `attributes`: walks in latent space, and directions that change a face's attribute.
* `recipe`: what the long training of the faces adds: an averaged generator, samples and indicators as it goes.
* `stored_weights`: writes weights in the layout of the course's files.
* `page`: a web page that makes faces; `page.html` is its text.
"""
