"""Declarative reconciler for Novatrade24 integration organizations in Keycloak.

The way of a run::

    manifests (YAML, git) --load--> DesiredState -+
                                                  +-> plan (pure) -> Plan -> apply -> verify
    Keycloak Admin API --+                        |       |            |        |
    GET /v1/me ----------+- observe -> Snapshot --+       +-> review   journal  +-> nothing left

The layers, which imports point down only (checked by import-linter), and what each package is for:
``docs/architecture.md``.
"""

from reconciler._version import __version__

__all__ = ["__version__"]
