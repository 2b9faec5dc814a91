"""Ask the ERPs what was paid, credited and voided of our documents."""
