"""From a resolved partnership to the plan: pure, the same definitions on the same day give the same bytes."""

from moothall.plan.cross_engine_links import receivers
from moothall.plan.partnership import compile_plan
from moothall.plan.plain import digest, plain

__all__ = ["compile_plan", "digest", "plain", "receivers"]
