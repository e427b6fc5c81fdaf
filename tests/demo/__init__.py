"""``make demo``: a CSV becomes a model on this machine, by the real module on the local AWS."""
