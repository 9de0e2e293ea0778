"""One file per kind of resource: how it compares (pure), and the verbs that write it (async, no decisions)."""
