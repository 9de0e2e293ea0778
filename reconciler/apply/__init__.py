"""Make the changes that a plan says, and prove that they took effect. No choice is made here."""
