"""Learn from, embed and judge tables larger than memory: Parquet or CSV in, encoder folder or Parquet out."""
