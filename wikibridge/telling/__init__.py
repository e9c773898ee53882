"""Telling people what became of runs: when something fails, once it works again, now and then in sum. docs/telling.md"""
