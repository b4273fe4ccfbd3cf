"""The statements of MATHEMATICS.md as records, each with the exact computations that check it."""
