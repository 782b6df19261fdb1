"""The small tags that every template may use, without loading them: words, times, badges and drawings."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..domain.impacts import impact_sentence
from ..domain.reports import WORDS
from ..web.looks import look_of, record_words, words

register = template.Library()
register.filter("words", words)
register.filter("record_words", record_words)


@register.simple_tag(name="icon")
def draw_icon(name: str, label: str = "", css: str = "") -> SafeString:
    """One drawing of the sprite; with ``label`` it speaks for itself, without one it is decoration."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" {} focusable="false"><use href="{}#{}"></use></svg>',
        css,
        spoken,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def badge(state: Any, label: str = "", title: str = "") -> SafeString:
    """A state as icon and words on a tone: lifecycle, verdict, vote, probe and requirement alike."""
    look = look_of(state)
    hover = format_html(' title="{}"', title) if title else ""
    return format_html(
        '<span class="state tone-{}"{}>{}{}</span>', look.tone, hover, draw_icon(look.icon), label or words(state)
    )


@register.simple_tag
def chip(label: str, status: Any, detail: str = "", rules: str | Iterable[str] = "", title: str = "") -> SafeString:
    """One requirement: who must approve, how it stands in words, and the ids of the rules that ask for it."""
    look = look_of(status)
    cited = rules if isinstance(rules, str) else ", ".join(rules)
    return format_html(
        '<span class="req tone-{}"{}>{}<b>{}</b><span class="req-status">{}{}</span>{}</span>',
        look.tone,
        format_html(' title="{}"', title) if title else "",
        draw_icon(look.icon),
        label,
        words(status),
        f" · {detail}" if detail else "",
        format_html('<span class="req-rules">{}</span>', cited) if cited else "",
    )


@register.simple_tag
def when(moment: dt.datetime | dt.date | None, style: str = "", zone: str = "") -> SafeString:
    """A time in the facility's zone, with UTC on hover; ``style`` is ``date``, ``ago`` or ``exact`` (with seconds)."""
    if moment is None:
        return SafeString('<span class="text-secondary">—</span>')
    if not isinstance(moment, dt.datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), f"{moment.day} {moment:%b %Y}")
    utc = moment.astimezone(dt.UTC)
    local = utc.astimezone(zone_named(zone))
    clock = f"{local:%H:%M:%S}" if style == "exact" else f"{local:%H:%M}"
    day = f"{local.day} {local:%b %Y}"
    shown = {"date": day, "ago": distance(timezone.now() - utc)}.get(style, f"{day}, {clock} {local.tzname()}")
    hover = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', utc.isoformat(timespec="seconds"), hover, shown)


def zone_named(name: str) -> dt.tzinfo:
    if not name:
        return timezone.get_current_timezone()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return dt.UTC


def distance(gone: dt.timedelta) -> str:
    """ "3 h ago", "in 2 d": the largest unit that says it."""
    seconds = abs(gone.total_seconds())
    if seconds < 60:
        return "just now" if gone >= dt.timedelta(0) else "in a moment"
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            said = f"{int(seconds // size)} {unit}"
            return f"{said} ago" if gone > dt.timedelta(0) else f"in {said}"
    return ""


