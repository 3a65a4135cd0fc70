"""Solutions of the five tasks as different people write them, right and wrong, to try the checker on."""
