"""The governance records: people, the board, decision tables, the audit, and what all apps share."""

from .audit import AuditEvent, AuditHead, AuditSeal
from .board import Board, BoardGroupPermission, BoardSeat, BoardUserPermission, Constituency, Delegation
from .evidence import Attachment, StoredFile
from .jobs import Job
from .outbox import MailState, Notice, WebhookDelivery, WebhookEndpoint
from .people import MailWish, Membership, Role, Scope, ServiceAccount, ServiceToken, Team, TeamRole, User, UserKind
from .records import Record
from .requests import IdempotencyRecord, PartHeartbeat
from .tables import DecisionRule, DecisionTable, TableTestCase

__all__ = [
    "Attachment",
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
    "Job",
    "MailState",
    "MailWish",
    "Membership",
    "Notice",
    "PartHeartbeat",
    "Record",
    "Role",
    "Scope",
    "ServiceAccount",
    "ServiceToken",
    "StoredFile",
    "TableTestCase",
    "Team",
    "TeamRole",
    "User",
    "UserKind",
    "WebhookDelivery",
    "WebhookEndpoint",
]
