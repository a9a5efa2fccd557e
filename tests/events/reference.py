"""The same grammar tables in plain Python: slow, obvious, and written without the engine's ways."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wifitrain.events.heads import AFTER_INTERFACE, INTERFACE, WRAPPING
from wifitrain.events.rows import Rule, event_names, fields, module_names, rules
from wifitrain.events.templates import LONGEST_TEMPLATE, MASKS

MODULES = ("IEEE 802.11", "IEEE 802.1X", "RADIUS", "WPA", "DRIVER", "MLME")
INTEGERS = {
    *("reason_code", "status_code", "signal_dbm", "noise_dbm", "tx_rate_kbps"),
    *("frequency_mhz", "channel"),
}
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


def understand(message: str, hint: str | None = None) -> Mapping[str, object]:
    """Event, category and every value of a WiFi program's line; nothing pseudonymised."""
    interface, station, text = split(message, hint)
    rule = best_rule(text)
    name = rule.event if rule else "unknown"
    found: dict[str, object] = {
        "interface": interface,
        "event": name,
        "category": event_names()[name],
        "template": None if rule else mask(text),
    }
    for field in fields().values():
        found.setdefault(field.column, None)
    for field_name in rule.fields if rule else ():
        field = fields()[field_name]
        match = re.search(field.pattern, text, re.ASCII)
        if match and match[1]:
            found[field.column] = value(field.column, match[1])
    found["station"] = station or found["station"]
    for column in ("station", "bssid"):
        found[column] = address(found[column])
    local = found["station"]
    found["station_is_local"] = None if local is None else bool(int(str(local)[1], 16) & 2)
    return found


def split(message: str, hint: str | None) -> tuple[str | None, str | None, str]:
    """Interface, word behind STA, and text."""
    named = re.match(r"IFNAME=(\S+) ", message)
    hint = named[1] if named else hint
    line = re.sub(WRAPPING, "", message, count=1)
    name, colon, rest = line.partition(": ")
    if not (colon and is_interface(name, rest)):
        name, rest = hint, line  # type: ignore[assignment]
    if rest.startswith("STA "):
        after = rest[4:]
        stop = {"[": "] ", "<": "> "}.get(after[:1], " ")
        blank = after.find(stop) + len(stop) - 1
        if blank > 0:
            return name, after[:blank].lower(), after[blank + 1 :]
    for module in MODULES:
        if rest.startswith(module + " "):
            rest = f"{module}:{rest[len(module) :]}"
            break
    return name, None, rest


def is_interface(name: str, rest: str) -> bool:
    """Whether `name: ` in front of `rest` is an interface and not a module or a sentence."""
    if not 1 <= len(name) <= 15 or name in module_names() or not re.match(INTERFACE, name):
        return False
    plain = "a" <= name[0] <= "z" and " " not in name
    return plain or rest.startswith(AFTER_INTERFACE)


def best_rule(text: str) -> Rule | None:
    """Tries every row."""
    matching = [rule for rule in rules() if matches(rule, text)]
    return max(matching, key=lambda rule: rule.specificity, default=None)


def matches(rule: Rule, text: str) -> bool:
    """Whether the row understands the text."""
    begins = text == rule.literal if rule.equals else text.startswith(rule.literal)
    return begins and (rule.where is None or bool(re.search(rule.where, text, re.ASCII)))


def value(column: str, text: str) -> object:
    """The value of a column as its type."""
    if column in INTEGERS:
        number = int(text)
        if column in {"signal_dbm", "noise_dbm"} and abs(number) >= 9999:
            return None
        return number if column == "tx_rate_kbps" or abs(number) < 2**31 else None
    return shown(text) if column == "ssid" else text.lower()


def shown(name: str) -> str:
    """A network's name as it leaves the room: what nobody can see is written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def address(text: object) -> str | None:
    """`text` if it is the address of somebody."""
    nobody = text in {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"}
    return str(text) if text is not None and MAC.fullmatch(str(text)) and not nobody else None


def mask(text: str) -> str:
    """The template of a line that nothing understands."""
    for pattern, replacement in MASKS:
        text = re.sub(pattern, replacement, text, flags=re.ASCII)
    return text[:LONGEST_TEMPLATE]
