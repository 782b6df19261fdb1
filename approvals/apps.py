from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"

    def ready(self):
        from governance.domain.measures import register_impact, register_replay
        from governance.domain.proofs import register_proof

        from .domain import class_rules, impacts, meeting_rules, rules, waiver_rules  # noqa: F401  (they state the app's rules)
        from .domain.kinds import registered  # noqa: F401  (and what a change may carry)
        from .domain.minutes import minutes_problems
        from .domain.signing import signature_problems

        register_proof("signatures", signature_problems)
        register_proof("minutes", minutes_problems)
        register_impact("changes", impacts.IMPACT)
        register_replay("changes", impacts.REPLAY)
