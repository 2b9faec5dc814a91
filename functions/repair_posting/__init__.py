"""See to a posting that was refused, on a person's word: sent again composed anew, booked by hand, or given up."""
