"""The browser's libraries as they ship: the few files in use, and the icons that pages name, in one place.

Pages are served under ``default-src 'self'``: nothing here loads an asset from anywhere else, and icons are
drawn by ``<svg><use href="icons.svg#NAME">``, which needs no style attribute.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

FILES = (
    "@tabler/core/dist/css/tabler.min.css",
    "htmx.org/dist/htmx.min.js",
    "echarts/dist/echarts.min.js",
)
SPRITE = "icons.svg"
DRAWING = {"viewBox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"}
SVG = "http://www.w3.org/2000/svg"
NAMED_ICON = re.compile(r"""(?:\{%\s*icon\s+|\bicon=|["']icon["']:\s*)["']([a-z0-9][a-z0-9-]*)["']""")
QUOTED_WORD = re.compile(r"""["']([a-z0-9][a-z0-9-]*)["']""")
OUTSIDE = re.compile(r"""@import|url\((?!\s*["']?(?:data:|#))""")
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*")


class BrowserFileMissing(Exception):
    """A library or an icon that pages rely on is not there; the sentence says which and what to do."""


class LoadsFromOutside(Exception):
    """A style sheet asks for another file, which the content security policy would refuse."""


def icons_named(sources: Iterable[Path], icons: Path) -> set[str]:
    """The icons that pages name: ``{% icon "plus" %}``, ``icon="plus"``, ``"icon": "plus"``.

    An icon also travels as a plain value to the tag that draws it: a quoted word that is an icon's name counts.
    """
    texts = [source.read_text(encoding="utf-8") for source in sources]
    named = {name for text in texts for name in NAMED_ICON.findall(text)}
    words = {word for text in texts for word in QUOTED_WORD.findall(text)}
    return named | {word for word in words if drawing_of(word, icons).exists()}


def drawing_of(name: str, icons: Path) -> Path:
    """Where the package keeps an icon; a name that ends in ``-filled`` is among the filled ones."""
    style = "filled" if name.endswith("-filled") else "outline"
    return icons / style / f"{name.removesuffix('-filled')}.svg"


def sprite(names: Iterable[str], icons: Path) -> str:
    """One SVG file with a symbol for each name, in the order of the alphabet. Raises BrowserFileMissing."""
    symbols = []
    for name in sorted(set(names)):
        path = drawing_of(name, icons)
        if not path.exists():
            raise BrowserFileMissing(f"A page names the icon {name!r}, and @tabler/icons has no such icon.")
        drawn = ElementTree.parse(path).getroot()  # noqa: S314 - from the package whose hash the lock file pins
        shapes = "".join(
            ElementTree.tostring(shape, encoding="unicode").strip()
            for shape in drawn
            if shape.get("d") != "M0 0h24v24H0z"  # the invisible square that every icon carries
        )
        drawing = " ".join(f'{key}="{value}"' for key, value in drawn.items() if key in DRAWING)
        symbols.append(f'<symbol id="{name}" {drawing}>{shapes}</symbol>')
    body = "\n".join(symbols).replace(f' xmlns:ns0="{SVG}"', "").replace("ns0:", "")
    return f'<svg xmlns="{SVG}">\n{body}\n</svg>\n'


def collect(node_modules: Path, sources: Iterable[Path], target: Path) -> list[str]:
    """Put the files in use and the sprite into ``target``; returns the names of those that changed.

    References to source maps are cut off: the maps are not served. Files of earlier versions are removed.
    Raises BrowserFileMissing, and LoadsFromOutside when a style sheet would load another file.
    """
    made = {}
    for name in FILES:
        path = node_modules / name
        if not path.exists():
            raise BrowserFileMissing(f"{path} is not there: run 'make run' or 'make test', which install it.")
        text = SOURCE_MAP.sub("", path.read_text(encoding="utf-8"))
        if path.suffix == ".css" and OUTSIDE.search(text):
            raise LoadsFromOutside(f"{path} loads another file: leave that part out before it is served.")
        made[path.name] = text
    icons = node_modules / "@tabler" / "icons" / "icons"
    made[SPRITE] = sprite(icons_named(sources, icons), icons)
    made["versions.json"] = json.dumps(versions(node_modules), indent=1)
    target.mkdir(parents=True, exist_ok=True)
    for stale in {path.name for path in target.iterdir()} - made.keys():
        (target / stale).unlink()
    changed = []
    for name, text in made.items():
        path = target / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


def versions(node_modules: Path) -> dict[str, str]:
    """Which version of each library is served, for whoever reads a page's files."""
    packages = ("@tabler/core", "@tabler/icons", "htmx.org", "echarts")
    return {name: json.loads((node_modules / name / "package.json").read_text())["version"] for name in packages}
