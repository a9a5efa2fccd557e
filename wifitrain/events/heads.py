"""What stands before the message proper: console levels, interface, station, logger module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.events.rows import module_names

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["strip_heads"]

_LONGEST_INTERFACE = 15
_LOGGER_MODULES = ("IEEE 802.11", "IEEE 802.1X", "RADIUS", "WPA", "DRIVER", "MLME")
#: Levels of `wpa_cli`, times of `-t` and of test benches, wlceventd's own function name.
WRAPPING = (
    r"^(?:IFNAME=\S+ )?(?:<\d+>)?(?:\d{9,11}\.\d{6}: |\[\d\d:\d\d:\d\d\.\d+\] )?"
    r"(?:wlceventd\w*(?:\(\d+\))?: )?"
)
_WRAPPED_FIRST = ("<", "[", *"0123456789")
INTERFACE = r"^[A-Za-z0-9][A-Za-z0-9 ._+@-]*$"
#: Texts that follow an interface only: they let its name hold blanks (`Internet 5 GHz`).
AFTER_INTERFACE = (
    *("STA ", "AP-", "CTRL-EVENT-", "EAPOL-4WAY", "IEEE 802.1", "RADIUS ", "WPA ", "WPS-"),
    *("ACS-", "DFS-", "INTERFACE-", "STA-OPMODE-", "BSS-TM-", "interface state "),
)


def strip_heads(lines: ir.Table) -> ir.Table:
    """`lines` with columns `interface`, `head_station` and `text`; needs `line` and a hint.

    `line` is the message of a WiFi program, `interface_hint` what its tag said. `head_station` is
    the word after ``STA``, in lower case; `text` begins with the module of the logger or with the
    message. Shapes: src/ap/hostapd.c (hostapd_logger_cb) and wpa_debug.c of hostap.
    """
    return _split_station(_split_interface(_unwrap(lines)))


def _unwrap(lines: ir.Table) -> ir.Table:
    import ibis

    line = lines.line
    named = line.startswith("IFNAME=")
    wrapped = ibis.cases(
        (line.startswith("wlceventd"), True),
        (line >= "a", False),
        else_=named | line.left(1).isin(_WRAPPED_FIRST),
    )
    return lines.mutate(
        line=ibis.ifelse(wrapped, line.re_replace(WRAPPING, ""), line),
        interface_hint=ibis.ifelse(
            named, line.re_extract(r"^IFNAME=(\S+) ", 1), lines.interface_hint
        ),
    )


def _split_interface(lines: ir.Table) -> ir.Table:
    import ibis

    lines = lines.mutate(colon=lines.line.find(": "))
    lines = lines.mutate(
        candidate=ibis.ifelse(
            lines.colon.between(1, _LONGEST_INTERFACE), lines.line.left(lines.colon), ""
        ),
        rest=lines.line.substr(lines.colon + 2),
    )
    # Cases, because the engine asks every line each question of an `and`.
    is_interface = ibis.cases(
        (lines.candidate == "", False),
        (lines.candidate.isin(module_names()), False),
        (_looks_like_interface(lines.candidate), lines.candidate.re_search(INTERFACE)),
        (_begins_with(lines.rest, AFTER_INTERFACE), lines.candidate.re_search(INTERFACE)),
        else_=False,
    )
    return lines.mutate(is_interface=is_interface).mutate(
        interface=lambda t: ibis.ifelse(t.is_interface, t.candidate, t.interface_hint),
        body=lambda t: ibis.ifelse(t.is_interface, t.rest, t.line),
    )


def _looks_like_interface(name: ir.StringValue) -> ir.BooleanValue:
    return (name >= "a") & (name < "{") & ~name.contains(" ")


def _begins_with(text: ir.StringValue, words: tuple[str, ...]) -> ir.BooleanValue:
    import ibis

    return ibis.or_(*(text.startswith(word) for word in words))


def _split_station(lines: ir.Table) -> ir.Table:
    import ibis

    begins = lines.body.startswith("STA ")
    lines = lines.mutate(after=ibis.ifelse(begins, lines.body.substr(4), ""))
    lines = lines.mutate(blank=ibis.ifelse(lines.after == "", -1, _end_of_station(lines.after)))
    lines = lines.mutate(of_station=lines.blank > 0)
    return lines.mutate(
        head_station=ibis.ifelse(
            lines.of_station, lines.after.left(lines.blank).lower(), ibis.null("string")
        ),
        text=ibis.ifelse(
            lines.of_station, lines.after.substr(lines.blank + 1), _with_colon(lines.body)
        ),
    )


def _end_of_station(after: ir.StringValue) -> ir.IntegerValue:
    """Where the word behind STA ends; people who mask it write `[redacted by me]`."""
    import ibis

    return ibis.cases(
        (after.startswith("["), after.find("] ") + 1),
        (after.startswith("<"), after.find("> ") + 1),
        else_=after.find(" "),
    )


def _with_colon(body: ir.StringValue) -> ir.StringValue:
    """Without a station hostapd writes `WPA rekeying GTK`, with one `WPA: rekeying GTK`."""
    import ibis

    return ibis.cases(
        (body >= "a", body),
        *(
            (body.startswith(f"{module} "), ibis.literal(f"{module}:") + body.substr(len(module)))
            for module in _LOGGER_MODULES
        ),
        else_=body,
    )
