"""What weight decay does in an optimiser of any library: driven as a black box, named, translated."""
