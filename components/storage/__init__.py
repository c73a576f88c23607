"""Where data is kept: buckets, databases, caches and tables."""

from components.storage.bucket import Bucket, BucketArgs
from components.storage.cache import Cache, CacheArgs
from components.storage.database import Database, DatabaseArgs
from components.storage.login import DatabaseLogin, DatabaseLoginArgs
from components.storage.table import Index, Table, TableArgs

__all__ = [
    "Bucket",
    "BucketArgs",
    "Cache",
    "CacheArgs",
    "Database",
    "DatabaseArgs",
    "DatabaseLogin",
    "DatabaseLoginArgs",
    "Index",
    "Table",
    "TableArgs",
]
