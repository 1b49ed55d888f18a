"""The nouns of the package: plain values that every other room uses, without the steps that make
them.
"""
