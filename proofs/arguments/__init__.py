"""Why no network of a width equals a target, and why a minimum is attained: one rule a module, all exact."""
