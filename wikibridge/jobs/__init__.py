"""Kinds of jobs, and the runner. A job is a function from the mirror to wanted pages; it never writes."""
