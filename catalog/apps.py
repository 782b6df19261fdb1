from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self):
        from governance.domain.jobs import register_follower, register_work
        from governance.domain.measures import register_impact, register_replay
        from governance.domain.tables import TABLE_REPLACED

        from .domain import impacts, reevaluating, rules  # noqa: F401  (rules states the app's rules)

        register_impact("interfaces", impacts.IMPACT)
        register_replay("decisions", impacts.REPLAY)
        register_work(reevaluating.REEVALUATION, reevaluating.reevaluate)
        register_follower(TABLE_REPLACED, reevaluating.REEVALUATION, "Judge interfaces under the new table")
