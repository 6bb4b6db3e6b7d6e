"""Learn representations in which distance means something: NPLB, exact over all triplets, and its judges.

Importing this package is light: no torch until a name that needs it is used.
"""
