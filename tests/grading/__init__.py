"""The checker that grades solutions: verdicts, inputs, reports, and that no solution can harm it."""
