"""The cast of the tests: who there is, in which team, with which roles. Made by the commands that people use."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from catalog.domain.places import found_domain
from catalog.models import Domain, DomainKey
from governance.domain import board, people
from governance.models import Board, Constituency, Role, ServiceAccount, Team, User

PLAYED = {
    "ada": ("architects", Role.ARCHITECT),
    "abe": ("integration-owners", Role.INTERFACE_OWNER),
    "bo": ("clinical-it", Role.BOARD_MEMBER),
    "cy": ("erp", Role.BOARD_MEMBER),
    "di": ("security-board", Role.BOARD_MEMBER),
    "ed": ("data-governance", Role.BOARD_MEMBER),
    "fay": ("operations-board", Role.BOARD_MEMBER),
    "gus": ("audit", Role.AUDITOR),
    "hal": ("pipelines", Role.CI),
    "ivy": ("executives", Role.EXECUTIVE),
    "jo": ("design-authority", Role.DESIGN_AUTHORITY),
    "kai": ("domain-architects", Role.DOMAIN_ARCHITECT),
    "lou": ("stewards", Role.STEWARD),
    "max": ("change-management", Role.CHANGE_MANAGER),
    "nia": ("emergency-approvers", Role.EMERGENCY_APPROVER),
    "oz": ("operators", Role.OPERATOR),
    "pam": ("security", Role.SECURITY_OFFICER),
    "quinn": ("platform", Role.PLATFORM_ADMIN),
    "rae": ("clinical-it", Role.BOARD_MEMBER),
    "sam": ("consumer-one", Role.INTERFACE_OWNER),
    "tess": ("consumer-two", Role.INTERFACE_OWNER),
    "uma": ("viewers", Role.VIEWER),
    "eve": (None, None),
}
#: Everybody's password: theirs to sign in and to sign votes with.
PASSWORD = "correct-horse-battery"
SEATS = {
    Constituency.CLINICAL_IT: ("bo", "rae"),
    Constituency.ERP: ("cy", None),
    Constituency.SECURITY: ("di", None),
    Constituency.DATA_GOVERNANCE: ("ed", None),
    Constituency.OPERATIONS: ("fay", None),
}


SEES, PROPOSES, DECIDES = "catalog.see_interfaces", "catalog.propose_interfaces", "catalog.decide_patterns"
DESIGNED = ("CLINICAL", "INTEGRATION", "ERP", "REVENUE", "SAAS", "WORKFORCE", "IDENTITY")
#: What teams may do in which domains; ANALYTICS and EXTERNAL are open to nobody.
GRANTS = {
    "architects": (DESIGNED, (SEES, PROPOSES)),
    "domain-architects": (DESIGNED, (SEES, DECIDES)),
    "integration-owners": (("CLINICAL", "INTEGRATION", "ERP"), (SEES,)),
    "stewards": (DESIGNED, (SEES,)),
    "consumer-one": (("ERP",), (SEES,)),
    "consumer-two": (("REVENUE",), (SEES,)),
    "viewers": (("CLINICAL",), (SEES,)),
}


@dataclass
class Cast:
    """Makes each member when first asked for: ``cast("ada")``, ``cast.team("architects")``, ``cast.board()``."""

    now: dt.datetime
    clock: User
    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)

    def __call__(self, name: str) -> User:
        if name not in self.users:
            self.users[name] = self.clock if name == "system" else self.make(name)
        return self.users[name]

    def make(self, name: str) -> User:
        key, role = PLAYED[name]
        user = self.machine(name) if role == Role.CI else self.person(name)
        if key:
            people.join_team(self.team(key, role), user=user, now=self.now, actor=self.clock)
        return user

    def person(self, name: str) -> User:
        return people.register_person(name, name=name.capitalize(), password=PASSWORD, now=self.now, actor=self.clock)

    def machine(self, name: str) -> User:
        purpose = "Checks contracts in the pipeline"
        return people.open_service_account(
            name, name=name.capitalize(), purpose=purpose, responsible=self("abe"), now=self.now, actor=self.clock
        ).user

    def team(self, key: str, role: str | None = None) -> Team:
        """The team by its key; made with the role that its member plays."""
        if key not in self.teams:
            role = role or next((role for played, role in PLAYED.values() if played == key), None)
            self.teams[key] = people.found_team(
                key, name=key.replace("-", " ").capitalize(), roles=(role,) if role else (),
                now=self.now, actor=self.clock,
            )  # fmt: skip
            self.grant_containers(self.teams[key])
        return self.teams[key]

    def domains(self) -> dict[str, Domain]:
        """The nine domains by key, with the teams' rights on them; founded when first asked for."""
        present = {domain.key: domain for domain in Domain.objects.all()}
        if present:
            return present
        for key, name in DomainKey.choices:
            present[key] = found_domain(key, name=name, now=self.now, actor=self.clock)
        for team in self.teams.values():
            self.grant_containers(team)
        return present

    def grant_containers(self, team: Team) -> None:
        """The team's rights on the domains, once both are there."""
        keys, permissions = GRANTS.get(team.key, ((), ()))
        for domain in Domain.objects.filter(key__in=keys):
            people.grant_container(team, container=domain, permissions=permissions, now=self.now, actor=self.clock)

    def board(self) -> Board:
        """The integration governance board with its five seats."""
        present = Board.objects.filter(key="igb").first()
        if present:
            return present
        made = board.found_board("igb", name="Integration governance board", now=self.now, actor=self.clock)
        for constituency, (member, alternate) in SEATS.items():
            stand_in = self(alternate) if alternate else None
            board.appoint_seat(
                made, constituency=constituency, member=self(member), alternate=stand_in,
                now=self.now, actor=self.clock,
            )  # fmt: skip
        return made

    def token(self, *scopes: str, now: dt.datetime, life: dt.timedelta = dt.timedelta(days=30)) -> str:
        """A secret of hal's, live from the real now on: the API's door asks the real clock."""
        account = ServiceAccount.objects.get(user=self("hal"))
        return people.issue_token(
            account, name="pipeline", scopes=scopes, expires_at=now + life, now=now, actor=self.clock
        )[1]
