"""A plan as one page that stands on its own: no request leaves it, and nothing in it is obeyed."""
