"""The outside world: the only place, but for the sandbox, that speaks HTTP or knows a vendor's library."""
