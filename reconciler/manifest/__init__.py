"""Between text and manifests: load (with lines and columns), write, describe (JSON Schema), report problems."""
