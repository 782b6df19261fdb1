"""DMN models for tests, as other tools write them, in as few lines as a test wants to read."""

from governance.dmn.xml_import import VERSIONS

MODEL = next(reversed(VERSIONS))


def model(inside: str, *, namespace: str = MODEL, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}\n<definitions xmlns="{namespace}" name="m">\n{inside}\n</definitions>'.encode()


def decision(table: str, *, name: str = "Approval", hit: str = "UNIQUE", more: str = "") -> str:
    return (
        f'<decision name="{name}" id="d">\n<variable name="{name}" typeRef="string"/>\n'
        f'<decisionTable hitPolicy="{hit}"{more}>\n{table}\n</decisionTable>\n</decision>'
    )


def asks(text: str, reference: str = "number", values: str = "") -> str:
    said = f"<inputValues><text>{values}</text></inputValues>" if values else ""
    stated = f'<inputExpression typeRef="{reference}">' if reference else "<inputExpression>"
    return f"<input>{stated}<text>{text}</text></inputExpression>{said}</input>"


def rule(*cells: str, says: str | tuple[str, ...] = '"yes"', head: str = "", notes: tuple[str, ...] = ()) -> str:
    outputs = (says,) if isinstance(says, str) else says
    return (
        f"<rule {head}>"
        + "".join(f"\n<inputEntry><text>{cell}</text></inputEntry>" for cell in cells)
        + "".join(f"\n<outputEntry><text>{value}</text></outputEntry>" for value in outputs)
        + "".join(f"\n<annotationEntry><text>{note}</text></annotationEntry>" for note in notes)
        + "</rule>"
    )


def simple(cell: str = "1", **said: str) -> str:
    """A decision with the input Age and one rule."""
    return decision(f"{asks('Age')}\n<output/>\n{rule(cell)}", **said)
