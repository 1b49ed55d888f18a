"""Back to the units: what each has to mend, in a workbook of its own and a draft of a mail."""
