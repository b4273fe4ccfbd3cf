"""Which activations keep their minimum and which lose it: families, rigorous risk bounds, arguments, certificates."""
