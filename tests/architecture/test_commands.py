"""Every command writes its audit row: whoever takes an actor and the time, writes through ``recorded``."""

import ast

from .tree import APPS, modules

#: Take actor and now without deciding anything, each with its reason.
NOT_COMMANDS = {
    "recorded": "it is the audit itself",
    "recorded_each": "it is the audit itself",
    "ask_gate": "answers",
    "ask": "answers",
    "needs_of": "answers",
    "votes_waiting_for": "answers",
    "asked_of": "answers",
    "waiting_on": "answers",
    "inbox_of": "answers",
    "inbox_counts": "answers",
    "inbox_rows": "answers",
    "impact_of_change": "answers",
    "principals_of": "answers",
    "standing_of": "answers",
    "in_anothers_place": "answers",
    "place_of": "answers",
    "override_of": "answers",
    "seats_held": "answers",
    "boards_of": "answers",
    "delegations_of": "answers",
    "errors_of_ask": "answers",
    "expiring_for": "answers",
    "overdue": "answers",
    "scores_seen": "answers",
    "apply_items": "each sort of object has its own recorded command",
    "calendar_between": "answers",
    "changes_between": "answers",
    "conflicts_of": "answers",
    "conflicts_among": "answers",
    "conflicts_of_ask": "answers",
    "window_for": "answers",
    "window_for_ask": "answers",
    "suggest_window": "answers",
    "conclude": "chooses between consequences that are recorded each",
    "export_quarter": "chooses what export_audit_pack exports, which is recorded",
    "export_change": "chooses what export_audit_pack exports, which is recorded",
    "export_interface": "chooses what export_audit_pack exports, which is recorded",
    "escalate_overdue_changes": "calls one recorded escalation for each that is overdue",
    "claim_request": "remembers a request, so that its work is done once; the work itself is recorded",
    "read_all_notices": "the same for all of them",
    "read_notice": "the reader's own mark, which decides nothing and which nobody else sees",
    "record_beat": "a measurement, not a decision",
}


def functions():
    for app in APPS:
        for module in modules(f"{app}/domain"):
            for node in module.tree.body:
                if isinstance(node, ast.FunctionDef):
                    yield module.name, node


def arguments(node):
    return {argument.arg for argument in [*node.args.args, *node.args.kwonlyargs]}


def called(node):
    names = set()
    for child in ast.walk(node):
        if isinstance(child, ast.Call):
            name = child.func
            names.add(name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", ""))
    return names


def test_every_command_records():
    calls = {}
    for _, node in functions():
        calls.setdefault(node.name, set()).update(called(node))
    recording = {name for name, made in calls.items() if made & {"recorded", "recorded_each"}}
    while more := {name for name, made in calls.items() if name not in recording and made & recording}:
        recording |= more
    commands = {
        node.name
        for _, node in functions()
        if {"actor", "now"} <= arguments(node)
        and not node.name.startswith(("check_", "is_", "_"))
        and node.name not in NOT_COMMANDS
    }
    assert sorted(commands - recording) == []


def test_every_command_takes_its_actor_after_the_time():
    wrong = []
    for module, node in functions():
        names = [argument.arg for argument in node.args.kwonlyargs]
        if node.name != "recorded" and {"actor", "now"} <= set(names) and names.index("actor") < names.index("now"):
            wrong.append(f"{module}.{node.name}")
    assert wrong == []


def test_audit_actions_are_app_thing_verb():
    wrong = []
    for module, node in functions():
        for child in ast.walk(node):
            if (
                isinstance(child, ast.Call)
                and getattr(child.func, "id", "") in ("recorded", "recorded_each")
                and child.args
            ):
                action = child.args[0]
                text = action.value if isinstance(action, ast.Constant) else None
                if text is not None and (text.count(".") != 2 or text.split(".")[0] != module.split(".")[0]):
                    wrong.append(f"{module}.{node.name}: {text}")
    assert wrong == []
