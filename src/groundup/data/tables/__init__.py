"""Tables: CSV, TSV and Parquet files, their columns, and the sums that regression needs."""
