"""Deciding which mentions speak of the same person or organisation: pure, so that it runs anywhere.

`record` says what goes in, `preparation` parses it once, `blocking` proposes pairs, `comparison` weighs one pair in
bits, `clustering` turns the pairs of one component into clusters. `statistics` holds what is learnt from the whole
collection and is frozen between versions, so that a later mention gets the score that it would have got in the batch.
"""
