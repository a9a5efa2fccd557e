"""The masked form of a line that nobody understands: its wording without anyone's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["LONGEST_TEMPLATE", "MASKS", "masked"]

LONGEST_TEMPLATE = 200
#: RE2 pattern and what stands for it, applied in this order. Rather too much than too little: the
#: rest of a line goes once a name may begin, because names hold blanks and quotes.
MASKS = (
    (r"(?i)\b(?:[0-9a-fx*_]{2}[:-]){5}[0-9a-fx*_]{2}\b", "<mac>"),
    (r"""\B(?:'.*'|".*")""", "<text>"),
    (r"""\B['"].*""", "<text>"),
    (
        r"(?i)\b(?:ssid|identity|user|name|psk|passphrase|password|subject|hostname)[ =:]+[^ <].*",
        "<text>",
    ),
    (r"\S+@\S+", "<address>"),
    (r"(?:/[^\s/:,]+)+/?", "<path>"),
    (r"=[^\s,;()<>\[\]]+", "=<value>"),
    (r"(?i)\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}", "<ip>"),
    (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", "<ip>"),
    (r"(?i)\b(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+\b", "<host>"),
    (r"(?i)\b(?:0x[0-9a-f]+|[0-9a-f]{8,})\b", "<hex>"),
    (r"\d+", "<n>"),
    # C0, C1 and bidirectional controls would reach terminals and reports
    ("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]+", "<control>"),
)


def masked(text: ir.StringValue) -> ir.StringValue:
    """`text` with addresses, numbers, names and control characters replaced, cut in length."""
    for pattern, mask in MASKS:
        text = text.re_replace(pattern, mask)
    return text.left(LONGEST_TEMPLATE)
