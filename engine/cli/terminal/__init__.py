"""What commands share: printing, progress bars, and fetching what only training needs."""
