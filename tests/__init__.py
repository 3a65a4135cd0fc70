"""The tests, in this order of ideas: contract, shapes, hand-derived values, one training step against an independent
reference, properties after training, golden runs."""
