"""Read documents into a Book: their tables in order, and the prose between them, without knowledge
of any form.

==========================  ====================================================
.docx, .docm, .dotx, .dotm  ``word``: lxml
.doc, .wps, .rtf, .odt      ``office``: LibreOffice first converts it to .docx
.pdf                        ``pdf``: pdfplumber
web page                    ``page``
==========================  ====================================================
"""
