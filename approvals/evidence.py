"""The kinds of evidence that table T4 may demand, and where each comes from: computed, given, or stated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """GIVEN: a file or a link. STATED: somebody's word, too. COMPUTED: from the record, and never typed."""

    GIVEN = "GIVEN"
    STATED = "STATED"
    COMPUTED = "COMPUTED"


class Form(StrEnum):
    """What one piece of evidence is."""

    FILE = "FILE"
    LINK = "LINK"
    STATEMENT = "STATEMENT"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of evidence: its key in the tables, what people call it, and where it comes from."""

    key: str
    label: str
    source: Source = Source.GIVEN

    @property
    def computed(self) -> bool:
        return self.source is Source.COMPUTED


_GIVEN = {
    "archive_location": "Where its messages are archived",
    "baa_on_file": "Business associate agreement",
    "backout_plan": "Backout plan",
    "cost_of_ownership": "Cost of ownership",
    "downtime_procedure": "Downtime procedure",
    "encryption_control": "Encryption control",
    "exit_plan": "Exit plan",
    "migration_plan": "Migration plan",
    "option_comparison": "Comparison of options",
    "parallel_run_plan": "Plan of the parallel run",
    "phi_minimum_necessary": "PHI: minimum necessary",
    "reconciliation_test": "Reconciliation test",
    "resilience_test": "Resilience test",
    "segregation_of_duties_check": "Check of segregated duties",
    "steward_agreement": "The steward's agreement",
    "test_evidence": "Test report",
}
_STATED = {
    "blackout_justification": "Why it cannot wait for the freeze's end",
    "compensating_control": "Compensating control",
    "incident_ref": "Incident",
    "patient_safety_statement": "Patient safety statement",
    "remediation_date": "Date of remediation",
    "waiver_request": "Request for a waiver",
}
_COMPUTED = {
    "automated_checks_pass": "Automated checks",
    "checks_passed": "Checks of policy and contract",
    "consumer_acks": "The consumers' acknowledgements",
    "discrepancy_review": "Review of what was found",
    "impact_list": "Impact list",
    "impact_report": "Impact report",
    "template_match": "Fit to the template",
    "traffic": "Traffic",
    "zero_traffic_30d": "No traffic for 30 days",
}
KINDS = {
    key: Kind(key, label, source)
    for source, labels in ((Source.GIVEN, _GIVEN), (Source.STATED, _STATED), (Source.COMPUTED, _COMPUTED))
    for key, label in labels.items()
}


def kind_of(key: str) -> Kind:
    """A kind that a board has put into its table since is given as a file or a link."""
    return KINDS.get(key) or Kind(key, key.replace("_", " ").capitalize())
