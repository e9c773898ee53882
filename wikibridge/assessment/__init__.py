"""What came of a period: who took part, what was chosen and done, what it changed, what was learnt. Figures, then words."""
