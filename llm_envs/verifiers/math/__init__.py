"""The math verifier, one module a layer.

extract     which characters of a reply are its answer, and by which rule
normalise   one way of writing: characters, numerals and number_words do their part of it
quantities  where the unit stands, and one unit for both sides; the units are in units
phrases     words that say the same; choices and dates likewise
parser      text to a tree: lexer, grammar, operands, commands, structures; the names they know are in vocabulary
trees       the trees: plain tuples
forms       what a tree says, apart from its value
exact       equal or not by arithmetic modulo two primes
numeric     equal or not by many digits at several points
regions     intervals and inequalities as sets of numbers
compare     the rules that put these together
symbolic    SymPy, in worker processes only
reference   reference answers, read once
judge       the way to compare that suits the reference
rules       the named options
verify      the verdict: `llm_envs.verifiers.math(reply, reference)`
partial     how much of a set, tuple or matrix is right
"""
