"""Documents as lines that know where they stand."""

from contracts.domain.lines import compared, pretty_lines


def test_each_line_carries_the_pointer_of_what_begins_on_it():
    lines = pretty_lines('{"a/b": [1, {"~": {}}]}')
    assert [(line.pointer, line.text.strip()) for line in lines] == [
        ("", "{"), ("/a~1b", '"a/b": ['), ("/a~1b/0", "1,"), ("/a~1b/1", "{"), ("/a~1b/1/~0", '"~": {}'),
        ("/a~1b/1", "}"), ("/a~1b", "]"), ("", "}"),
    ]  # fmt: skip


def test_what_is_no_json_is_printed_as_it_is():
    assert [line.text for line in pretty_lines("<a>\n</a>")] == ["<a>", "</a>"]


def test_findings_stand_on_their_line_and_those_without_one_are_returned():
    def finding(old, new):
        return {"pointer_old": old, "pointer_new": new}

    told = [finding("/gone", None), finding(None, "/new"), finding("/no", "/where")]
    rows, elsewhere, too_long = compared('{"gone": 1, "kept": 2}', '{"kept": 2, "new": 3}', told)
    assert [(row.kind, row.findings) for row in rows] == [
        ("same", []), ("removed", [told[0]]), ("same", []), ("added", [told[1]]), ("same", []),
    ]  # fmt: skip
    assert (elsewhere, too_long) == ([told[2]], False)


def test_documents_that_are_too_long_are_not_laid_out():
    rows, elsewhere, too_long = compared("\n" * 5000, "", [{"rule": "x"}])
    assert (rows, elsewhere, too_long) == ([], [{"rule": "x"}], True)
