"""What the test modules share: documents and archives they build, office programs they drive."""
