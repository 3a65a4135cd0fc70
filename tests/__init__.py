"""The tests, in folders by what is tested (`tests/README.md` has the map), and the checker.

Of the tasks in this order of ideas: contract, shapes, hand-derived values, one training step against an independent
reference, properties after training, golden runs.
"""
