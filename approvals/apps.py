from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"

    def ready(self):
        from governance.domain.proofs import register_proof

        from .domain import class_rules, meeting_rules, rules  # noqa: F401  (they state the app's rules)
        from .domain.minutes import minutes_problems
        from .domain.signing import signature_problems

        register_proof("signatures", signature_problems)
        register_proof("minutes", minutes_problems)
