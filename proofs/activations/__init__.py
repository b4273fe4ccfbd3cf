"""Activations other than ReLU: definitions, limits of diverging families, and what those limits add to the closure."""
