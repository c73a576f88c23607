"""Objects for the lifecycle test of the Kubernetes plugin: how each is made, changed and replaced."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

Inputs = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """create: inputs. update/replace: merged over those; drift: a merge patch made by somebody else."""

    token: str
    create: Inputs
    update: Inputs
    replace: Inputs
    drift: Inputs
    drifted: str
    secrets: tuple[str, ...] = ()
    cluster_wide: bool = False


def merged(base: Inputs, over: Inputs) -> Inputs:
    """Return `base` with `over` laid over it."""
    result = copy.deepcopy(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


LABELS = {"app": "x"}
SELECTOR = {"matchLabels": LABELS}
NOTED = {"metadata": {"annotations": {"team": "red"}}}
DRIFT = {"metadata": {"annotations": {"owner": "them"}}}
OWNED = {"metadata": {"annotations": {"owner": "us"}}}


def template(image: str = "ok:1", **more: Any) -> Inputs:
    """Return a Pod template, with amounts and zero values that the API server writes in its own way."""
    container = {
        "name": "c",
        "image": image,
        "resources": {"limits": {"cpu": "1000m", "memory": "0.5Gi"}},
        "env": [{"name": "EMPTY", "value": ""}],
    }
    return {
        "metadata": {"labels": LABELS},
        "spec": {"containers": [container], "hostNetwork": False, "initContainers": [], **more},
    }


CASES = [
    Case(
        token="kubernetes:core/v1:ConfigMap",
        create={"data": {"a": "b"}, **OWNED},
        update=NOTED,
        replace={"data": {"a": "c"}},
        drift={"data": {"a": "theirs"}},
        drifted="data",
    ),
    Case(
        token="kubernetes:core/v1:Secret",
        create={"stringData": {"a": "b"}, **OWNED},
        update=NOTED,
        replace={"stringData": {"a": "c"}},
        drift={"data": {"a": "dGhlaXJz"}},
        drifted="stringData",
        secrets=("data",),
    ),
    Case(
        token="kubernetes:core/v1:ServiceAccount",
        create={"automountServiceAccountToken": False},
        update={"automountServiceAccountToken": True},
        replace={"metadata": {"name": "another"}},
        drift={"automountServiceAccountToken": False},
        drifted="automountServiceAccountToken",
    ),
    Case(
        token="kubernetes:core/v1:Service",
        create={"spec": {"selector": LABELS, "clusterIP": "None", "ports": [{"name": "http", "port": 80}]}},
        update={"spec": {"ports": [{"name": "http", "port": 81}]}},
        replace={"spec": {"clusterIP": "10.99.7.7"}},
        drift={"spec": {"selector": {"app": "y"}}},
        drifted="spec",
    ),
    Case(
        token="kubernetes:core/v1:Pod",
        create={"spec": template()["spec"], **OWNED},
        update=NOTED,
        replace={"spec": template("slow:1")["spec"]},
        drift=DRIFT,
        drifted="metadata",
    ),
    Case(
        token="kubernetes:core/v1:PersistentVolumeClaim",
        create={
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": "lazy",
                "resources": {"requests": {"storage": "1024Mi"}},
            },
            **OWNED,
        },
        update=NOTED,
        replace={"spec": {"accessModes": ["ReadWriteMany"]}},
        drift=DRIFT,
        drifted="metadata",
    ),
    Case(
        token="kubernetes:core/v1:Namespace",
        create=OWNED,
        update=NOTED,
        replace={"metadata": {"name": "another"}},
        drift=DRIFT,
        drifted="metadata",
        cluster_wide=True,
    ),
    Case(
        token="kubernetes:apps/v1:Deployment",
        create={"spec": {"replicas": 2, "selector": SELECTOR, "template": template()}},
        update={"spec": {"template": template("slow:1")}},
        replace={"spec": {"selector": {"matchLabels": {"app": "y"}}}},
        drift={"spec": {"replicas": 3}},
        drifted="spec",
    ),
    Case(
        token="kubernetes:apps/v1:StatefulSet",
        create={
            "spec": {"replicas": 1, "serviceName": "x", "selector": SELECTOR, "template": template()},
        },
        update={"spec": {"replicas": 2}},
        replace={"spec": {"serviceName": "y"}},
        drift={"spec": {"replicas": 0}},
        drifted="spec",
    ),
    Case(
        token="kubernetes:apps/v1:DaemonSet",
        create={"spec": {"selector": SELECTOR, "template": template()}},
        update={"spec": {"template": template("slow:1")}},
        replace={"spec": {"selector": {"matchLabels": {"app": "y"}}}},
        drift={"spec": {"template": {"spec": {"hostNetwork": True}}}},
        drifted="spec",
    ),
    Case(
        token="kubernetes:batch/v1:Job",
        create={"spec": {"template": template("done:1", restartPolicy="Never")}, **OWNED},
        update=NOTED,
        replace={"spec": {"template": template("done:2", restartPolicy="Never")}},
        drift=DRIFT,
        drifted="metadata",
    ),
    Case(
        token="kubernetes:networking.k8s.io/v1:Ingress",
        create={"spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}},
        update={"spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 81}}}}},
        replace={"metadata": {"name": "another"}},
        drift={"spec": {"defaultBackend": {"service": {"port": {"number": 82}}}}},
        drifted="spec",
    ),
    Case(
        token="kubernetes:policy/v1:PodDisruptionBudget",
        create={"spec": {"minAvailable": 1, "selector": SELECTOR}},
        update={"spec": {"minAvailable": "50%"}},
        replace={"metadata": {"name": "another"}},
        drift={"spec": {"minAvailable": 0}},
        drifted="spec",
    ),
    Case(
        token="kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        create={
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            "subjects": [{"kind": "ServiceAccount", "name": "a", "namespace": "default"}],
        },
        update={"subjects": [{"kind": "ServiceAccount", "name": "b", "namespace": "default"}]},
        replace={"roleRef": {"name": "edit"}},
        drift={"subjects": []},
        drifted="subjects",
    ),
    Case(
        token="kubernetes:stable.example.com/v1:CronTab",
        # The garbage collector needs up to 30 s to learn of a new kind, which a deletion in the foreground
        # waits for.
        create={
            "metadata": {"annotations": {"pulumi.com/deletionPropagationPolicy": "background"}},
            "spec": {"cron": "* * * * *", "fixed": "a"},
        },
        update={"spec": {"cron": "1 * * * *"}},
        replace={"spec": {"fixed": "b"}},
        drift={"spec": {"cron": "theirs"}},
        drifted="spec",
    ),
]

DEFINITION = {
    "metadata": {"name": "crontabs.stable.example.com"},
    "spec": {
        "group": "stable.example.com",
        "scope": "Namespaced",
        "names": {"plural": "crontabs", "singular": "crontab", "kind": "CronTab"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "x_kubernetes_preserve_unknown_fields": True,
                                "properties": {
                                    "fixed": {
                                        "type": "string",
                                        "x_kubernetes_validations": [
                                            {"rule": "self == oldSelf", "message": "fixed is immutable"}
                                        ],
                                    }
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}
