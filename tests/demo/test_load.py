"""The demo is what the stories say, was made by commands in the order of the days, and is made once."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.test import TestCase, override_settings
from django.utils import timezone

from approvals.domain.minutes import minutes_hold, signature_holds
from approvals.domain.requirements import current_requirements
from approvals.models import ChangeRequest, Meeting, Vote, Waiver
from catalog.domain.decisions import assess_interface, current_decision
from catalog.domain.facts import facts_of
from catalog.models import BusinessProcess, Finding, Interface, Subscription, System
from contracts.models import ContractVersion
from demo.load import load
from governance.domain import people, seals
from governance.models import AuditEvent, User
from observability.models import Measurement, Probe, Rollup

pytestmark = pytest.mark.slow
DEMO = Path(__file__).resolve().parents[2] / "demo"
STORIES = {story["key"]: story for story in json.loads((DEMO / "stories" / "facts.json").read_text())}
ACCOUNTS = json.loads((DEMO / "accounts.json").read_text())


def interface(key: str) -> Interface:
    return Interface.objects.with_parties().get(key=key)


class TestLakeshore(TestCase):
    """Loaded once for the class, in its transaction; each test has a savepoint of its own above it."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.var = Path(tempfile.mkdtemp(prefix="demo-"))
        cls.addClassCleanup(shutil.rmtree, cls.var)
        cls.files = {
            "AUDIT_SEAL_KEY_FILE": cls.var / "key.pem",
            "AUDIT_SEAL_EXPORT": cls.var / "seals.jsonl",
            "VAR_DIR": cls.var,
        }
        cls.told = cls.load_again(timezone.now())

    @classmethod
    def load_again(cls, now: dt.datetime) -> list[str]:
        lines: list[str] = []
        with override_settings(**cls.files):
            load(now=now, tell=lines.append)
        return lines

    def test_the_audit_is_sealed_and_proved(self):
        with override_settings(**self.files):
            proved = seals.verify()
        assert (proved.ok, proved.events, proved.seals) == (True, AuditEvent.objects.count(), 1)

    def test_the_heartbeat_senders_know_whom_to_call(self):
        told = json.loads((self.var / "demo_heartbeats.json").read_text())
        assert set(told) == {str(pk) for pk in Probe.objects.filter(kind="heartbeat").values_list("pk", flat=True)}

    def test_loading_says_what_it_loaded(self):
        assert self.told[:4] == ["teams 26", "people 29", "service accounts 2", "board seats 5"]
        assert System.objects.count() == 65
        assert Interface.objects.count() == 58

    def test_a_second_loading_changes_nothing(self):
        before = AuditEvent.objects.count(), Vote.objects.count(), Probe.objects.count()
        self.load_again(timezone.now() + dt.timedelta(days=3))
        assert (AuditEvent.objects.count(), Vote.objects.count(), Probe.objects.count()) == before

    def test_the_audit_reads_in_the_order_of_the_days(self):
        days = list(AuditEvent.objects.order_by("seq").values_list("at", flat=True))
        backwards = [earlier - later for earlier, later in pairwise(days)]
        assert max(backwards, default=dt.timedelta(0)) <= dt.timedelta(hours=1)
        assert max(days) <= timezone.now()

    def test_story_facts_are_those_of_the_stories(self):
        assert {key: facts_of(interface(key)) for key in STORIES} == {
            key: story["facts"] for key, story in STORIES.items()
        }

    def test_story_decisions_are_those_that_the_tables_must_make(self):
        for key, story in STORIES.items():
            found = interface(key)
            assessed, expected = assess_interface(found), story["expect"]
            assert sorted(found.patterns) == sorted(story["chosen"]), key
            assert (assessed.deviation, assessed.decider, assessed.forum) == (
                expected["deviation"], expected["decider"], expected["forum"],
            ), key  # fmt: skip

    def test_story_interfaces_stand_where_the_demo_begins(self):
        states = dict(Interface.objects.filter(key__in=STORIES).values_list("key", "state"))
        elsewhere = {key: state for key, state in states.items() if state != "ACTIVE"}
        assert elsewhere == {"IF-SUR-001": "IN_REVIEW", "IF-SUR-007": "PROPOSED", "IF-ONB-005": "REJECTED"}

    def test_sur_001_waits_for_every_vote(self):
        change = ChangeRequest.objects.get(items__interface__key="IF-SUR-001")
        needs = {need.label: need.status for need in current_requirements(change)}
        assert change.state == "AUTHORIZE"
        assert needs == dict.fromkeys(STORIES["IF-SUR-001"]["expect"]["roles"], "UNSATISFIED")
        assert change.requester.username == "priya"
        assert current_decision(interface("IF-SUR-001")).decided_by.username == "ingrid"

    def test_onb_005_was_rejected_by_securitys_veto(self):
        change = ChangeRequest.objects.get(items__interface__key="IF-ONB-005")
        said = Counter(change.votes.exclude(role="INTERFACE_OWNER").values_list("choice", flat=True))
        last = change.votes.order_by("-at").first()
        assert change.state == "REJECTED"
        assert said == {"APPROVE": 3, "REJECT": 2}
        assert (last.voter.username, last.role, last.choice) == ("sofia", "SECURITY", "REJECT")

    def test_the_board_decided_it_in_a_sitting_whose_minutes_hold(self):
        meeting = Meeting.objects.get(state="SIGNED")
        said = meeting.minutes["agenda"][0]
        assert (said["decision"], said["tally"]["said"], meeting.minutes["seats"]) == (
            "Rejected 3:2, veto SECURITY", "3:2", {"of": 5, "came": 5},
        )  # fmt: skip
        with override_settings(**self.files):
            assert (meeting.signed_by.username, minutes_hold(meeting), signature_holds(meeting)) == (
                "marcus", True, True,
            )  # fmt: skip

    def test_the_next_sitting_has_an_agenda(self):
        meeting = Meeting.objects.get(state="PLANNED")
        items = list(meeting.agenda.select_related("change"))
        assert len(items) >= 5
        assert {item.change.state for item in items} <= {"AUTHORIZE", "REVIEW"}
        assert {item.consent for item in items} == {True, False}

    def test_implant_used_is_published_to_its_four_consumers(self):
        published = ContractVersion.objects.published().get(contract__key="IF-SUR-003")
        consumers = Subscription.objects.filter(interface__key="IF-SUR-003", until__isnull=True)
        assert published.version == "1.4.0"
        assert sorted(consumers.values_list("consumer__key", flat=True)) == [
            "cost-acct", "demand-plan", "erp-inv", "rev-cycle",
        ]  # fmt: skip
        assert all(consumers.values_list("last_traffic_at", flat=True))

    def test_every_state_of_a_change_can_be_seen(self):
        states = Counter(ChangeRequest.objects.values_list("state", flat=True))
        assert set(states) == {"CLOSED", "AUTHORIZE", "ASSESS", "SCHEDULED", "REJECTED", "DETECTED", "REVIEW"}
        assert states["AUTHORIZE"] == 7
        since = timezone.now() - dt.timedelta(days=90)
        assert ChangeRequest.objects.filter(implemented_at__gte=since).count() >= 20

    def test_one_waiver_has_months_to_go_and_one_soon_ends(self):
        held = Waiver.objects.filter(state="ACTIVE").select_related("interface")
        left = {one.interface.key: (one.expires_at - timezone.now()).days for one in held}
        assert set(left) == {"IF-SUP-003", "IF-FIN-001"}
        assert (left["IF-SUP-003"] > 30, 0 < left["IF-FIN-001"] <= 30) == (True, True)
        assert Finding.objects.get(interface__key="IF-SUP-003").state == "WAIVED"

    def test_an_alternate_voted_in_the_members_place(self):
        omar = Vote.objects.filter(voter__username="omar")
        assert set(omar.values_list("on_behalf_of__username", flat=True)) == {"chen"}

    def test_onboarding_has_eight_steps_and_two_checkpoints(self):
        steps = list(BusinessProcess.objects.get(key="employee-onboarding").steps.values_list("order", "checkpoint"))
        assert [order for order, _ in steps] == [1, 2, 3, 4, 5, 6, 7, 8]
        assert [order for order, checkpoint in steps if checkpoint] == [2, 7]

    def test_nothing_was_measured_yet(self):
        assert Counter(Probe.objects.values_list("kind", "state")) == {
            ("http", "UNKNOWN"): 12,
            ("heartbeat", "UNKNOWN"): 2,
        }
        assert (Measurement.objects.count(), Rollup.objects.count()) == (0, 0)

    def test_accounts_sign_in_with_what_is_documented(self):
        listed = {row["username"] for row in ACCOUNTS}
        assert listed == set(User.objects.exclude(kind="CLOCK").exclude(username="AnonymousUser").values_list(
            "username", flat=True
        ))  # fmt: skip
        chen = next(row for row in ACCOUNTS if row["username"] == "chen")
        assert authenticate(username="chen", password=chen["password"]) == User.objects.get(username="chen")

    def test_machines_call_with_the_documented_tokens_and_no_more_than_their_scopes(self):
        now = timezone.now()
        secrets = {row["username"]: row["password"] for row in ACCOUNTS if "token" in row["role"]}
        scopes = {name: people.authenticate_token(secret, now=now).scopes for name, secret in secrets.items()}
        assert scopes == {
            "ci-implants": ["contracts:check", "contracts:write", "gate:read"],
            "estate-telemetry": ["telemetry:write"],
        }
