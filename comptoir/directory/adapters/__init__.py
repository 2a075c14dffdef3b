"""What the library of OpenID calls, and its endpoints behind our door."""
