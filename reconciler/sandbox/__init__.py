"""A real Keycloak server and the reference platform API on this machine's loopback.

::

    lifecycle      Sandbox: up, down, status; the order of things
      folder       the state folder: what lies where, the state file, the lock
      keycloak     the server's command line and its readiness
        distribution   Keycloak itself, fetched with Maven, checked, built once per user
        java           Java and Maven, found or installed
      api          the platform API as a process of its own
      process      detached processes that are stopped only when they are still ours
      loopback     free ports, and waiting until something answers
      shell        the exports of ``reconciler sandbox env``
    platform/      the reference platform API: an OAuth 2.0 resource server
"""
