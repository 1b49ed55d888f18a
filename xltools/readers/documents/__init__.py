"""Documents to a book: their tables in order, and the prose between them; no form is known here.

==========================  ====================================================
.docx, .docm, .dotx, .dotm  ``word``: lxml
.doc, .wps, .rtf, .odt      ``office``: LibreOffice makes a .docx of it first
.pdf                        ``pdf``: pdfplumber
web page                    ``page``
==========================  ====================================================
"""
