"""How people and programs come in, and what keeps others out."""
