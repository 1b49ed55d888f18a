"""What is handed out: the summary workbook, lists, JSON, words for the terminal."""
