"""The governance records: people, the board, decision tables, the audit, and what all apps share."""

from .audit import AuditEvent, AuditHead, AuditSeal
from .board import Board, BoardGroupPermission, BoardSeat, BoardUserPermission, Constituency, Delegation
from .outbox import Notice
from .people import Membership, Role, Scope, ServiceAccount, ServiceToken, Team, TeamRole, User, UserKind
from .records import Record
from .requests import IdempotencyRecord, PartHeartbeat
from .tables import DecisionRule, DecisionTable

__all__ = [
    "AuditEvent",
    "AuditHead",
    "AuditSeal",
    "Board",
    "BoardGroupPermission",
    "BoardSeat",
    "BoardUserPermission",
    "Constituency",
    "DecisionRule",
    "DecisionTable",
    "Delegation",
    "IdempotencyRecord",
    "Membership",
    "Notice",
    "PartHeartbeat",
    "Record",
    "Role",
    "Scope",
    "ServiceAccount",
    "ServiceToken",
    "Team",
    "TeamRole",
    "User",
    "UserKind",
]
