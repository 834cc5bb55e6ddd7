"""Excel in and out: the template to fill in, the filled-in sheet row by row, and the result beside it."""
