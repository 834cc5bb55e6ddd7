"""What «ragnhild doctor» looks at, by subject."""
