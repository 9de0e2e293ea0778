"""Run the platform API: ``python -m reconciler.sandbox.platform --help``."""

from reconciler.sandbox.platform.serve import main

main()