@register.simple_tag
def duration(milliseconds: float | dt.timedelta | None) -> str:
    """A span in the two units that matter: ``350 ms``, ``2.4 s``, ``3 min 20 s``, ``2 h 5 min``, ``3 d 4 h``."""
    if milliseconds is None:
        return "—"
    if isinstance(milliseconds, dt.timedelta):
        milliseconds = milliseconds.total_seconds() * 1000
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms" if milliseconds >= 10 or milliseconds == 0 else f"{milliseconds:.1f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    for (big, size), (small, part) in (
        (("d", 86_400), ("h", 3_600)),
        (("h", 3_600), ("min", 60)),
        (("min", 60), ("s", 1)),
    ):
        if seconds >= size:
            rest = int(seconds % size // part)
            return f"{int(seconds // size)} {big} {rest} {small}" if rest else f"{int(seconds // size)} {big}"
    return ""


@register.simple_tag
def sparkline(values: Sequence[float | None], label: str = "") -> SafeString:
    """A line of values, oldest first, as SVG; ``label`` says it in words. Gaps stay gaps; one value is no line."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    low, high = min(known), max(known)
    span, step = (high - low) or 1, 100 / (len(values) - 1)
    runs: list[list[str]] = [[]]
    for position, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{position * step:.1f},{26 - 24 * (value - low) / span:.1f}")
    lines = format_html_join("", '<polyline points="{}"></polyline>', ((" ".join(run),) for run in runs if run))
    said = label or f"{len(known)} values from {low:g} to {high:g}, now {known[-1]:g}"
    return format_html(
        '<svg class="spark" viewBox="0 0 100 28" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        said,
        lines,
    )


@register.filter
def shown(value: Any) -> str:
    """A stored value as people read it in a diff: nothing is a dash, yes and no are words, structures are JSON."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


#: Steps whose own words do not say it: what people call them.
STEPS = {
    "approvals.agenda_item.note": "Note what was said",
    "approvals.attendance.come": "Come to the meeting",
    "approvals.attendance.leave": "Leave the meeting",
    "approvals.calendar_entry.declare": "Enter in calendar",
    "approvals.change.decide": "Decide on patterns",
    "approvals.change.hold": "Hold change back",
    "approvals.change.vote": "Vote",
    "approvals.meeting.add": "Put on the agenda",
    "approvals.meeting.fill": "Fill the agenda",
    "approvals.meeting.next": "Go on to the next item",
    "approvals.meeting.sign": "Sign the minutes",
    "approvals.meeting.vote": "Vote in the meeting",
    "catalog.interface.apply": "Apply change",
    "catalog.interface.bind": "Bind to environment",
    "catalog.interface.subscribe": "Add consumer",
    "governance.board.appoint": "Appoint to board",
    "governance.delegation.delegate": "Delegate",
    "governance.team.grant": "Grant role to team",
}


@register.filter
def action_words(action: str) -> str:
    """``contracts.version.publish`` as people read it: "Publish version"; ``state_fact`` says its object itself."""
    parts = action.split(".")
    if action in STEPS or len(parts) < 2:
        return STEPS.get(action) or words(action)
    return words(parts[-1] if "_" in parts[-1] else f"{parts[-1]} {parts[-2]}")


@register.filter
def difference_words(aspect: str) -> str:
    """What a draft table says otherwise, in the words of its tab."""
    return WORDS.get(aspect, words(aspect))


@register.filter
def impact_words(table: Any) -> str:
    """The kept impact of a table in one sentence."""
    return impact_sentence(table.impact)


@register.filter
def marked(text: str) -> SafeString:
    """A sentence in which what stands between backquotes is set as code."""
    parts = re.split(r"`+", text)
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", p) if n % 2 else p,) for n, p in enumerate(parts))
    )


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """``mapping[key]``, or nothing: for tables whose columns are data."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""


@register.simple_tag
def url_or_none(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page, or nothing when no app offers it: pages compose by name, never by import."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.inclusion_tag("components/field.html")
def field(bound: Any, hint: str = "", css: str = "") -> dict[str, Any]:
    """A form field with its label, help and error, wired for screen readers."""
    described = [
        f"{bound.id_for_label}_{part}"
        for part, has in (("hint", hint or bound.help_text), ("error", bound.errors))
        if has
    ]
    kind = getattr(bound.field.widget, "input_type", "textarea")
    control = {"checkbox": "form-check-input", "select": "form-select", "radio": "", "file": "form-control"}
    attributes = {"class": " ".join(filter(None, (control.get(kind, "form-control"), bound.errors and "is-invalid")))}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    grouped = kind in ("radio",) or bound.field.widget.__class__.__name__ == "CheckboxSelectMultiple"
    return {
        "bound": bound,
        "widget": bound.as_widget(attrs={} if grouped else attributes),
        "hint": hint or bound.help_text,
        "css": css,
        "checkbox": kind == "checkbox" and not grouped,
        "grouped": grouped,
    }


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any, title: str = "This was not saved") -> dict[str, Any]:
    """The summary above a form that was refused: each sentence leads to its field."""
    listed = [(form[name], sentences) for name, sentences in form.errors.items() if name in form.fields]
    return {"form": form, "listed": listed, "title": title}


@register.inclusion_tag("components/diff.html")
def diff(before: dict[str, Any], after: dict[str, Any], old: str = "Before", new: str = "After") -> dict[str, Any]:
    """What changed, field by field, old beside new; of a record that came to be, only what it began with."""
    names = list(dict.fromkeys([*before, *after]))
    rows = [(name, before.get(name), after.get(name), name in before, name in after) for name in names]
    return {"rows": rows, "old": old if before else "", "new": new}


@register.inclusion_tag("components/timeline.html")
def timeline(events: Iterable[Any], zone: str = "") -> dict[str, Any]:
    """The recorded history of one record: who, for whom, when, through which door, what changed and why."""
    return {"events": list(events), "zone": zone}


@register.inclusion_tag("components/facts.html")
def facts(rows: Any) -> dict[str, Any]:
    """A definition list from pairs or a mapping; a value that is empty is shown as not stated."""
    return {"rows": list(rows.items()) if isinstance(rows, dict) else list(rows)}


@register.inclusion_tag("components/empty.html")
def empty(title: str, hint: str = "", href: str = "", action: str = "", icon: str = "inbox") -> dict[str, Any]:
    """Nothing here, and what to do next."""
    return {"title": title, "hint": hint, "href": href, "action": action, "drawing": icon}


@register.inclusion_tag("components/stat.html")
def stat(
    label: str, value: Any, unit: str = "", note: str = "", state: str = "", href: str = "", values: Any = None
) -> dict[str, Any]:
    """One number that answers a question, with its unit, its state in words, and its line when there is one."""
    return {
        "label": label, "value": value, "unit": unit, "note": note, "state": state, "href": href, "values": values,
    }  # fmt: skip


@register.inclusion_tag("components/progress.html")
def progress(value: float, maximum: float = 100, label: str = "") -> dict[str, Any]:
    """How much of something is done."""
    return {"value": value, "maximum": maximum, "label": label}


@register.inclusion_tag("components/verdict.html")
def verdict_row(
    pattern: Any, verdict: Any, rules: Iterable[str] = (), reasons: Iterable[str] = (), chosen: bool = False
) -> dict[str, Any]:
    """What policy says of one pattern, by which rules, and why; a row of a table with the class ``verdicts``."""
    return {
        "pattern": getattr(pattern, "label", None) or words(pattern),
        "verdict": getattr(verdict, "value", verdict),
        "rules": list(rules),
        "reasons": list(reasons),
        "chosen": chosen,
    }


@register.inclusion_tag("components/spine.html")
def spine(sections: Iterable[Sequence[str]], current: str = "", label: str = "On this page") -> dict[str, Any]:
    """The sections of a long page, each ``(anchor or address, label)`` or with an icon as the third."""
    shown_sections = []
    for target, said, *drawing in sections:
        href = target if target.startswith(("/", "#", "?")) else f"#{target}"
        shown_sections.append((href, said, drawing[0] if drawing else "", target == current))
    return {"sections": shown_sections, "label": label}


@register.inclusion_tag("components/spine.html")
def tabs(sections: Iterable[Sequence[str]], current: str = "", label: str = "Views") -> dict[str, Any]:
    """Views of one thing, each with its own address; ``current`` is the address that is open."""
    return {**spine(sections, current, label), "tabs": True}


@register.inclusion_tag("components/confirm.html", takes_context=True)
def confirm(
    context: Any,
    action: str,
    label: str,
    question: str = "",
    icon: str = "",
    css: str = "",
    reason: str = "",
    yes: str = "",
    **hidden: Any,
) -> dict[str, Any]:
    """A button that posts after a question; ``reason`` labels a text it asks for, further names are hidden fields."""
    return {
        "csrf_token": context.get("csrf_token"), "action": action, "label": label, "question": question,
        "drawing": icon, "css": css or "btn", "reason": reason, "yes": yes or label, "hidden": hidden,
    }  # fmt: skip


@register.inclusion_tag("components/list_filters.html")
def list_filters(page: Any, placeholder: str = "Search", hint: str = "", csv: bool = True) -> dict[str, Any]:
    """The filters of a list as one GET form: the address is the state, so it can be sent to a colleague."""
    return {"page": page, "placeholder": placeholder, "hint": hint, "csv": csv}


@register.inclusion_tag("components/sort_header.html")
def sort_header(page: Any, name: str, label: str, css: str = "") -> dict[str, Any]:
    """The head of a column that sorts the list by address."""
    return {
        "url": page.sort_url(name), "label": label, "css": css, "direction": page.direction(name),
    }  # fmt: skip


@register.inclusion_tag("components/pager.html")
def pager(page: Any, noun: str = "rows") -> dict[str, Any]:
    """Which rows of how many are shown, and the way to the others."""
    return {"page": page, "noun": noun}
