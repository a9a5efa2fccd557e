"""Patterns as RE2 reads them, written for Java, which means other things by the same signs."""

from __future__ import annotations

import re

__all__ = ["java_pattern"]

#: In Java 17 a word ends by Unicode's rules, a blank may be a vertical tab, and `$` stands before a
#: final line break as well.
_IN_JAVA = {
    r"\b": r"(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))",
    r"\B": r"(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))",
    r"\s": r"[\t\n\f\r ]",
    r"\S": r"[^\t\n\f\r ]",
    "$": r"\z",
}
_IN_A_CLASS = {r"\s": r"\t\n\f\r "}
#: Where case does not matter, RE2 knows a long s and the sign of Kelvin; Java does not, or it takes
#: a Turkish I as well.
_ANY_CASE = {"s": r"[s\x{17f}]", "k": r"[k\x{212a}]"}
_ANY_CASE_IN_A_CLASS = {"a-z": r"a-z\x{17f}\x{212a}"}
_SIGN = re.compile(r"\\.|\(\?i\)|\$|\[\^?\]?|\]|a-z|[^\\]", re.DOTALL)


def java_pattern(pattern: str) -> str:
    r"""`pattern` of RE2 for Java: only ``\n`` ends a line, words and blanks are of ASCII.

    Understands what the grammars are written in: no nested classes, no ``\S`` inside of one, no
    multi-line mode, ``(?i)`` at the beginning and then lower case.
    """
    any_case = pattern.startswith("(?i)")
    outside = {**_IN_JAVA, **(_ANY_CASE if any_case else {})}
    inside = {**_IN_A_CLASS, **(_ANY_CASE_IN_A_CLASS if any_case else {})}
    written, in_class = ["(?d)"], False
    for sign in _SIGN.findall(pattern):
        if in_class:
            in_class = sign != "]"
            written.append(inside.get(sign, sign))
        else:
            in_class = sign.startswith("[")
            written.append(outside.get(sign, sign))
    return "".join(written)
