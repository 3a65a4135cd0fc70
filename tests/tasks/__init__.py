"""The five task modules: names, printed numbers, losses, one training step, networks, stored runs."""
