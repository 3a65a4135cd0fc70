"""What the five tasks and their main scripts share.

Running a script
* `script`: all that a main script calls, by one name; runs it: start, device, pictures, end.
* `options`: the command line, and what its values may be; the output folder.
* `outputs`: what is written there, or one sentence why it cannot be.
* `quiet_start`: starts TensorFlow without its messages.
* `streams`: nothing that is printed can end a program.
* `seeds`: one seed for everything that is drawn.
* `example_training`: builds the course's networks and trains them.
* `progress`: the line that a long training shows.
* `jobs`: runs that do not depend on each other, several at a time.

What is shown and measured
* `figures`: every picture and animation of points; sheets of small pictures.
* `backend`: pyplot, with a way of drawing that can be had.
* `notebook`: each picture is shown once in a notebook.
* `live_plot`: a picture of the training that is drawn again while it runs.
* `indicators`: numbers that say how good a generator is.
* `numbers_in_words`: how a mean and a spread are written.
* `picture_measures`: how close generated small pictures come to real ones.
* `lab`: a web page in which the three classes train on points of the plane.
* `faces`: what serves only the faces, in a folder of its own.

What is trained
* `examples`: the real examples: circle, four clouds, cloud in the corner.
* `networks`: latent generators and fully connected networks.
* `model`: the base class of the three GANs: two networks, latent vectors, samples.
* `engine`: how every model trains, is stored and goes on, in a folder of its own.
* `checks`: the checks of arguments behind the error messages.
* `files`: files written whole or not at all.
* `keras_settings`: whether Keras, as it is set up on this machine, can be used at all.
"""
