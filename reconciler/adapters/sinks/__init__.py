"""Where secrets are delivered to: one file per sort of sink."""
