"""What laws of schedules share: rules of the library on noise under a schedule, and recursions of the mean square."""
