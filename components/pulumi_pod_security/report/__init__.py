"""What was found, for people and for other programs: as a table, as lines, as JSON and as JUnit's XML."""
