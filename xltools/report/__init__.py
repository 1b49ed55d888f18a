"""Write the annual report as a Word document, in the layout of official documents."""
