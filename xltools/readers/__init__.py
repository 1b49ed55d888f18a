"""Read files of any format into grids of cells, without knowledge of any form."""
