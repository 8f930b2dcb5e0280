"""Ideas: what photos show, in the words of both languages, so that a question finds what was said otherwise."""
