"""What networks that draw waves value by value share: conditions from a plan, the choice of a class."""
