"""How good the models are that come out, beside what one would have otherwise: ``make quality``."""
