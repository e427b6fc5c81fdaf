"""``make on-aws``: what this project infers of AWS, settled on a real account.

``python -m on_aws`` applies ``examples/word2vec``, runs files through it, prints where AWS did something else than
:mod:`on_aws.inferred` says, and destroys everything.
"""
