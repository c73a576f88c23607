"""Job: it has run to its end.

Source: pulumi/pulumi-kubernetes provider/pkg/await/checker/job/check.go @ 94977969d641.
"""

from __future__ import annotations

from localcloud.kubernetes.objects import dig
from localcloud.kubernetes.readiness.verdict import Look, Object, Verdict, condition, told


def job_ready(live: Object, look: Look) -> Verdict:
    """Judge a Job."""
    failed = condition(live, "Failed")
    if failed.get("status") == "True":
        return Verdict(False, told(failed), failed=True)
    if condition(live, "Complete").get("status") == "True":
        return Verdict(True, "the Job is complete")
    if condition(live, "Suspended").get("status") == "True" and dig(live, "spec", "suspend"):
        return Verdict(False, "the Job is suspended")
    status = live.get("status") or {}
    if not status.get("startTime"):
        return Verdict(False, "waiting for the Job to start")
    active, done, bad = (status.get(name, 0) for name in ("active", "succeeded", "failed"))
    return Verdict(False, f"{active} Pods run, {done} have succeeded, {bad} have failed")
