"""Declarative reconciler for Novatrade24 integration organizations in Keycloak.

The way of a run::

    manifests (YAML, git) --load--> DesiredState -+
                                                  +-> plan (pure) -> Plan -> apply -> verify
    Keycloak Admin API --+                        |       |            |        |
    GET /v1/me ----------+- observe -> Snapshot --+       +-> review   journal  +-> nothing left

Imports point down only, and the stages never import each other (checked by import-linter)::

    cli                                             click; parses, calls a use case, prints, exits
    app | adapters | sandbox                        the use cases | the outside world | a server to try it on
    manifest | observe | plan | apply | rotate | diagnose | review    the stages
    kinds                                           one file per kind of resource
    ports                                           what the stages need from the outside world; a file for each part
    integrator                                      tokens for integrators' own programs, and for the adapters
    model                                           frozen values, no I/O
"""

from reconciler._version import __version__

__all__ = ["__version__"]
