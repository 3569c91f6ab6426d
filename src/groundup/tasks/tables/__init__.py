"""What tasks on tables have in common: rows to predict, units, the form in the lab."""
