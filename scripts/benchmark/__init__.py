"""What `make bench` is made of. None of it runs in the product."""
