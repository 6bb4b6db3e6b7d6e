"""Compare losses on one network and one budget: data, runs that resume, tables and pictures."""
