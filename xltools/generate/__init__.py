"""Form and unit to a locked workbook: ``template.build`` makes one, ``batch`` a whole outbox."""
