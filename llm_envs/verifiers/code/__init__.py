"""Does a program do what it was asked for? It runs in a sandbox; what it did is compared outside of it."""
