"""Archives and mails to the documents in them, in any nesting."""
