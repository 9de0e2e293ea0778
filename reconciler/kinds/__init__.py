"""One folder for each kind of resource; what the stages ask of it is in ``base``, and ``registry`` names them all."""
