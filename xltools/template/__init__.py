"""Form and unit to a locked workbook; a roster to an outbox of them."""
