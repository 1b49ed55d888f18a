"""Find the documents in archives and mails, however nested."""
