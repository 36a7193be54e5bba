"""What the patterns of libphonenumber accept, one digit at a time.

A pattern becomes a set of states. A prefix is alive as long as the set that it leads to is not
empty: the patterns hold digits, choices and counts only, so that every state can reach an end.
"""

from re import _constants as op
from re import _parser as parser


def parse(pattern):
    """The pattern as nested tuples, ready for step()."""
    return _sequence(parser.parse(pattern))


def _sequence(items):
    node = ()
    for code, argument in reversed(items):
        node = (_item(code, argument), node)
    return node


def _item(code, argument):
    if code is op.LITERAL:
        return ("digits", frozenset({chr(argument)}))
    if code is op.IN:
        return ("digits", frozenset().union(*(_digits(*part) for part in argument)))
    if code is op.CATEGORY:
        return ("digits", _digits(code, argument))
    if code is op.MAX_REPEAT:
        least, most, inner = argument
        return ("repeat", least, most, _sequence(inner))
    if code is op.SUBPATTERN:
        return ("choice", (_sequence(argument[3]),))
    if code is op.BRANCH:
        return ("choice", tuple(_sequence(branch) for branch in argument[1]))
    raise ValueError(f"a pattern with {code}: teach patterns.py about it")


def _digits(code, argument):
    if code is op.LITERAL:
        return frozenset({chr(argument)})
    if code is op.RANGE:
        return frozenset(chr(digit) for digit in range(argument[0], argument[1] + 1))
    if code is op.CATEGORY and argument is op.CATEGORY_DIGIT:
        return frozenset("0123456789")
    raise ValueError(f"a class with {code}: teach patterns.py about it")


def _join(first, rest):
    """The sequence of two sequences."""
    if not first:
        return rest
    return (first[0], _join(first[1], rest))


def step(node, digit):
    """All that can remain of the sequence after this digit."""
    if not node:
        return
    item, rest = node
    if item[0] == "digits":
        if digit in item[1]:
            yield rest
    elif item[0] == "choice":
        for branch in item[1]:
            yield from step(_join(branch, rest), digit)
    else:
        _, least, most, inner = item
        if most > 0:
            again = (("repeat", max(least - 1, 0), most - 1, inner), rest)
            yield from step(_join(inner, again), digit)
        if least == 0:
            yield from step(rest, digit)


class Language:
    """The numbers that any of the patterns accepts."""

    def __init__(self, patterns):
        self.states = frozenset(parse(pattern) for pattern in patterns)

    def after(self, digit):
        """The numbers of which this digit has been read."""
        following = Language(())
        following.states = frozenset(
            left for state in self.states for left in step(state, digit)
        )
        return following

    def alive(self):
        """Whether a number can begin so."""
        return bool(self.states)
