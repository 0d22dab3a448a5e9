"""What people give: checks with remedies, limits, and names from other libraries."""
