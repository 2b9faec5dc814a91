"""Write a stored catalogue as a version of master data and make it the one that is read."""
